import Compute
import Darknet
import Detection
import Foundation
import Geometry
import Layers
import Networks
import TestSupport
import Testing

@testable import Tasks
@testable import Training

/// Layers that learn less than others, or not at all.
@Suite struct LayerTrainingTests {
  // 0, 1: normalised, 2: their sum, 3, 4: a head, 5...8: another from layer 2.
  private static let text = """
    [net]
    width=32
    height=32
    [convolutional]
    batch_normalize=1
    filters=6
    size=3
    stride=2
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=6
    size=1
    activation=mish
    [shortcut]
    from=-2
    activation=linear
    [convolutional]
    filters=14
    activation=linear
    [yolo]
    mask=0,1
    anchors=4,5, 9,8
    classes=2
    [route]
    layers=2
    [convolutional]
    batch_normalize=1
    filters=5
    activation=relu
    [convolutional]
    filters=14
    activation=linear
    [yolo]
    mask=0,1
    anchors=4,5, 9,8
    classes=2

    """
  private static let truth = TrainingGoldenTests.truth(0.10, 0.15, 0.32, 0.40, 0)

  /// The parameters after each of some updates, by name; element 0 are those at the beginning.
  private func training(
    _ edits: [(layer: Int, keys: String)] = [], iterations: Int = 3
  ) throws -> [[String: [Float]]] {
    var sections = Self.text.components(separatedBy: "[")
    for edit in edits { sections[edit.layer + 2] += edit.keys + "\n" }
    let file = try ConfigurationFile(
      text: sections.joined(separator: "["), fileName: "x.cfg")
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 1))
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 2))
    let task = try DetectionTask(network)
    let optimizer = try Optimizer(
      network.parameters, settings: .init(batch: 2), on: network.backend)
    func snapshot() -> [String: [Float]] {
      Dictionary(
        uniqueKeysWithValues: network.parameters.map { ($0.name, $0.parameter.values.values) })
    }
    var snapshots = [snapshot()]
    for iteration in 0..<iterations {
      plan.forward()
      _ = try task.loss(plan, targets: [[Self.truth], []], step: LossStep())
      plan.backward(iteration: iteration)
      let norm = optimizer.gradientNorms(iteration: iteration, using: network.backend)[0]
      #expect(norm.isFinite && norm > 0)
      optimizer.update(rate: 0.01, iteration: iteration, using: network.backend)
      snapshots.append(snapshot())
    }
    return snapshots
  }

  /// The layers of which something changed between two snapshots, statistics apart from the rest.
  private func changed(
    _ a: [String: [Float]], _ b: [String: [Float]]
  ) -> (learned: [Int], statistics: [Int]) {
    var (learned, statistics): (Set<Int>, Set<Int>) = ([], [])
    for (name, values) in a where b[name] != values {
      guard let layer = Int(name.prefix { $0 != "." }) else { continue }
      if name.contains("rolling") { statistics.insert(layer) } else { learned.insert(layer) }
    }
    return (learned.sorted(), statistics.sorted())
  }

  @Test func withoutKeysAllLearn() throws {
    let run = try training(iterations: 1)
    let all = changed(run[0], run[1])
    #expect(all.learned == [0, 1, 3, 6, 7] && all.statistics == [0, 1, 6])
  }

  @Test func stopbackwardFreezes() throws {
    let run = try training([(1, "stopbackward=1")])
    let all = changed(run[0], run[3])
    #expect(all.learned == [3, 6, 7] && all.statistics == [6])
  }

  /// A head before the layer is closed with it, though its loss is computed.
  @Test func headsBeforeAreClosedToo() throws {
    let all = try training([(6, "stopbackward=1")])
    #expect(changed(all[0], all[3]).learned == [7])
  }

  @Test func stopbackwardForSomeIterations() throws {
    let run = try training([(2, "stopbackward=2")], iterations: 3)
    // Statistics follow the batches all the time, as in Darknet.
    #expect(changed(run[0], run[2]).learned == [3, 6, 7])
    #expect(changed(run[0], run[2]).statistics == [0, 1, 6])
    #expect(changed(run[2], run[3]).learned == [0, 1, 3, 6, 7])
    // What is open learns as it does beside layers that are not closed.
    let plain = try training(iterations: 1)
    for name in ["3.convolutional.weights", "6.convolutional.scales"] {
      #expect(plain[1][name] == run[1][name])
    }
  }

  @Test func onlyStatistics() throws {
    let run = try training([(1, "train_only_bn=1")])
    let all = changed(run[0], run[3])
    #expect(all.learned == [3, 6, 7] && all.statistics == [0, 1, 6])
  }

  @Test func heldLayersPassGradientsOn() throws {
    let run = try training([(1, "dont_update=2")])
    #expect(changed(run[0], run[2]).learned == [0, 3, 6, 7])
    #expect(changed(run[2], run[3]).learned == [0, 1, 3, 6, 7])
    let plain = try training(iterations: 1)
    #expect(plain[1]["0.convolutional.weights"] == run[1]["0.convolutional.weights"])
    // No gradient was kept for later: the first step after the hold is one step.
    let name = "1.convolutional.biases"
    let step = zip(run[3][name] ?? [], run[2][name] ?? []).map { abs($0 - $1) }.max() ?? 0
    let first = zip(plain[1][name] ?? [], plain[0][name] ?? []).map { abs($0 - $1) }.max() ?? 0
    #expect(step < 2 * first)
  }

  @Test func onlyForwardEndsThere() throws {
    // Layer 0 still learns through the shortcut.
    let one = try training([(1, "onlyforward=1")])
    #expect(changed(one[0], one[3]).learned == [0, 3, 6, 7])
    // Cut off from both heads, layers 0 and 1 decay, but nothing else of them changes.
    let run = try training([(3, "onlyforward=1"), (6, "onlyforward=1")])
    #expect(changed(run[0], run[3]).learned == [0, 1, 7])
    let rest = run[0].filter { !$0.key.hasSuffix("weights") }
    #expect(changed(rest, run[3]).learned == [7])
  }

  @Test func ratesOfLayers() throws {
    let plain = try training(iterations: 1)
    let slow = try training([(1, "learning_rate=0.25"), (3, "learning_rate=0")], iterations: 1)
    for name in ["0.convolutional.weights", "7.convolutional.biases"] {
      #expect(plain[1][name] == slow[1][name])
    }
    #expect(slow[1]["3.convolutional.weights"] == slow[0]["3.convolutional.weights"])
    for name in ["1.convolutional.weights", "1.convolutional.scales"] {
      let start = try #require(plain[0][name])
      let whole = zip(start, plain[1][name] ?? []).map { $1 - $0 }
      let part = zip(start, slow[1][name] ?? []).map { $1 - $0 }
      expectClose(part, whole.map { $0 / 4 }, relative: 1e-3, absolute: 1e-6, name)
    }
  }

  @Test func aNetworkThatLearnsNothingIsTold() throws {
    func learns(_ keys: String) throws -> Bool {
      let text = Self.text + keys + "\n"
      let network = try NetworkBuilder.build(ConfigurationFile(text: text, fileName: "x.cfg"))
      let backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
      return try Optimizer(
        Network(network, backend: backend).parameters, on: backend
      ).learns
    }
    #expect(try !learns("stopbackward=1") && !learns("train_only_bn=1"))
    #expect(try learns("stopbackward=2") && learns(""))
  }

  /// Frozen layers keep nothing for backward.
  @Test func freezingSavesMemory() throws {
    func bytes(_ keys: String) throws -> Int {
      let text = Self.text.replacingOccurrences(of: "from=-2", with: "from=-2\n" + keys)
      let network = try NetworkBuilder.build(ConfigurationFile(text: text, fileName: "x.cfg"))
      return try NetworkMemory(
        network.nodes, outputs: network.outputs, input: network.inputShape
      ).trainingPlanBytes
    }
    #expect(try bytes("stopbackward=1") <= bytes("train_only_bn=1"))
    #expect(try bytes("train_only_bn=1") < bytes("stopbackward=10"))
    #expect(try bytes("stopbackward=10") == bytes(""))
  }
}
