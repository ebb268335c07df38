import Compute
import Darknet
import Detection
import Losses
import Uncertainty

/// The loss of one `[yolo]` head as its section asks for: objectness loss, branch, difficulty.
///
///     L = box + class + gain · Σ w · objectness loss        w: the difficulty, or 1
///         + branch weight · Σ BCE of the branch + η · variance objective + divergence of learned λ
struct YOLOHeadLoss {
  private let loss: YOLOLoss
  private let plain: YOLOLoss
  private let training: ObjectnessTraining
  private let branch: BranchMoments?
  /// The Bayesian layers whose divergence counts.
  private let bayesian: [ConvBayes]
  private let layer: Int

  init(head: YOLOHead, layer: Int, nodes: [LayerNode], inputWidth: Int, inputHeight: Int) {
    let training = nodes[layer].objectness ?? ObjectnessTraining()
    func yolo(_ objectness: ObjectnessLoss) -> YOLOLoss {
      YOLOLoss(
        head: head, inputWidth: inputWidth, inputHeight: inputHeight, objectnessLoss: objectness)
    }
    self.training = training
    self.layer = layer
    plain = yolo(.binaryCrossEntropy)
    switch training.loss {
    case .bce, .uncertainty: loss = plain
    case .focal:
      loss = yolo(
        .focal(focusingExponent: training.focalGamma, positiveWeight: training.focalAlpha))
    case .anchor:
      loss = yolo(.anchor(exponent: training.anchorGamma, slack: training.anchorSlack))
    }
    branch = training.branch.map {
      BranchMoments(branch: $0, head: .yolo(head), layer: layer, nodes: nodes)
    }
    bayesian = branch?.layers ?? []
  }

  /// The loss of a batch; writes the gradients of the head and of its branch.
  func evaluate(
    _ plan: NetworkPlan, logits: Tensor, truths: [[GroundTruth]], gradient: Tensor,
    step: HeadLoss.Step, backend: any Backend
  ) throws -> DetectionLossValue {
    let objectness = ObjectnessLogits(logits, head: .yolo(loss.head))
    if let branch, branch.branch.mode == .replace {
      objectness.write(plan.output(of: branch.branch.layer))
    }
    let assignments = loss.assignments(logits: logits, truths: truths)
    let isWarm = step.iteration >= warmUp(step)
    var weights: [Float]?
    var value = DetectionLossValue()
    if let branch {
      let state = AnchorJudgement(
        plain, logits: logits, objectness: objectness, assignments: assignments, truths: truths,
        difficulty: training.difficulty)
      let moments = try branch.values(plan, backend: backend)
      if training.loss == .uncertainty, isWarm {
        weights = try training.difficulty.weights(
          means: moments.means, variances: moments.variances, logits: state.logits,
          states: state.states, imageCount: truths.count, overlaps: state.overlaps,
          random: step.random.split(UInt64(layer)))
      }
      value.auxiliary = try auxiliary(
        branch, plan, assignments: assignments, moments, state, weights: weights)
    }
    let gained = scaled(weights, count: assignments.count * (assignments.first?.states.count ?? 0))
    value += (isWarm ? loss : plain).evaluate(
      logits: logits, truths: truths, assignments: assignments, objectnessWeights: gained,
      gradient: gradient)
    if let branch, branch.branch.mode == .replace,
      let branchGradient = plan.gradient(of: branch.branch.layer)
    {
      ObjectnessLogits(gradient, head: .yolo(loss.head)).move(into: branchGradient)
    }
    return value
  }

  private func warmUp(_ step: HeadLoss.Step) -> Int {
    training.warmUp ?? (training.loss == .anchor ? step.burnIn : 0)
  }

  /// The weights times the gain; nil if all are 1.
  private func scaled(_ weights: [Float]?, count: Int) -> [Float]? {
    guard training.gain != 1 else { return weights }
    return weights.map { $0.map { $0 * training.gain } }
      ?? [Float](repeating: training.gain, count: count)
  }

  /// What the branch adds to the loss; writes its gradients.
  private func auxiliary(
    _ branch: BranchMoments, _ plan: NetworkPlan, assignments: [TargetAssignment],
    _ moments: HeadMoments, _ state: AnchorJudgement, weights: [Float]?
  ) throws -> Double {
    var value = Double(assignments.count) * bayesian.reduce(0) { $0 + $1.weightedDivergence }
    let options = branch.branch
    guard options.isAuxiliary, let gradient = plan.gradient(of: options.layer) else { return value }
    value += AuxiliaryObjectness.evaluate(
      logits: plan.output(of: options.layer), assignments: assignments, weight: options.weight,
      anchorWeights: options.mode == .rescaleAux ? weights : nil, gradient: gradient)
    guard options.varianceWeight > 0, let ofVariance = plan.varianceGradient(of: options.layer)
    else { return value }
    var bald = training.difficulty.bald
    bald.form = .closedForm
    value += try ofVariance.withMutableHostValues {
      try VarianceObjective(weight: options.varianceWeight, bald: bald).evaluate(
        means: moments.means, variances: moments.variances, states: state.states,
        correct: training.difficulty.correctness(
          logits: state.logits, states: state.states, overlaps: state.overlaps),
        imageCount: assignments.count, addingTo: $0)
    }
    return value
  }
}
