import Darknet
import Foundation
import Keypoints
import Layers
import Losses
import Networks
import TestSupport
import Testing
import Uncertainty

/// A cfg for other keypoints, and branches beside its maps.
@Suite struct HeatmapEditingTests {
  /// Two stacks of two maps; the second reads features and maps of the first.
  static let stacked = """
    [net]
    width=16
    height=16
    [convolutional]
    filters=6
    size=3
    pad=1
    activation=leaky
    # first
    [convolutional]
    filters=2
    activation=linear
    [heatmap]
    keypoints=2
    sigma=1
    [route]
    layers=1
    [convolutional]
    filters=6
    activation=linear
    [shortcut]
    from=0
    activation=leaky
    # second
    [convolutional]
    filters=2
    activation=linear
    [heatmap]
    sigma=1
    """

  private func layout(_ names: [String]) throws -> KeypointLayout {
    try KeypointLayout(names: names)
  }

  private func filters(_ network: NetworkDefinition) -> [Int] {
    network.nodes.filter { $0.layer is Convolution }.map(\.outputShape.channels)
  }

  @Test func otherKeypointsInEveryStack() throws {
    let three = try KeypointLayout(
      names: ["a", "b", "c"], pairs: [(0, 2)], edges: [.init(0, 1)], deviations: [0.1, 0.2, 0.1])
    let network = try NetworkBuilder.build(parse(Self.stacked).settingKeypoints(three))
    #expect(filters(network) == [6, 3, 6, 3])
    #expect(network.outputs.heatmaps.count == 2)
    for output in network.outputs.heatmaps {
      #expect(output.isNamed && output.layout.names == three.names)
      #expect(output.layout.partners == [2, 1, 0] && output.layout.edges == three.edges)
      #expect(output.layout.deviations == three.deviations)
      #expect(output.training.standardDeviation == 1)
    }
    // What a network says already is not changed, and what the next data lack is taken out.
    let file = try parse(Self.stacked).settingKeypoints(three)
    #expect(try file.settingKeypoints(three).text == file.text)
    let bare = try NetworkBuilder.build(file.settingKeypoints(layout(["x", "y"])))
    #expect(filters(bare) == [6, 2, 6, 2])
    #expect(try bare.outputs.heatmaps.allSatisfy { $0.layout == (try layout(["x", "y"])) })
    #expect(bare.file.text.contains("# first\n[convolutional]"))
  }

  /// With the layers of branches, however they are counted.
  @Test(arguments: ["-3", "6"])
  func otherKeypointsOfABranch(reference: String) throws {
    var plan = BranchPlan()
    plan.loss = .uncertainty
    let text = try parse(Self.stacked).adding(plan).text
    let file = try parse(text.with("uncertainty=-3", "uncertainty=\(reference)"))
    let network = try NetworkBuilder.build(file.settingKeypoints(layout(["a", "b", "c", "d"])))
    #expect(filters(network) == [6, 4, 6, 4])
    #expect(
      network.nodes.compactMap { $0.layer as? ConvBayes }.map(\.filters) == [4])
  }

  @Test func namesThatACfgCannotHold() throws {
    let file = try parse(Self.stacked).settingKeypoints(layout(["left eye", "a,b;c#d"]))
    let names = try NetworkBuilder.build(file).outputs.heatmaps.map(\.layout.names)
    #expect(names == [["left_eye", "a_b_c_d"], ["left_eye", "a_b_c_d"]])
    for name in ["=", "a=b", "[x]", "é", "\u{1F600}", "0"] {
      let one = try parse(Self.stacked).settingKeypoints(layout([name, "z"]))
      #expect(try NetworkBuilder.build(one).outputs.heatmaps.last?.layout.names == [name, "z"])
    }
  }

  /// Different names that a cfg writes alike stay different.
  @Test func namesThatACfgWouldMixUp() throws {
    let file = try parse(Self.stacked).settingKeypoints(layout(["left eye", "left_eye"]))
    let names = try NetworkBuilder.build(file).outputs.heatmaps.last?.layout.names
    #expect(Set(names ?? []).count == 2)
  }

  @Test func keypointsThatCannotBeSet() {
    #expect(
      message { try parse(tinyNetwork).settingKeypoints(layout(["a"])) }
        == "x.cfg: has no [heatmap]")
    let other = Self.stacked.with("[heatmap]\nsigma=1", "[dropout]\n[heatmap]\nsigma=1")
    #expect(
      message { try parse(other).settingKeypoints(layout(["a", "b", "c"])) }
        == "x.cfg:29: the keypoints of [heatmap] cannot be changed: it does not follow "
        + "[convolutional]")
  }

  // MARK: - Branches

  private static let sources: [(String, @Sendable () throws -> ConfigurationFile)] = [
    ("stacked", { try parse(stacked) }),
    (
      "hourglass-1",
      {
        try ConfigurationFile(
          contentsOf: packageRoot.appending(path: "Models/hourglass-1.cfg"))
      }
    ),
    (
      "hourglass-2",
      {
        try ConfigurationFile(
          contentsOf: packageRoot.appending(path: "Models/hourglass-2.cfg"))
      }
    ),
  ]

  @Test(arguments: sources.map(\.0), [[], [5]])
  func addedBesideTheLastAndRemoved(name: String, hidden: [Int]) throws {
    let file = try #require(Self.sources.first { $0.0 == name }).1()
    let plain = try NetworkBuilder.build(file)
    var plan = BranchPlan()
    plan.loss = .uncertainty
    plan.hiddenFilters = hidden
    let branched = try file.adding(plan)
    let network = try NetworkBuilder.build(branched)
    let outputs = network.outputs.heatmaps
    #expect(outputs.count == plain.outputs.heatmaps.count)
    #expect(network.nodes.count == plain.nodes.count + hidden.count + 2)
    for output in outputs.dropLast() {
      #expect(output.training.branch == nil && !output.training.isWeighted)
      #expect(output.training.loss.term == .crossEntropy)
    }
    let last = try #require(outputs.last)
    let branch = try #require(last.training.branch)
    #expect(last.training.isWeighted && last.training.loss.term == .crossEntropy)
    #expect(network.nodes[branch.layer].outputShape == network.nodes[last.layer].inputShapes[0])
    // Without the branch every layer reads what it read.
    let removed = try NetworkBuilder.build(branched.removingBranches())
    #expect(removed.nodes.map(\.inputs) == plain.nodes.map(\.inputs))
    #expect(removed.nodes.map(\.outputShape) == plain.nodes.map(\.outputShape))
    #expect(removed.nodes.map(\.layer.kind) == plain.nodes.map(\.layer.kind))
    #expect(removed.outputs.heatmaps.map(\.layout) == plain.outputs.heatmaps.map(\.layout))
    // The maps stay probabilities.
    #expect(removed.outputs.heatmaps.allSatisfy { $0.training.loss.isLogistic })
    #expect(removed.parameterCount == plain.parameterCount)
    #expect(message { try branched.adding(plan) }.contains("[heatmap] has a branch already"))
  }

  /// Of a weighted loss with every key that goes with it.
  @Test func removedWithItsKeys() throws {
    var plan = BranchPlan()
    plan.loss = .uncertainty
    let text = try parse(Self.stacked).adding(plan).text.with(
      "loss=uncertainty",
      """
      loss=uncertainty
      warm_up=50
      uncertainty_map=rank
      difficulty_weight=onePlus
      difficulty_control=constant
      constant_uncertainty=.25
      bald=exact
      bald_clamp=0
      logit_scale=logistic
      branch_weight=.5
      branch=accompanyDetached
      """)
    _ = try build(text)
    let removed = try NetworkBuilder.build(parse(text).removingBranches())
    #expect(removed.outputs.branches.isEmpty)
    #expect(removed.outputs.heatmaps.last?.training.loss == HeatmapTraining.crossEntropy.loss)
  }

  @Test func lossesAreAdded() throws {
    for loss in HeatmapChoice.allCases {
      var plan = BranchPlan()
      plan.loss = try #require(LossKind(rawValue: loss.rawValue))
      let outputs = try NetworkBuilder.build(parse(Self.stacked).adding(plan)).outputs.heatmaps
      let keys = "loss=" + (loss == .uncertainty ? "bce" : loss.rawValue)
      let expected = try NetworkBuilder.build(
        parse(Self.stacked.with("[heatmap]", "[heatmap]\n" + keys))
      ).outputs.heatmaps
      #expect(outputs.map(\.training.loss) == expected.map(\.training.loss), "\(loss)")
      #expect(outputs.map(\.training.isSubpixel) == expected.map(\.training.isSubpixel))
      #expect(outputs.map { $0.training.branch != nil } == [false, loss == .uncertainty])
    }
    // Whether bumps lie between pixels is for losses that can have that.
    var plan = BranchPlan()
    plan.loss = .distanceAware
    let subpixel = Self.stacked.with("[heatmap]", "[heatmap]\nsubpixel=1")
    let outputs = try NetworkBuilder.build(parse(subpixel).adding(plan)).outputs.heatmaps
    #expect(outputs.allSatisfy { !$0.training.isSubpixel })
  }

  @Test func plansThatMapsCannotHave() {
    func refusal(_ change: (inout BranchPlan) -> Void, _ text: String = Self.stacked) -> String {
      var plan = BranchPlan()
      change(&plan)
      return message { try parse(text).adding(plan) }
    }
    #expect(
      refusal { $0.loss = .crossEntropy }.contains(
        "[heatmap] has no loss crossEntropy; it has mse, bce, ohkm, focal, anchor, distanceAware, "
          + "uncertainty"))
    #expect(
      refusal {
        $0.loss = .uncertainty
        $0.branch = .conv
      }.contains("loss=uncertainty needs a [convBayes] branch, which was ruled out"))
    #expect(
      refusal {
        $0.branch = .convBayes
        $0.mode = .replace
      }.contains("branch=replace is for [yolo] heads"))
    #expect(
      refusal(
        { $0.branch = .convBayes },
        "[net]\nwidth=8\nheight=8\n[convolutional]\nfilters=3\n[dropout]\n[heatmap]"
      ).contains("[heatmap] gets a branch beside its convolution"))
  }
}

extension HeatmapTraining {
  /// Plain cross-entropy.
  fileprivate static var crossEntropy: HeatmapTraining {
    var training = HeatmapTraining()
    training.loss.term = .crossEntropy
    return training
  }
}
