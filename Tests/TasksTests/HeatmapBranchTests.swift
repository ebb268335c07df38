import Compute
import Darknet
import Foundation
import Layers
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Tasks

/// A branch beside the last maps of two stacks changes nothing of the maps.
@Suite struct HeatmapBranchTests {
  /// The second stack reads features and maps of the first.
  private static let text = """
    [net]
    width=16
    height=16
    [convolutional]
    batch_normalize=1
    filters=6
    size=3
    pad=1
    activation=leaky
    [convolutional]
    filters=2
    activation=linear
    [heatmap]
    kind=centers
    loss=bce
    [route]
    layers=1
    [convolutional]
    filters=6
    activation=linear
    [shortcut]
    from=0
    activation=leaky
    [convolutional]
    filters=2
    activation=linear
    [heatmap]
    kind=centers
    loss=bce
    """

  private func network(_ plan: BranchPlan?) throws -> Network {
    var file = try ConfigurationFile(text: Self.text, fileName: "two.cfg")
    if let plan { file = try file.adding(plan) }
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    network.initializeWeights(RandomStream(seed: 4))
    network.parametersDidChange()
    return network
  }

  private func maps(_ network: Network, keepsMoments: Bool = false) throws -> [[Float]] {
    let plan = try network.makePlan(
      input: network.inputShape(batch: 2), mode: .inference, keepsMoments: keepsMoments)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
    plan.forward()
    return network.heatmaps.map { plan.output(of: $0.layer).values }
  }

  @Test(arguments: [UncertaintyBranch.Mode.accompany, .accompanyDetached], [[], [5]])
  func sameStartAndSameMaps(mode: UncertaintyBranch.Mode, hidden: [Int]) throws {
    var plan = BranchPlan()
    plan.loss = .uncertainty
    plan.mode = mode
    plan.hiddenFilters = hidden
    let (plain, branched) = (try network(nil), try network(plan))
    let expected = try maps(plain)
    #expect(expected.count == 2 && expected[0] != expected[1])
    #expect(try maps(branched) == expected)
    #expect(try maps(branched, keepsMoments: true) == expected)
    // And so do weights files of both.
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "branched.weights")
      try WeightsFile.write(branched.nodes, to: url)
      let inference = try Network(
        ConfigurationFile(text: branched.text, fileName: "two.cfg").removingBranches(),
        backend: plain.backend)
      #expect(try WeightsFile.read(url, into: inference.nodes).isComplete)
      inference.parametersDidChange()
      #expect(try maps(inference) == expected)
    }
  }

  /// What a detached branch learns does not reach the layers before it.
  @Test func detachedBranches() throws {
    func gradient(_ mode: UncertaintyBranch.Mode, weight: Double) throws -> [Float] {
      var plan = BranchPlan()
      plan.loss = .bce
      plan.branch = .convBayes
      plan.mode = mode
      let text = try ConfigurationFile(text: Self.text, fileName: "two.cfg").adding(plan).text
      let file = try ConfigurationFile(
        text: text.replacing("uncertainty=-3", with: "uncertainty=-3\nbranch_weight=\(weight)"),
        fileName: "two.cfg")
      let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      network.initializeWeights(RandomStream(seed: 4))
      network.parametersDidChange()
      let task = try HeatmapTask<ObjectCenters>(network)
      let training = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
      training.input.update(from: randomValues(training.input.count, in: 0...1, seed: 6))
      training.forward()
      _ = try task.loss(
        training, targets: [try keypoints([]), try keypoints([])], step: LossStep())
      training.backward()
      let first = try #require(network.nodes[0].layer as? Convolution)
      return try #require(first.weights.gradient).values
    }
    let alone = try gradient(.accompanyDetached, weight: 0)
    #expect(try gradient(.accompanyDetached, weight: 3) == alone)
    #expect(try gradient(.accompany, weight: 3) != alone)
  }
}
