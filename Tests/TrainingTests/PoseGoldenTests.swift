import Compute
import Darknet
import Foundation
import Geometry
import Keypoints
import Layers
import Networks
import TestSupport
import Testing

@testable import Tasks
@testable import Training

/// Ten updates of two stacked hourglasses against PyTorch in double precision (scripts/pose_training.py).
@Suite("two stacked hourglasses")
struct PoseGoldenTests {
  private let golden: GoldenCase
  private let network: Network
  private let task: KeypointTask
  private let truths: [KeypointTruth]

  init() throws {
    golden = try goldenCases("pose_training")[0]
    network = try Network(
      ConfigurationFile(contentsOf: packageRoot.appending(path: "Tests/Golden/pose.cfg")),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    task = try KeypointTask(network)
    Self.setWeights(of: network)
    var truths = [KeypointTruth](
      repeating: KeypointTruth(layout: task.layout, points: []), count: 2)
    let places = try golden.array("places")
    for start in stride(from: 0, to: places.count, by: 4) {
      truths[Int(places[start])].points.append(
        LabelledKeypoint(
          index: Int(places[start + 1]),
          position: Point(Double(places[start + 2]), Double(places[start + 3]))))
    }
    self.truths = truths
  }

  private func plan(of network: Network) throws -> NetworkPlan {
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(
      from: Self.scattered(plan.input.count, 1000).map { Float($0 * 0.5 + 0.5) })
    return plan
  }

  /// Values in −1...1, as the script makes them.
  private static func scattered(_ count: Int, _ salt: Int) -> [Double] {
    (1...count).map { index in
      let value = sin(12.9898 * Double(index) + 78.233 * Double(salt)) * 43758.5453
      return 2 * (value - value.rounded(.down)) - 1
    }
  }

  private static func setWeights(of network: Network) {
    let layers = network.nodes.compactMap { $0.layer as? Convolution }
    for (index, layer) in layers.enumerated() {
      let shape = layer.weights.values.shape
      let deviation = (6 / Double(shape.batch * shape.batch * shape.width)).squareRoot()
      TrainingGoldenTests.setWeights(
        layer.weights, scattered(shape.count, index).map { $0 * deviation })
    }
  }

  @Test("ten steps have PyTorch's losses, and the first PyTorch's maps")
  func tenSteps() throws {
    let plan = try plan(of: network)
    let optimizer = try Optimizer(
      network.parameters.map(\.parameter),
      settings: .init(
        rule: .rmsProp(alpha: 0.99, epsilon: 1e-8, momentum: 0), weightDecay: 0, batch: 2),
      on: network.backend)
    var losses: [Float] = []
    for step in 0..<10 {
      plan.forward()
      if step == 0 {
        expectClose(
          plan.output(of: task.output.layer).values, try golden.array("logits"), relative: 1e-4,
          absolute: 1e-4, "maps")
      }
      let value = try task.loss(plan, targets: truths, step: LossStep(iteration: step))
      #expect(value.parts == ["maps"] && value.outputs.count == 2)
      losses += value.outputs.joined().map { Float($0) }
      plan.backward()
      optimizer.update(rate: 5e-5, using: network.backend)
    }
    expectClose(
      losses, try golden.array("losses"), relative: 5e-4, absolute: 1e-6, "losses")
  }

  @Test("it has as many parameters as PyTorch's")
  func parameters() {
    let learned = network.parameters.map(\.parameter).filter { $0.gradient != nil }
    #expect(Double(learned.reduce(0) { $0 + $1.values.count }) == golden.numbers["parameters"])
  }

  @Test("gradients of the maps agree with differences", arguments: ["mse", "bce"])
  func gradients(loss: String) throws {
    let file = try ConfigurationFile(
      contentsOf: packageRoot.appending(path: "Tests/Golden/pose.cfg")
    ).applying(ConfigurationSetting("heatmap", "loss", loss))
    let network = try Network(
      file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    let task = try KeypointTask(network)
    Self.setWeights(of: network)
    let plan = try plan(of: network)
    func value() throws -> Double {
      plan.forward()
      return try task.loss(plan, targets: truths, step: LossStep()).total
    }
    _ = try value()
    plan.backward()
    // Of the convolution that gives the last maps: rectifiers and poolings, which have kinks, come after
    // all others, and PyTorch's losses say that those are right.
    let node = network.nodes[network.nodes[task.output.layer].inputs[0]]
    let weights = try #require((node.layer as? Convolution)?.weights)
    let start = weights.values.values
    let gradient = try #require(weights.gradient).values
    expectGradient(at: start, gradient, loss) {
      weights.values.update(from: $0)
      return (try? value()) ?? .nan
    }
  }
}
