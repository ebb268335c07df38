import Compute
import Detection
import Layers
import Losses
import Networks
import Uncertainty

/// Reads what a `[yolo]` section says about its objectness loss and its Bayesian branch.
struct ObjectnessReader {
  let context: LayerContext
  let anchorCount: Int
  private var section: ConfigurationSection { context.section }

  init(_ context: LayerContext, anchorCount: Int) {
    self.context = context
    self.anchorCount = anchorCount
  }

  func training() throws(DarknetError) -> ObjectnessTraining {
    var training = ObjectnessTraining()
    training.loss = try loss()
    training.isWeighted = try choice() == .uncertainty
    training.gain = try section.number("obj_normalizer", default: 1, in: 0...1e6)
    if section["objectness_warmup"] != nil {
      training.warmUp = try section.integer("objectness_warmup")
    }
    training.difficulty = try DifficultyReader(section: section).difficulty(knowsLosses: true)
    training.scope = try section.choice("difficulty_scope", default: .both)
    training.correctness.threshold = try section.number(
      "difficulty_threshold", default: 0.5, in: 0.001...0.999)
    if section["difficulty_iou"] != nil {
      training.correctness.minimumOverlap = try section.number("difficulty_iou", in: 0...1)
    }
    training.branch = try branch()
    training.measure = try measure(training.branch)
    guard training.branch != nil || !training.isWeighted || training.measure == .expectedIoU else {
      throw section.error(
        "objectness_loss=uncertainty in [yolo] needs uncertainty=, the [convBayes] layer that "
          + "gives mean and variance", line: section["objectness_loss"]?.line)
    }
    return training
  }

  private func measure(
    _ branch: UncertaintyBranch?
  ) throws(DarknetError) -> ObjectnessTraining.Measure {
    let measure: ObjectnessTraining.Measure = try section.choice(
      "uncertainty_measure", default: .objectness)
    let line = section["uncertainty_measure"]?.line
    switch measure {
    case .objectness: break
    case .expectedIoU:
      guard section["expected_iou"] != nil else {
        throw section.error(
          "uncertainty_measure=expectedIoU in [yolo] needs expected_iou=, the layer that tells it; "
            + "train --place iou puts one there", line: line)
      }
    case .detection:
      guard let branch, branch.mode != .series else {
        throw section.error(
          "uncertainty_measure=detection in [yolo] needs uncertainty=, a [convBayes] beside the head's "
            + "convolution", line: line)
      }
      guard let convolution = context.nodes.last?.layer as? Convolution,
        convolution.normalization == nil, convolution.activation == .linear,
        convolution.geometry.groups == 1
      else {
        throw section.error(
          "uncertainty_measure=detection in [yolo] needs a linear [convolutional] without batch_normalize "
            + "and groups before the head, whose weights are taken as uncertain", line: line)
      }
    }
    return measure
  }

  private func choice() throws(DarknetError) -> ObjectnessChoice {
    try section.choice("objectness_loss", default: .bce)
  }

  private func loss() throws(DarknetError) -> ObjectnessLoss {
    let focalGamma = try section.number("focal_gamma", default: 2, in: 0...100)
    let focalAlpha =
      section["focal_alpha"] == nil ? nil : try section.number("focal_alpha", in: 0...1)
    let anchorGamma = try section.number("anchor_gamma", default: 0.5, in: 0...100)
    let anchorSlack = try section.number("anchor_slack", default: 0.05, in: 0...1)
    return switch try choice() {
    case .bce, .uncertainty: .binaryCrossEntropy
    case .focal: .focal(focusingExponent: focalGamma, positiveWeight: focalAlpha)
    case .anchor: .anchor(exponent: anchorGamma, slack: anchorSlack)
    }
  }

  private func branch() throws(DarknetError) -> UncertaintyBranch? {
    guard var (branch, bayes, place) = try BranchReader(context).branch() else { return nil }
    let line = section["uncertainty"]?.line
    branch.varianceWeight = try section.number("enlarge_variance", default: 0, in: 0...1e6)
    switch branch.mode {
    case .series: try checkSeries(at: branch.layer, place, line: line)
    case .replace:
      try checkReplacement(bayes, at: branch.layer, place, line: line)
      fallthrough
    default:
      let (grid, cells) = (context.nodes[branch.layer].outputShape, context.input)
      guard grid.channels == anchorCount, grid.width == cells.width, grid.height == cells.height
      else {
        throw section.error(
          "\(place), which gives \(grid.width)x\(grid.height)x\(grid.channels); the head needs one "
            + "value for each of its anchors, \(cells.width)x\(cells.height)x\(anchorCount)",
          line: line)
      }
    }
    if branch.varianceWeight > 0,
      !branch.isAuxiliary || bayes.readsMoments || bayes.activation != .linear
    {
      throw section.error(
        "enlarge_variance= in [yolo] needs a branch of one linear [convBayes] beside the head",
        line: section["enlarge_variance"]?.line)
    }
    return branch
  }

  /// The layer that the head's convolution reads; nil unless it is 1x1, linear and plain.
  private var headInput: Int? {
    guard let node = context.nodes.last, let convolution = node.layer as? Convolution,
      convolution.normalization == nil, convolution.activation == .linear,
      convolution.geometry == ConvolutionGeometry(size: 1)
    else { return nil }
    return source(node.inputs[0])
  }

  /// The layer itself, or what it stands for.
  private func source(_ layer: Int) -> Int {
    layer >= 0 && context.nodes[layer].isAlias(in: .training)
      ? source(context.nodes[layer].inputs[0]) : layer
  }

  private func checkSeries(at layer: Int, _ place: String, line: Int?) throws(DarknetError) {
    guard headInput == layer else {
      throw section.error(
        "\(place); with branch=series it must lie right before the head's 1x1 linear "
          + "[convolutional] without batch_normalize", line: line)
    }
  }

  private func checkReplacement(
    _ bayes: ConvBayes, at layer: Int, _ place: String, line: Int?
  ) throws(DarknetError) {
    guard let headInput, source(context.nodes[layer].inputs[0]) == headInput,
      bayes.geometry == ConvolutionGeometry(size: 1), bayes.activation == .linear,
      !bayes.readsMoments
    else {
      throw section.error(
        "\(place); with branch=replace it must be 1x1 and linear and read what the head's 1x1 "
          + "linear [convolutional] without batch_normalize reads", line: line)
    }
  }
}
