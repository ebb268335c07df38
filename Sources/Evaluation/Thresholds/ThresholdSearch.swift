/// The verdicts of a class, or of all, among which a threshold is chosen.
struct ThresholdSearch {
  /// Where detections can be cut: after all of one confidence.
  private struct Cut {
    var confidence: Float
    var outcome: ThresholdOutcome
  }

  private let cuts: [Cut]
  private let floor: Float

  /// - Parameters:
  ///   - verdicts: Confidence, and whether the detection is right, in any order.
  ///   - objects: Objects that should be found.
  ///   - floor: The confidence that all detections that are known exceed.
  init(_ verdicts: [(confidence: Float, isRight: Bool)], objects: Int, floor: Float) {
    var cuts: [Cut] = []
    var outcome = ThresholdOutcome(objects: objects)
    for verdict in verdicts.sorted(by: { $0.confidence > $1.confidence }) {
      outcome.detections += 1
      if verdict.isRight { outcome.right += 1 }
      // Equal confidences are kept or dropped together.
      if cuts.last?.confidence == verdict.confidence { cuts.removeLast() }
      cuts.append(Cut(confidence: verdict.confidence, outcome: outcome))
    }
    self.cuts = cuts
    self.floor = floor
  }

  /// The threshold of a rule.
  ///
  /// - Returns: It, what it gives, and whether the rule is met: of a precision that no threshold
  ///   reaches, the threshold with the highest bound. Nil if no detection is right.
  func chosen(
    by rule: ThresholdRule
  ) -> (threshold: Float, outcome: ThresholdOutcome, isMet: Bool)? {
    guard cuts.last?.outcome.right ?? 0 > 0 else { return nil }
    switch rule {
    case .f1:
      var best = 0
      // In integers: equal ones are equal.
      for (index, cut) in cuts.enumerated() {
        let (new, old) = (cut.outcome, cuts[best].outcome)
        if new.right * (old.detections + old.objects) > old.right * (new.detections + new.objects) {
          best = index
        }
      }
      return (threshold(below: best), cuts[best].outcome, true)
    case .precision(let share):
      // A bound is below its precision, which costs less.
      let last = cuts.lastIndex {
        ($0.outcome.precision ?? 0) >= share && $0.outcome.precisionBound >= share
      }
      if let last { return (threshold(below: last), cuts[last].outcome, true) }
      var best = 0
      var bound = -1.0
      for (index, cut) in cuts.enumerated() where (cut.outcome.precision ?? 0) > bound {
        let own = cut.outcome.precisionBound
        if own > bound { (best, bound) = (index, own) }
      }
      return (threshold(below: best), cuts[best].outcome, false)
    }
  }

  /// Midway between a cut's confidence and the next lower one, of the last one the floor; detections
  /// need a larger confidence.
  private func threshold(below index: Int) -> Float {
    let upper = cuts[index].confidence
    let lower = min(index + 1 < cuts.count ? cuts[index + 1].confidence : floor, upper)
    let middle = lower + (upper - lower) / 2
    // Neighbours among the numbers that a Float holds have none between them.
    return middle < upper ? middle : lower
  }
}
