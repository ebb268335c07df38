/// The share of wrong decisions among those that are kept, against how many are kept.
package struct RiskCoverage: Sendable {
  /// All decisions up to a score are kept.
  package struct Point: Hashable, Sendable {
    /// The largest score that is kept.
    package let score: Double
    /// The share of decisions that is kept, 0...1.
    package let coverage: Double
    /// The share of wrong ones among them, 0...1.
    package let risk: Double
    /// How many are kept.
    package let kept: Int
    /// How many of them are wrong.
    package let wrong: Int
  }

  /// One point per distinct score, the most certain decisions first.
  package let points: [Point]

  /// The curve of scores, larger for less certain decisions, in their order.
  package init(_ decisions: Decisions, scores: [Double]) {
    let entries = ScoredDecision.sorted(decisions, scores: scores)
    var points: [Point] = []
    var wrong = 0
    for (index, entry) in entries.enumerated() {
      if entry.isWrong { wrong += 1 }
      if index + 1 < entries.count, entries[index + 1].score == entry.score { continue }
      let kept = index + 1
      points.append(
        Point(
          score: entry.score, coverage: Double(kept) / Double(entries.count),
          risk: Double(wrong) / Double(kept), kept: kept, wrong: wrong))
    }
    self.points = points
  }

  /// The curve of a score of the model; nil if the decisions lack it.
  package init?(_ decisions: Decisions, score: UncertaintyScore) {
    guard let scores = decisions.values(of: score) else { return nil }
    self.init(decisions, scores: scores)
  }

  /// A curve per score that the decisions have.
  package static func curves(
    _ decisions: Decisions
  ) -> [(score: UncertaintyScore, curve: RiskCoverage)] {
    UncertaintyScore.allCases.compactMap { score in
      RiskCoverage(decisions, score: score).map { (score, $0) }
    }
  }

  /// The risk when the most certain share of the decisions is kept, at least one.
  ///
  /// - Parameter coverage: 0...1; the first point that reaches it counts.
  /// - Returns: 0...1; nil without decisions.
  package func risk(atCoverage coverage: Double) -> Double? {
    points.first { $0.coverage >= coverage }?.risk ?? points.last?.risk
  }

  /// What remains if the least certain decisions are handed to a person.
  ///
  /// - Parameter share: Of the decisions, 0...1; as many as come closest to it from below, since
  ///   equal scores stay together, but one decision stays at least.
  /// - Returns: Where the rest ends; nil without decisions.
  package func handingOver(_ share: Double) -> Point? {
    points.first { $0.coverage >= 1 - share - 1e-12 }
  }

  /// A threshold that keeps the risk below a target with stated certainty.
  ///
  /// Tested are the thresholds that keep 1/n, 2/n, …, n/n of the decisions. Each test gets an n-th of
  /// the allowed failures (Bonferroni), so the certainty holds for the largest that passes.
  /// Bounds take decisions as independent draws, which those of one image are not quite, and they
  /// hold for new images of the same kind only.
  ///
  /// - Parameters:
  ///   - maximumRisk: The target, 0...1.
  ///   - confidence: The certainty, such as 0.95.
  ///   - bound: How the upper bound is computed.
  ///   - tests: The number n of thresholds; more of them are finer and surer of nothing.
  /// - Returns: The largest coverage that passed, nil if none did.
  package func threshold(
    maximumRisk: Double, confidence: Double = 0.95, bound: RiskBound = .clopperPearson,
    tests: Int = 20
  ) -> Pick? {
    precondition(tests > 0 && confidence < 1, "no tests, or absolute certainty")
    let each = 1 - (1 - confidence) / Double(tests)
    for test in (1...tests).reversed() {
      let coverage = Double(test) / Double(tests)
      guard let point = points.first(where: { $0.coverage >= coverage - 1e-12 }) else { continue }
      let upper = bound.upper(wrong: point.wrong, of: point.kept, confidence: each)
      if upper <= maximumRisk { return Pick(point: point, upperRisk: upper) }
    }
    return nil
  }

  /// The threshold that promises the least risk with stated certainty, by the tests of
  /// ``threshold(maximumRisk:confidence:bound:tests:)``; of equal promises the largest coverage.
  ///
  /// - Returns: Nil without decisions.
  package func leastPromise(
    confidence: Double = 0.95, bound: RiskBound = .clopperPearson, tests: Int = 20
  ) -> Pick? {
    precondition(tests > 0 && confidence < 1, "no tests, or absolute certainty")
    let each = 1 - (1 - confidence) / Double(tests)
    var best: Pick?
    for test in (1...tests).reversed() {
      let coverage = Double(test) / Double(tests)
      guard let point = points.first(where: { $0.coverage >= coverage - 1e-12 }) else { continue }
      let upper = bound.upper(wrong: point.wrong, of: point.kept, confidence: each)
      if upper < best?.upperRisk ?? .infinity { best = Pick(point: point, upperRisk: upper) }
    }
    return best
  }

  /// A threshold with what is known about its risk.
  package struct Pick: Hashable, Sendable {
    /// The last point that is kept.
    package let point: Point
    /// The upper bound of the risk there.
    package let upperRisk: Double
  }
}
