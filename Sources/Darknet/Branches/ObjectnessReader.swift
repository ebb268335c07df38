import Compute
import Layers
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
    training.loss = try section.choice("objectness_loss", default: .bce)
    training.gain = try section.number("obj_normalizer", default: 1, in: 0...1e6)
    if section["objectness_warmup"] != nil {
      training.warmUp = try section.integer("objectness_warmup")
    }
    training.focalGamma = try section.number("focal_gamma", default: 2, in: 0...100)
    if section["focal_alpha"] != nil {
      training.focalAlpha = try section.number("focal_alpha", in: 0...1)
    }
    training.anchorGamma = try section.number("anchor_gamma", default: 0.5, in: 0...100)
    training.anchorSlack = try section.number("anchor_slack", default: 0.05, in: 0...1)
    training.difficulty = try difficulty()
    training.branch = try branch()
    guard training.branch != nil || training.loss != .uncertainty else {
      throw section.error(
        "objectness_loss=uncertainty in [yolo] needs uncertainty=, the [convBayes] layer that "
          + "gives mean and variance", line: section["objectness_loss"]?.line)
    }
    return training
  }

  private func difficulty() throws(DarknetError) -> Difficulty {
    var difficulty = Difficulty()
    difficulty.bald.form = try section.choice("bald", default: .closedForm)
    difficulty.bald.logitScale = try section.choice("logit_scale", default: .probit)
    difficulty.bald.clampsNegative = try section.flag("bald_clamp", default: true)
    difficulty.map = try section.choice("uncertainty_map", default: .sigmoid)
    difficulty.weighting = try section.choice("difficulty_weight", default: .raw)
    difficulty.scope = try section.choice("difficulty_scope", default: .both)
    difficulty.threshold = try section.number(
      "difficulty_threshold", default: 0.5, in: 0.001...0.999)
    if section["difficulty_iou"] != nil {
      difficulty.minimumOverlap = try section.number("difficulty_iou", in: 0...1)
    }
    switch try section.choice("difficulty_control", default: ControlKind.none) {
    case .none: break
    case .shuffled: difficulty.control = .shuffled
    case .constant:
      difficulty.control = .constant(
        try section.number("constant_uncertainty", default: 0.5, in: 0...1))
    }
    return difficulty
  }

  private enum ControlKind: String, CaseIterable { case none, constant, shuffled }

  private func branch() throws(DarknetError) -> UncertaintyBranch? {
    guard let entry = section["uncertainty"] else {
      if let stray = section["branch"] {
        throw section.error("branch= in [yolo] needs uncertainty=", line: stray.line)
      }
      return nil
    }
    let layers = try context.layers("uncertainty")
    guard layers.count == 1, let layer = layers.first else {
      throw section.error("uncertainty= in [yolo] names one layer", line: entry.line)
    }
    var branch = UncertaintyBranch(layer: layer)
    branch.mode = try section.choice("branch", default: .accompany)
    branch.weight = try section.number("branch_weight", default: 1, in: 0...1e6)
    branch.varianceWeight = try section.number("enlarge_variance", default: 0, in: 0...1e6)
    let node = context.nodes[layer]
    let place =
      "uncertainty=\(entry.value) in [yolo] names layer \(layer), [\(node.layer.kind)] at "
      + "line \(node.line)"
    guard let bayes = node.layer as? ConvBayes else {
      throw section.error("\(place); it must be a [convBayes]", line: entry.line)
    }
    switch branch.mode {
    case .series: try checkSeries(at: layer, place, line: entry.line)
    case .replace:
      try checkReplacement(bayes, at: layer, place, line: entry.line)
      fallthrough
    default:
      let (grid, cells) = (node.outputShape, context.input)
      guard grid.channels == anchorCount, grid.width == cells.width, grid.height == cells.height
      else {
        throw section.error(
          "\(place), which gives \(grid.width)x\(grid.height)x\(grid.channels); the head needs one "
            + "value for each of its anchors, \(cells.width)x\(cells.height)x\(anchorCount)",
          line: entry.line)
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

  private func checkSeries(at layer: Int, _ place: String, line: Int) throws(DarknetError) {
    guard headInput == layer else {
      throw section.error(
        "\(place); with branch=series it must lie right before the head's 1x1 linear "
          + "[convolutional] without batch_normalize", line: line)
    }
  }

  private func checkReplacement(
    _ bayes: ConvBayes, at layer: Int, _ place: String, line: Int
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
