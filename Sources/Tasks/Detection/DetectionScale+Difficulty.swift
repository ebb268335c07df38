import Compute
import Darknet
import Detection
import Networks
import Uncertainty

/// Anchors of a batch whose objectness was held against the targets.
struct JudgedAnchors {
  let states: [TargetAssignment.State]
  let units: JudgedUnits

  /// Anchors that count and are wrong: false positives and false negatives.
  var isWrong: [Bool] { zip(units.counts, units.isCorrect).map { $0 && !$1 } }
  /// True negatives.
  var isEasy: [Bool] { zip(states, units.isCorrect).map { $0 == .negative && $1 } }
}

extension DetectionScale {
  /// Holds objectness logits, in the order N, H, W, A, against the targets.
  ///
  /// - Throws: `UncertaintyError` for a logit that is not finite.
  func judge(
    _ plan: NetworkPlan, logits: [Float], assignments: [TargetAssignment], truths: [[GroundTruth]]
  ) throws -> JudgedAnchors {
    if let bad = logits.firstIndex(where: { !$0.isFinite }) {
      throw UncertaintyError.notFinite(argument: "objectness logit", index: bad)
    }
    let states = assignments.flatMap(\.states)
    let overlaps =
      training.correctness.minimumOverlap == nil
      ? nil
      : grid(plan).overlaps(
        logits: plan.output(of: layer), truths: truths, assignments: assignments)
    return JudgedAnchors(
      states: states,
      units: JudgedUnits(
        imageCount: assignments.count,
        isCorrect: training.correctness.isCorrect(
          logits: logits, states: states, overlaps: overlaps),
        counts: states.map { $0 != .ignored }, isWeighted: states.map(isWeighted)))
  }

  /// What the difficulty's U is made of, a value for each anchor in the order N, H, W, A.
  ///
  /// - Parameters:
  ///   - plan: A plan after its forward pass.
  ///   - moments: What the branch says; nil without one.
  ///   - counts: Whether a value is asked for; 0 for the others.
  /// - Returns: As many as anchors.
  /// - Throws: `UncertaintyError` for values that are not finite; `DetectionError`; `ComputeError`.
  func bits(_ plan: NetworkPlan, _ moments: AnchorMoments?, counts: [Bool]) throws -> [Float] {
    switch training.measure {
    case .expectedIoU:
      guard let expectedIoU else { preconditionFailure("a measure without its branch") }
      let logits = try finite(plan.output(of: expectedIoU.layer), valuesPerAnchor: 1)
      return zip(logits, counts).map { $1 ? 1 - logistic($0) : 0 }
    case .objectness:
      guard let moments else { preconditionFailure("a measure without its branch") }
      return try training.difficulty.bits(
        means: moments.means, variances: moments.variances, counts: counts)
    case .detection:
      guard let moments, let variances = try branch?.classVariances(plan) else {
        preconditionFailure("a measure without its branch")
      }
      return try information(plan, moments, variances, counts)
    }
  }

  /// Bits of whole detections.
  private func information(
    _ plan: NetworkPlan, _ moments: AnchorMoments, _ variances: [Float], _ counts: [Bool]
  ) throws -> [Float] {
    let rule = DetectionInformation(training.difficulty.bald)
    let (layout, classCount) = (head.layout, head.classCount)
    let entries = layout.count(classCount: classCount)
    return try plan.output(of: layer).withHostValues { logits in
      try counts.indices.map { anchor in
        try moments[anchor].validate(index: anchor)
        guard counts[anchor] else { return 0 }
        let first = anchor * entries + layout.firstClass
        return try rule.bits(
          objectness: moments[anchor],
          classes: (0..<classCount).lazy.map {
            LogitMoments(
              mean: logits[first + $0], variance: variances[anchor * classCount + $0])
          })
      }
    }
  }

  private func isWeighted(_ state: TargetAssignment.State) -> Bool {
    switch state {
    case .ignored: false
    case .positive: training.scope != .negatives
    case .negative: training.scope != .positives
    }
  }

  /// The difficulty of the first image's anchors; nil without a branch.
  ///
  /// - Parameters:
  ///   - plan: A plan that keeps moments, after its forward pass.
  ///   - truths: The image's objects, boxes as fractions of the input.
  /// - Returns: D of every anchor, NaN for ignored ones.
  /// - Throws: `UncertaintyError`, `ComputeError`.
  func difficulty(_ plan: NetworkPlan, truths: [GroundTruth]) throws -> UncertaintyMap? {
    guard case .yolo(let head) = head, let moments = try moments(plan)?.image(0) else {
      return nil
    }
    let logits = plan.output(of: layer)
    let judged = try judge(
      plan, logits: ObjectnessLogits(logits, head: self.head).values,
      assignments: TargetAssignment.batch(
        logits: logits, truths: [truths], head: head, inputWidth: plan.input.shape.width,
        inputHeight: plan.input.shape.height), truths: [truths])
    // D itself, of every anchor that counts.
    var rules = training.difficulty
    rules.weighting = .raw
    rules.control = .none
    let units = JudgedUnits(
      imageCount: 1, isCorrect: judged.units.isCorrect, counts: judged.units.counts)
    let difficulties = try rules.weights(
      bits: bits(plan, moments, counts: units.counts), units: units)
    return .difficulty(difficulties, counts: units.counts, grid: moments.grid)
  }
}
