import Compute
import Detection
import Foundation
import Layers
import Losses
import TestSupport
import Testing
import Uncertainty

@testable import Darknet
@testable import Networks

/// Bayesian branches: read from cfgs, put into them, and taken out.
@Suite struct BranchTests {
  static let models = ["small-voc", "yolov3-tiny-voc", "yolov3-tiny"]

  private static func plan(
    _ mode: UncertaintyBranch.Mode = .accompany, hidden: [Int] = []
  ) -> BranchPlan {
    var plan = BranchPlan()
    plan.loss = .uncertainty
    plan.mode = mode
    plan.hiddenFilters = hidden
    return plan
  }

  private static func model(_ name: String) throws -> ConfigurationFile {
    try ConfigurationFile(contentsOf: packageRoot.appending(path: "Models/\(name).cfg"))
  }

  /// What each layer that does something is and reads, branches left out and numbers as in the plain
  /// network.
  private func plainLayers(_ network: NetworkDefinition) -> [String] {
    let nodes = network.nodes
    let structure = BranchStructure(nodes, network.outputs)
    let roots = PlanStructure(
      nodes, outputs: network.outputs, mode: .inference, keepsMoments: false
    ).roots
    func plain(_ index: Int) -> Int {
      structure.returns.contains(index)
        ? nodes[roots[index]].mainIndex : (index < 0 ? index : nodes[index].mainIndex)
    }
    return nodes.indices.filter {
      !structure.branch.contains($0) && !structure.returns.contains($0)
    }
    .map { "\(nodes[$0].layer.kind) \(nodes[$0].inputs.map(plain)) \(nodes[$0].outputShape)" }
  }

  @Test(arguments: models, [[], [8], [8, 5]])
  func addedAndRemoved(name: String, hidden: [Int]) throws {
    let file = try Self.model(name)
    let plain = try NetworkBuilder.build(file)
    let branched = try file.adding(Self.plan(hidden: hidden))
    let network = try NetworkBuilder.build(branched)
    let heads = network.heads
    #expect(network.nodes.count == plain.nodes.count + heads.count * (hidden.count + 2))
    #expect(plainLayers(network) == plainLayers(plain))
    for head in heads {
      let training = head.objectness
      let branch = try #require(training.branch)
      #expect(training.isWeighted && training.loss == .binaryCrossEntropy)
      let chain = BranchStructure.chain(endingAt: branch.layer, network.nodes)
      let layers = chain.compactMap { network.nodes[$0].layer as? ConvBayes }
      #expect(layers.map(\.filters) == hidden + [3])
      #expect(
        layers.map(\.readsMoments) == [false] + hidden.map { _ in true })
      #expect(layers.map(\.activation) == hidden.map { _ in .leaky } + [.linear])
      // The branch reads what the head's convolution reads.
      let roots = PlanStructure(
        network.nodes, outputs: network.outputs, mode: .training, keepsMoments: false
      ).roots
      #expect(
        network.nodes[chain[0]].inputs == [
          roots[network.nodes[network.nodes[head.layer].inputs[0]].inputs[0]]
        ])
    }
    let removed = try branched.removingBranches()
    #expect(removed == file)
    #expect(try removed.removingBranches() == removed)
  }

  @Test func commentsStayWithTheirLayers() throws {
    let file = try parse(
      tinyNetwork.with("[convolutional]\nfilters=14", "# the head\n[convolutional]\nfilters=14"))
    let text = try file.adding(Self.plan()).text
    #expect(
      text.contains(
        """
        [convBayes]
        filters=2
        relative_variance=0.25
        samples=10

        [route]
        layers=-2

        # the head
        [convolutional]
        filters=14
        """))
    #expect(text.contains("uncertainty=-3"))
  }

  @Test func replacedAndInSeries() throws {
    let file = try parse(tinyNetwork)
    let replacing = try NetworkBuilder.build(file.adding(Self.plan(.replace)))
    #expect(replacing.heads.last?.objectness.branch?.mode == .replace)
    #expect(replacing.nodes.map(\.isOptional) == [false, false, true, false, false, false])
    let series = try file.adding(Self.plan(.series))
    let network = try NetworkBuilder.build(series)
    #expect(network.nodes.map(\.layer.kind)[2] == "convBayes")
    #expect(network.nodes[2].outputShape.channels == 6)
    #expect(!network.nodes.contains { $0.isOptional })
    // On the way to the head it becomes a convolution of its means.
    let removed = try NetworkBuilder.build(series.removingBranches())
    let convolution = try #require(removed.nodes[2].layer as? Convolution)
    #expect(convolution.activation == .linear && convolution.filters == 6)
    #expect(removed.parameterCount == network.parameterCount)
  }

  @Test func ablations() throws {
    var plan = BranchPlan()
    plan.branch = .conv
    let network = try NetworkBuilder.build(parse(tinyNetwork).adding(plan))
    let layer = try #require(network.nodes[2].layer as? ConvBayes)
    #expect(layer.relativeVariance == .fixed(0) && layer.sampleCount == 0)
    #expect(network.heads.last?.objectness.loss == .binaryCrossEntropy)
    plan.branch = .convBayes
    plan.divergenceWeight = 0.25
    let learned = try NetworkBuilder.build(parse(tinyNetwork).adding(plan))
    #expect(
      (learned.nodes[2].layer as? ConvBayes)?.relativeVariance
        == .learned(initial: 0.25, divergenceWeight: 0.25))
    plan.branch = BranchPlan.Branch.none
    plan.divergenceWeight = nil
    plan.loss = .focal
    let focal = try NetworkBuilder.build(parse(tinyNetwork).adding(plan))
    #expect(focal.nodes.count == 4 && focal.heads.last?.objectness.loss == .focal())
  }

  @Test func allKeys() throws {
    let text = try parse(tinyNetwork).adding(Self.plan()).text
    let network = try build(
      text.with(
        "objectness_loss=uncertainty",
        """
        objectness_loss=uncertainty
        obj_normalizer=.25
        objectness_warmup=7
        focal_gamma=1.5
        focal_alpha=.3
        anchor_gamma=2
        anchor_slack=.1
        branch=rescaleAux
        branch_weight=.5
        enlarge_variance=3
        uncertainty_map=sigmoidScaled
        uncertainty_slope=4
        uncertainty_center=.125
        difficulty_weight=sameLoss
        difficulty_scope=positives
        difficulty_threshold=.4
        difficulty_iou=.6
        difficulty_control=constant
        constant_uncertainty=.2
        bald=fisher
        bald_clamp=0
        logit_scale=logistic
        """))
    let training = try #require(network.heads.last?.objectness)
    var expected = ObjectnessTraining()
    expected.isWeighted = true
    expected.gain = 0.25
    expected.warmUp = 7
    var branch = UncertaintyBranch(layer: 2)
    branch.mode = .rescaleAux
    branch.weight = 0.5
    branch.varianceWeight = 3
    expected.branch = branch
    expected.difficulty.map = .sigmoidScaled
    expected.difficulty.slope = 4
    expected.difficulty.center = 0.125
    expected.difficulty.weighting = .sameLoss
    expected.scope = .positives
    expected.correctness.threshold = 0.4
    expected.correctness.minimumOverlap = 0.6
    expected.difficulty.control = .constant(0.2)
    expected.difficulty.bald.form = .fisher
    expected.difficulty.bald.clampsNegative = false
    expected.difficulty.bald.logitScale = .logistic
    #expect(training == expected)
    for (name, loss) in [
      ("focal", ObjectnessLoss.focal(focusingExponent: 1.5, positiveWeight: 0.3)),
      ("anchor", .anchor(exponent: 2, slack: 0.1)),
    ] {
      let other = try build(
        network.file.text.with("objectness_loss=uncertainty", "objectness_loss=\(name)"))
      expected.isWeighted = false
      expected.loss = loss
      #expect(other.heads.last?.objectness == expected)
    }
  }

  @Test func refusedWithTheirLine() throws {
    let text = try parse(tinyNetwork).adding(Self.plan()).text
    func refusal(_ old: String, _ new: String) -> String {
      message { try build(text.with(old, new)) }
    }
    #expect(
      refusal("uncertainty=-3", "uncertainty=-1")
        == "x.cfg:38: uncertainty=-1 in [yolo] names layer 4, [convolutional] at line 28; it must "
        + "be a [convBayes]")
    #expect(
      refusal("[convBayes]\nfilters=2", "[convBayes]\nfilters=3")
        == "x.cfg:38: uncertainty=-3 in [yolo] names layer 2, [convBayes] at line 20, which gives "
        + "16x16x3; the head needs one value for each of its anchors, 16x16x2")
    #expect(
      refusal("uncertainty=-3", "uncertainty=9")
        == "x.cfg:38: uncertainty=9 in [yolo], layer 5, names layer 9; before it there are 0...4")
    #expect(
      refusal("uncertainty=-3", "uncertainty=-3,-3")
        == "x.cfg:38: uncertainty= in [yolo] names one layer")
    #expect(
      refusal("\nuncertainty=-3", "")
        == "x.cfg:37: objectness_loss=uncertainty in [yolo] needs uncertainty=, the [convBayes] "
        + "layer that gives mean and variance")
    #expect(
      refusal("objectness_loss=uncertainty\nuncertainty=-3", "branch=replace")
        == "x.cfg:37: branch= in [yolo] needs uncertainty=")
    #expect(
      refusal("objectness_loss=uncertainty\nuncertainty=-3", "objectness_loss=bce")
        == "x.cfg:20: no [yolo], [softmax] or [heatmap] names [convBayes], layer 2, in uncertainty="
    )
    #expect(
      refusal("relative_variance=0.25", "relative_variance=-1")
        == "x.cfg:22: relative_variance=-1 in [convBayes]: must be in 0.0...1000000.0")
    #expect(
      refusal("relative_variance=0.25", "relative_variance=nan")
        == "x.cfg:22: relative_variance=nan in [convBayes]: not a number")
    #expect(
      refusal("samples=10", "samples=-1")
        == "x.cfg:23: samples=-1 in [convBayes]: must be in 0...1000000000")
    #expect(
      refusal("samples=10", "learned=1").hasPrefix(
        "x.cfg:23: learned=1 in [convBayes] needs divergence_weight=: without the divergence"))
    #expect(
      refusal("samples=10", "divergence_weight=1")
        == "x.cfg:23: divergence_weight= in [convBayes] needs learned=1")
    #expect(
      refusal("samples=10", "divergence_warmup=1")
        == "x.cfg:23: divergence_warmup= in [convBayes] needs learned=1")
    #expect(
      refusal("uncertainty=-3", "uncertainty=-3\nuncertainty_slope=3")
        == "x.cfg:39: uncertainty_slope= in [yolo] needs uncertainty_map=sigmoidScaled")
    #expect(
      refusal("uncertainty=-3", "uncertainty=-3\nuncertainty_measure=expectedIoU")
        == "x.cfg:39: uncertainty_measure=expectedIoU in [yolo] needs expected_iou=, the layer that tells "
        + "it; train --place iou puts one there")
    #expect(
      refusal("uncertainty=-3", "uncertainty_measure=detection")
        == "x.cfg:38: uncertainty_measure=detection in [yolo] needs uncertainty=, a [convBayes] beside the "
        + "head's convolution")
    #expect(
      refusal("uncertainty=-3", "uncertainty=-3\nuncertainty_measure=classes").contains("detection")
    )
    #expect(
      refusal("samples=10", "samples=0\nlearned=1\ndivergence_weight=1")
        == "x.cfg:20: [convBayes], layer 2: a relative variance cannot be learned with samples=0")
    #expect(
      refusal("samples=10", "activation=mish")
        == "x.cfg:20: [convBayes], layer 2: activation=mish does not carry moments on; linear, relu "
        + "and leaky do")
    #expect(
      refusal("uncertainty=-3", "uncertainty=-3\nbranch=series").contains(
        "with branch=series it must lie right before the head's"))
    #expect(
      message {
        try build(
          text.with("samples=10", "size=3\npad=1").with(
            "uncertainty=-3", "uncertainty=-3\nbranch=replace"))
      }.contains("with branch=replace it must be 1x1 and linear and read what the head's"))
    #expect(
      message {
        try build(
          text.with("samples=10", "activation=leaky").with(
            "uncertainty=-3", "uncertainty=-3\nenlarge_variance=1"))
      }.hasSuffix(
        "enlarge_variance= in [yolo] needs a branch of one linear [convBayes] beside the head"))
  }

  @Test func wrongPlaces() throws {
    #expect(
      message {
        try parse("[net]\nwidth=8\nheight=8\n[dropout]").adding(Self.plan())
      } == "x.cfg: has no [yolo] head and no [softmax] at its end")
    let file = try parse(tinyNetwork).adding(Self.plan())
    #expect(message { try file.adding(Self.plan()) } == "x.cfg:38: [yolo] has a branch already")
    var ruledOut = Self.plan()
    ruledOut.branch = .conv
    #expect(
      message { try parse(tinyNetwork).adding(ruledOut) }
        == "x.cfg:24: objectness_loss=uncertainty needs a [convBayes] branch, which was ruled out")
  }
}
