/// The score from which on decisions balance precision and recall best.
///
/// All groups are counted together: F1 = 2 TP / (2 TP + FP + FN) is largest there; of equal ones the
/// largest confidence.
package struct BalancedThreshold: Hashable, Sendable {
  /// Decisions with at least this confidence are kept.
  package let confidence: Float
  /// The share of right ones among the kept, 0...1.
  package let precision: Double
  /// The share of what there is to find, 0...1.
  package let recall: Double
  /// Their harmonic mean, 0...1.
  package let f1: Double

  /// The best threshold; nil if no decision is right.
  ///
  /// - Parameters:
  ///   - decisions: What was answered.
  ///   - targets: How many right answers there are to give, such as objects to be found.
  package init?(_ decisions: Decisions, targets: Int) {
    let ranked = decisions.entries.sorted { $0.score > $1.score }
    var best: (index: Int, right: Int, f1: Double)?
    var right = 0
    for (index, decision) in ranked.enumerated() {
      if decision.isRight { right += 1 }
      // Equal scores are kept or dropped together.
      if index + 1 < ranked.count, ranked[index + 1].score == decision.score { continue }
      let f1 = 2 * Double(right) / Double(index + 1 + targets)
      if f1 > best?.f1 ?? 0 { best = (index, right, f1) }
    }
    guard let best else { return nil }
    confidence = ranked[best.index].score
    precision = Double(best.right) / Double(best.index + 1)
    recall = Double(best.right) / Double(targets)
    f1 = best.f1
  }
}
