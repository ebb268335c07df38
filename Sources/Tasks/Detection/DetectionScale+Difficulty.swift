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
      bits: rules.bits(
        means: moments.means, variances: moments.variances, counts: units.counts), units: units)
    return .difficulty(difficulties, counts: units.counts, grid: moments.grid)
  }
}
