import Compute
import Darknet
import Detection
import Evaluation
import Losses
import Uncertainty

/// A head with what turns its logits into boxes and its moments into numbers.
struct PredictedHead {
  let layer: Int
  let decoder: BoxDecoder
  private let branch: BranchMoments?
  private let bald: BALD
  private let loss: YOLOLoss?
  private let rules: Difficulty

  init(_ head: Network.Head, of network: Network, inputWidth: Int, inputHeight: Int) {
    layer = head.layer
    decoder = BoxDecoder(head: head.head, inputWidth: inputWidth, inputHeight: inputHeight)
    let training = network.nodes[head.layer].objectness
    branch = training?.branch.map {
      BranchMoments(branch: $0, head: head.head, layer: head.layer, nodes: network.nodes)
    }
    bald = training?.difficulty.bald ?? BALD()
    var rules = training?.difficulty ?? Difficulty()
    // D itself, of every anchor.
    rules.weighting = .raw
    rules.scope = .both
    rules.control = .none
    self.rules = rules
    if case .yolo(let yolo) = head.head {
      loss = YOLOLoss(head: yolo, inputWidth: inputWidth, inputHeight: inputHeight)
    } else {
      loss = nil
    }
  }

  /// What a detection of an anchor carries, by the anchor's number in the order H, W, A; nil without
  /// a branch.
  ///
  /// - Throws: ``UncertaintyError`` for moments that are not finite.
  func certainty(
    _ plan: NetworkPlan, image: Int, backend: any Backend
  ) throws -> ((Int) -> DetectionUncertainty?)? {
    guard let moments = try branch?.values(plan, backend: backend) else { return nil }
    let count = moments.means.count / plan.input.shape.batch
    let first = image * count
    for index in first..<first + count {
      try LogitMoments(mean: moments.means[index], variance: moments.variances[index])
        .validate(index: index - first)
    }
    return { [bald] place in
      let anchor = LogitMoments(
        mean: moments.means[first + place], variance: moments.variances[first + place])
      // Validated above: nothing else is thrown.
      guard let bits = try? bald.uncertainty(anchor) else { return nil }
      return DetectionUncertainty(
        bald: bits, entropy: BALD.marginalEntropy(anchor.scaled(by: bald.logitScale.factor())),
        objectnessMean: anchor.mean, objectnessVariance: anchor.variance)
    }
  }

  /// The moments of the first image's anchors; nil without a branch.
  ///
  /// - Throws: ``ComputeError``.
  func moments(_ plan: NetworkPlan, backend: any Backend) throws -> AnchorMoments? {
    guard let all = try branch?.values(plan, backend: backend) else { return nil }
    let shape = plan.output(of: layer).shape
    let grid = AnchorGrid(
      stride: plan.input.shape.width / shape.width, width: shape.width, height: shape.height,
      anchorCount: decoder.head.anchorCount)
    return AnchorMoments(
      grid: grid, means: Array(all.means.prefix(grid.count)),
      variances: Array(all.variances.prefix(grid.count)))
  }

  /// The difficulty of the first image's anchors; nil without a branch.
  ///
  /// - Parameters:
  ///   - plan: A plan that keeps moments, after its forward pass.
  ///   - truths: The image's objects, boxes as fractions of the input.
  ///   - backend: Does the work.
  /// - Returns: D of every anchor, NaN for ignored ones.
  /// - Throws: ``UncertaintyError``, ``ComputeError``.
  func difficulty(
    _ plan: NetworkPlan, truths: [GroundTruth], backend: any Backend
  ) throws -> UncertaintyMap? {
    guard let loss, let moments = try moments(plan, backend: backend) else { return nil }
    let logits = plan.output(of: layer)
    let judged = AnchorJudgement(
      loss, logits: logits, objectness: ObjectnessLogits(logits, head: decoder.head),
      assignments: loss.assignments(logits: logits, truths: [truths]), truths: [truths],
      difficulty: rules)
    let weights = try rules.weights(
      means: moments.means, variances: moments.variances, logits: judged.logits,
      states: judged.states, overlaps: judged.overlaps)
    return .difficulty(weights: weights, states: judged.states, grid: moments.grid)
  }
}
