import Compute
import Darknet
import Detection
import Losses
import Networks
import Uncertainty

extension DetectionScale {
  /// The loss of a batch as the section asks for it; writes the gradients of the head and of its
  /// branch.
  ///
  ///     L = box + class + gain · Σ w · objectness loss        w: the difficulty, or 1; see `YOLOLoss`
  ///         + branch weight · Σ BCE of the branch + η · variance objective + divergence of learned λ
  ///         + what teaches expected IoU and variance of boxes; see `ExpectedIoULoss`, `BoxVarianceLoss`
  ///
  /// - Throws: `UncertaintyError` for moments that are not finite; `TaskError` for a head that is not trained;
  ///   `ComputeError`.
  func loss(
    _ plan: NetworkPlan, truths: [[GroundTruth]], step: LossStep
  ) throws -> DetectionLossValue {
    guard let gradient = plan.gradient(of: layer) else {
      preconditionFailure("a head without a gradient in a training plan")
    }
    switch head {
    case .region(let head):
      return RegionLoss(head: head).evaluate(
        logits: plan.output(of: layer), truths: truths, seenImages: step.seenImages,
        gradient: gradient)
    case .gaussian: throw TaskError.untrainable(reason: GaussianHead.notTrained)
    case .yolo(let head):
      return try loss(plan, head, truths: truths, gradient: gradient, step: step)
    }
  }

  private func loss(
    _ plan: NetworkPlan, _ head: YOLOHead, truths: [[GroundTruth]], gradient: Tensor,
    step: LossStep
  ) throws -> DetectionLossValue {
    let logits = plan.output(of: layer)
    let objectness = ObjectnessLogits(logits, head: self.head)
    let replacement = branch.flatMap { $0.branch.mode == .replace ? $0.branch.layer : nil }
    if let replacement { objectness.write(plan.output(of: replacement)) }
    let assignments = TargetAssignment.batch(
      logits: logits, truths: truths, head: head, inputWidth: plan.input.shape.width,
      inputHeight: plan.input.shape.height)
    let isWarm = step.iteration >= warmUp(step)
    var weights: [Float]?
    var value = DetectionLossValue()
    let moments = try moments(plan)
    if moments != nil || training.isWeighted {
      let judged = try judge(
        plan, logits: objectness.values, assignments: assignments, truths: truths)
      if training.isWeighted, isWarm {
        weights = try training.difficulty.weights(
          bits: bits(plan, moments, counts: judged.units.counts), units: judged.units,
          losses: training.difficulty.weighting == .sameLoss
            ? crossEntropies(objectness.values, assignments) : [],
          random: step.random.split(UInt64(layer)))
      }
      if let branch, let moments {
        value.auxiliary = try auxiliary(
          branch, plan, assignments: assignments, moments, judged, weights: weights,
          iteration: step.iteration)
      }
    }
    let gained = scaled(weights, count: assignments.count * (assignments.first?.states.count ?? 0))
    value += YOLOLoss(
      head: head, inputWidth: plan.input.shape.width, inputHeight: plan.input.shape.height,
      objectnessLoss: isWarm ? training.loss : .binaryCrossEntropy, terms: terms
    ).evaluate(
      logits: logits, truths: truths, assignments: assignments, objectnessWeights: gained,
      gradient: gradient)
    value.place =
      place(plan, truths: truths, assignments: assignments)
      + variance(plan, head, truths: truths, assignments: assignments, gradient: gradient)
    if let replacement, let branchGradient = plan.gradient(of: replacement) {
      ObjectnessLogits(gradient, head: self.head).move(into: branchGradient)
    }
    return value
  }

  /// The plain loss of every anchor's objectness; 0 of ignored ones.
  private func crossEntropies(_ logits: [Float], _ assignments: [TargetAssignment]) -> [Float] {
    var place = 0
    return assignments.flatMap { assignment in
      assignment.states.indices.map { anchor -> Float in
        defer { place += 1 }
        guard assignment.states[anchor] != .ignored else { return 0 }
        return ObjectnessLoss.crossEntropy(
          logit: logits[place], target: assignment.objectnessTarget(anchor))
      }
    }
  }

  /// The loss of the branch for the expected IoU; writes its gradient.
  private func place(
    _ plan: NetworkPlan, truths: [[GroundTruth]], assignments: [TargetAssignment]
  ) -> Double {
    guard let expectedIoU, let gradient = plan.gradient(of: expectedIoU.layer) else { return 0 }
    return ExpectedIoULoss(weight: expectedIoU.weight, floor: expectedIoU.floor).evaluate(
      logits: plan.output(of: expectedIoU.layer),
      overlaps: grid(plan).largestOverlaps(
        logits: plan.output(of: layer), truths: truths, classCount: head.classCount),
      assignments: assignments, gradient: gradient)
  }

  /// The loss of the branch for the variance of boxes; writes its gradient, and adds to that of the boxes if they
  /// are trained together.
  private func variance(
    _ plan: NetworkPlan, _ head: YOLOHead, truths: [[GroundTruth]],
    assignments: [TargetAssignment], gradient: Tensor
  ) -> Double {
    guard let boxVariance, let own = plan.gradient(of: boxVariance.layer) else { return 0 }
    return BoxVarianceLoss(
      head: head, inputWidth: plan.input.shape.width, inputHeight: plan.input.shape.height,
      score: boxVariance.score, weight: boxVariance.weight
    ).evaluate(
      logits: plan.output(of: layer), logVariances: plan.output(of: boxVariance.layer),
      truths: truths, assignments: assignments, gradient: own,
      headGradient: boxVariance.mode == .accompany ? gradient : nil)
  }

  private func warmUp(_ step: LossStep) -> Int {
    if let warmUp = training.warmUp { return warmUp }
    if case .anchor = training.loss { return step.burnIn }
    return 0
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
    _ moments: AnchorMoments, _ judged: JudgedAnchors, weights: [Float]?, iteration: Int
  ) throws -> Double {
    var value =
      Double(assignments.count)
      * branch.layers.reduce(0) { $0 + $1.weightedDivergence(at: iteration) }
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
        means: moments.means, variances: moments.variances, isWrong: judged.isWrong,
        isEasy: judged.isEasy, imageCount: assignments.count, addingTo: $0)
    }
    return value
  }
}
