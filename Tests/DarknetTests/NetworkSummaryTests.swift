import Compute
import Darknet
import Detection
import Foundation
import Layers
import Networks
import TestSupport
import Testing

@Suite struct NetworkSummaryTests {
  @Test func table() throws {
    let text = try NetworkSummary(build(tinyNetwork), batch: 2).text
    #expect(
      text == """
        layer                 filters  size                           input                output     \
        BFLOPs  cfg line
           0 conv                   4  3x3/2                32 x  32 x    3 ->    16 x  16 x    4     \
                       6
           1 conv                   6  1x1/1 groups 2       16 x  16 x    4 ->    16 x  16 x    6     \
                      13
           2 conv                  14  1x1/1                16 x  16 x    6 ->    16 x  16 x   14     \
                      20
           3 yolo                      anchors 0 1          16 x  16 x   14 ->    16 x  16 x   14     \
                      24
        Total: 0.000 BFLOPs, 246 parameters, 1 004 bytes of weights, 0.0 MiB of activations per image
        Memory for 2 images: inference 0.1 MiB, training 0.1 MiB (planned, without the loader and a \
        small workspace; parameters twice or three times: 0.0 MiB each)

        """)
  }

  @Test func sums() throws {
    let url = packageRoot.appending(path: "Models/yolov3-tiny.cfg")
    let summary = try NetworkSummary(NetworkBuilder.build(ConfigurationFile(contentsOf: url)))
    // Darknet prints 5.571 for the sum and 0.150 for the first layer.
    #expect(abs(summary.bflops - 5.571) < 0.01)
    #expect(abs(summary.layers[0].bflops - 0.1495) < 0.0005)
    #expect(summary.weightsBytes == 35_434_956)
    #expect(summary.layers[19].size == "2x" && summary.layers[20].size == "19 8")
    #expect(summary.layers[16].size == "anchors 3 4 5")
  }

  @Test func json() throws {
    let data = try JSONEncoder().encode(NetworkSummary(build(tinyNetwork)))
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["parameters"] as? Int == 246)
    #expect(object["activationBytes"] as? Int == 4 * 256 * (4 + 6 + 14 + 14))
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers.count == 4)
    #expect(layers[1]["size"] as? String == "1x1/1 groups 2")
    #expect(layers[1]["input"] as? [Int] == [16, 16, 4])
  }

  @Test func plannedMemoryIsThatOfThePlans() throws {
    let file = try parse(tinyNetwork)
    let definition = try NetworkBuilder.build(file)
    let network = Network(
      definition, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    let memory = try NetworkMemory(
      network.nodes, outputs: network.outputs, input: network.inputShape(batch: 3))
    for (mode, bytes) in [
      (Mode.inference, memory.inferencePlanBytes), (.training, memory.trainingPlanBytes),
    ] {
      let plan = try network.makePlan(input: network.inputShape(batch: 3), mode: mode)
      #expect(plan.arenaBytes == bytes)
    }
    #expect(memory.inputBytes == 4 * 3 * 32 * 32 * 3)
    #expect(memory.parameterBytes == 4 * 246)
    #expect(memory.trainingPlanBytes > memory.inferencePlanBytes)
  }

  @Test func observersSeeEveryLayerOnce() throws {
    let file = try parse(tinyNetwork)
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    let plan = try network.makePlan(input: network.inputShape(batch: 1), mode: .training)
    var order: [Int] = []
    plan.forward { order.append($0) }
    plan.backward { order.append($0) }
    #expect(order == [0, 1, 2, 3, 3, 2, 1, 0])
  }

  @Test func inputMustSuitTheHeads() throws {
    let network = try Network(
      try parse(tinyNetwork), backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    let error = NetworkError.input(
      file: "x.cfg", line: 24,
      reason: "an input width of 33 is not a multiple of 2, the stride of [yolo]; 34 is")
    #expect(throws: error) {
      try network.makePlan(input: network.inputShape(batch: 1, width: 33), mode: .inference)
    }
    _ = try network.makePlan(input: network.inputShape(batch: 1, width: 34), mode: .inference)
  }

  @Test func anchorsInPixels() throws {
    let yolo = try build(tinyNetwork)
    #expect(yolo.anchorUnit == 1 && yolo.anchors.count == 2)
    #expect(
      ConfigurationFile.anchorList([
        AnchorBox(width: 10, height: 13.24).roundedToTenths(),
        AnchorBox(width: 16, height: 0.01).roundedToTenths(unit: 2),
      ]) == "10,13.2,  8,0.1")
  }
}
