import Compute
import Darknet
import Datasets
import Foundation
import Geometry
import Layers
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Tasks

@Suite struct ClassificationTaskTests {
  private static let text = """
    [net]
    width=8
    height=8
    channels=3
    [convolutional]
    filters=6
    size=3
    stride=2
    pad=1
    activation=leaky
    [avgpool]
    [convolutional]
    filters=4
    size=1
    activation=linear
    [softmax]
    """

  private static func file(_ change: (inout BranchPlan) -> Void = { _ in }) throws
    -> ConfigurationFile
  {
    var plan = BranchPlan()
    change(&plan)
    return try ConfigurationFile(text: text, fileName: "classes.cfg").adding(plan)
  }

  private static func network(_ file: ConfigurationFile) throws -> Network {
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 3))
    return network
  }

  private func filled(_ plan: NetworkPlan) -> NetworkPlan {
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 5))
    plan.forward(random: RandomStream(seed: 8))
    return plan
  }

  private let placements = (0..<3).map { _ in
    ImagePlacement(imageWidth: 8, imageHeight: 8, inputWidth: 8, inputHeight: 8, mode: .stretch)
  }

  @Test func theTaskIsToldByTheOutputs() throws {
    let network = try Self.network(Self.file())
    #expect(try TaskChoice.task(of: network) is ClassificationTask)
    let error = TaskError.otherTask(
      network: "classes.cfg", task: "classification", needed: "detection")
    #expect(throws: error) { try TaskChoice.check(network, isFor: DetectionTask.self) }
  }

  @Test(arguments: [UncertaintyBranch.Mode.accompany, .accompanyDetached])
  func aBranchStandsBesideAClassifier(_ mode: UncertaintyBranch.Mode) throws {
    let plain = try Self.network(Self.file())
    let file = try Self.file {
      $0.branch = .convBayes
      $0.mode = mode
    }
    let network = try Self.network(file)
    #expect(network.nodes.map(\.layer.kind).contains("convBayes"))
    let (own, other) = (try ClassificationTask(network), try ClassificationTask(plain))
    let shape = network.inputShape(batch: 3)
    // The classifier is the same to the bit; the branch says how much its weights matter.
    let predicted = try own.predictions(
      filled(network.makePlan(input: shape, mode: .inference, keepsMoments: own.needsMoments)),
      placements: placements)
    let expected = try other.predictions(
      filled(plain.makePlan(input: shape, mode: .inference)), placements: placements)
    #expect(predicted.map(\.probabilities) == expected.map(\.probabilities))
    #expect(expected.allSatisfy { $0.mutualInformation == nil })
    for prediction in predicted {
      let bits = try #require(prediction.mutualInformation)
      #expect(bits > 0 && bits < 2)
    }
    #expect(own.lossParts == ["class", "auxiliary"] && other.lossParts == ["class"])
    // And the cfg goes back to what it was, with the same weights file.
    let removed = try Network(file.removingBranches(), backend: plain.backend)
    #expect(removed.nodes.map(\.layer.kind) == plain.nodes.map(\.layer.kind))
    #expect(try NetworkBuilder.build(file).parameterCount == 340 - 144)
  }

  @Test(arguments: [false, true])
  func gradientOfParameters(hasBranch: Bool) throws {
    let network = try Self.network(
      Self.file {
        $0.branch = hasBranch ? .convBayes : BranchPlan.Branch.none
        $0.sampleCount = 3
      })
    let task = try ClassificationTask(network)
    let plan = filled(
      try network.makePlan(input: network.inputShape(batch: 3), mode: .training))
    func loss() throws -> Double {
      try task.loss(plan, targets: [3, 0, 2], step: LossStep()).total
    }
    _ = try loss()
    plan.backward()
    for named in network.parameters {
      guard let gradient = named.parameter.gradient?.values else { continue }
      let values = named.parameter.values
      let start = values.values
      expectGradient(
        at: start, gradient, step: 1e-3, tolerance: 2e-2, directional: 2e-2, coordinates: 8,
        named.name
      ) {
        values.update(from: $0)
        defer { values.update(from: start) }
        plan.forward(random: RandomStream(seed: 8))
        return (try? loss()) ?? .nan
      }
    }
  }

  /// Nothing that the branch learns reaches the layers that it shares.
  @Test func aDetachedBranchLeavesTheClassifierAlone() throws {
    let plain = try Self.network(Self.file())
    let network = try Self.network(
      Self.file {
        $0.branch = .convBayes
        $0.mode = .accompanyDetached
      })
    func gradients(_ network: Network) throws -> [[Float]] {
      let plan = filled(
        try network.makePlan(input: network.inputShape(batch: 3), mode: .training))
      _ = try ClassificationTask(network).loss(plan, targets: [1, 1, 2], step: LossStep())
      plan.backward()
      return network.nodes.filter { !$0.isOptional }.flatMap(\.layer.parameters)
        .compactMap { $0.gradient?.values }
    }
    #expect(try gradients(network) == gradients(plain))
  }

  @Test func scores() throws {
    let task = try ClassificationTask(Self.network(Self.file()))
    func judged(_ label: Int, _ probabilities: [Float]) -> JudgedImage<Int, ClassPrediction> {
      JudgedImage(
        id: "\(label)", target: label, prediction: ClassPrediction(probabilities: probabilities))
    }
    let scores = try task.scores(
      [
        judged(0, [0.4, 0.3, 0.2, 0.1]), judged(2, [0.4, 0.3, 0.2, 0.1]),
        // The first of equal ones is meant.
        judged(1, [0.1, 0.4, 0.4, 0.1]), judged(2, [0.1, 0.4, 0.4, 0.1]),
      ], classNames: ["a", "b", "c", "d"])
    #expect(scores.first == 0.5 && scores.values[1] == nil)
    #expect(scores.columns == ["accuracy_top1": 0.5])
    #expect(try task.scores([], classNames: []).first == nil)
  }

  @Test(arguments: [
    ("branch=replace", "branch=replace is for [yolo]; [softmax] has accompany"),
    ("uncertainty=-2", "uncertainty=-2 in [softmax] names layer 3, [route]"),
    ("uncertainty=0", "names layer 0, [convolutional]"),
  ])
  func branchesThatDoNotFitAreRefused(_ line: String, _ reason: String) throws {
    let text = try Self.file { $0.branch = .convBayes }.text
    let changed =
      line.hasPrefix("uncertainty")
      ? text.replacing("uncertainty=-3", with: line) : text + "\n\(line)\n"
    let error = message {
      _ = try NetworkBuilder.build(ConfigurationFile(text: changed, fileName: "classes.cfg"))
    }
    #expect(error?.contains(reason) == true, "\(error ?? "none")")
  }
}
