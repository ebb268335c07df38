import Foundation

/// How well a score tells wrong decisions from right ones.
///
/// - AUROC: the probability that a wrong decision is less certain than a right one, ties counting
///   half; 0.5 knows nothing.
/// - AUPR: the average precision of finding wrong decisions, a step per distinct score; a score that
///   knows nothing reaches the share of wrong ones.
/// - AURC (Geifman and El-Yaniv 2017): the mean over k of the share of wrong ones among the k most
///   certain decisions; of ties the mean over all their orders.
/// - E-AURC (Geifman et al. 2019): what is above the AURC of the perfect order. That is taken
///   exactly; for many decisions it is r + (1 − r) ln(1 − r) of the share of errors r.
package struct ErrorDetection: ImageStatistic {
  /// The number of images.
  package let imageCount: Int
  private let entries: [ScoredDecision]

  /// From a score per decision, larger for less certain ones, in their order.
  package init(_ decisions: Decisions, scores: [Double]) {
    imageCount = decisions.imageCount
    entries = ScoredDecision.sorted(decisions, scores: scores)
  }

  /// From a score of the model; nil if the decisions lack it.
  package init?(_ decisions: Decisions, score: UncertaintyScore) {
    guard let scores = decisions.values(of: score) else { return nil }
    self.init(decisions, scores: scores)
  }

  /// AUROC, AUPR, AURC and E-AURC.
  package var valueCount: Int { 4 }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    var total = 0
    var wrongTotal = 0
    for entry in entries {
      let count = weights[Int(entry.image)]
      total += count
      if entry.isWrong { wrongTotal += count }
    }
    guard total > 0 else { return [nil, nil, nil, nil] }
    var seen = 0
    var wrongSeen = 0
    var pairs = 0.0
    var precision = 0.0
    var risk = 0.0
    var start = 0
    while start < entries.count {
      var end = start
      var right = 0
      var wrong = 0
      repeat {
        let count = weights[Int(entries[end].image)]
        if entries[end].isWrong { wrong += count } else { right += count }
        end += 1
      } while end < entries.count && entries[end].score == entries[start].score
      start = end
      guard right + wrong > 0 else { continue }
      let rightSeen = seen - wrongSeen
      pairs += Double(wrong) * (Double(rightSeen) + Double(right) / 2)
      precision += Double(wrong) * Double(wrongTotal - wrongSeen) / Double(total - seen)
      risk += Self.risk(of: right + wrong, wrong, after: seen, wrongSeen)
      seen += right + wrong
      wrongSeen += wrong
    }
    let rightTotal = total - wrongTotal
    let optimum = Self.risk(
      of: wrongTotal, wrongTotal, after: rightTotal, 0)
    let area = risk / Double(total)
    return [
      wrongTotal > 0 && rightTotal > 0
        ? pairs / (Double(wrongTotal) * Double(rightTotal)) : nil,
      wrongTotal > 0 ? precision / Double(wrongTotal) : nil,
      area, max(0, area - optimum / Double(total)),
    ]
  }

  /// Area under the ROC curve, 0...1; nil unless there are both right and wrong decisions.
  package var areaUnderROC: Double? { values[0] }
  /// Average precision of finding wrong decisions, 0...1; nil if none is wrong.
  package var areaUnderPrecisionRecall: Double? { values[1] }
  /// Area under the risk–coverage curve, 0...1; nil without decisions.
  package var areaUnderRiskCoverage: Double? { values[2] }
  /// Its excess over the perfect order, 0...1; nil without decisions.
  package var excessAreaUnderRiskCoverage: Double? { values[3] }

  /// How a threshold splits right and wrong decisions, the certain ones having scores ≤ it.
  package func split(at threshold: Double) -> CertaintySplit {
    CertaintySplit(entries, threshold: threshold)
  }

  /// The split at the median score, half of the decisions being certain; nil without decisions.
  package var medianSplit: CertaintySplit? {
    entries.isEmpty ? nil : split(at: entries[(entries.count - 1) / 2].score)
  }

  /// Σ over j = 1...count of (errors + j · wrong / count) / (seen + j): the risks of a group of equal
  /// scores in random order, after `seen` decisions with `errors` wrong ones.
  private static func risk(of count: Int, _ wrong: Int, after seen: Int, _ errors: Int) -> Double {
    guard count > 0 else { return 0 }
    let share = Double(wrong) / Double(count)
    if count < 64 {
      var sum = 0.0
      for j in 1...count { sum += (Double(errors) + Double(j) * share) / Double(seen + j) }
      return sum
    }
    // (e + j s) / (n + j) = s + (e − n s) / (n + j)
    return Double(wrong)
      + (Double(errors) - Double(seen) * share) * (harmonic(seen + count) - harmonic(seen))
  }

  /// 1 + 1/2 + … + 1/n, to about 1e-15.
  static func harmonic(_ n: Int) -> Double {
    if n < 64 { return (0..<n).reduce(0) { $0 + 1 / Double($1 + 1) } }
    let x = Double(n)
    let square = x * x
    return log(x) + 0.577_215_664_901_532_86 + 1 / (2 * x) - 1 / (12 * square)
      + 1 / (120 * square * square)
  }
}

/// A decision's score and verdict.
struct ScoredDecision: Sendable {
  let score: Double
  let image: Int32
  let isWrong: Bool

  /// By ascending score: the most certain first.
  static func sorted(_ decisions: Decisions, scores: [Double]) -> [ScoredDecision] {
    precondition(decisions.count == scores.count, "\(scores.count) scores of \(decisions.count)")
    let entries = zip(decisions.entries, scores).map {
      ScoredDecision(score: $1, image: Int32($0.image), isWrong: !$0.isRight)
    }
    return entries.indices.sorted {
      entries[$0].score != entries[$1].score
        ? entries[$0].score < entries[$1].score : $0 < $1
    }.map { entries[$0] }
  }
}

/// Decisions by verdict and certainty (Mukhoti and Gal 2018, arXiv 1811.12709), a decision taking
/// the place of their patch.
package struct CertaintySplit: Hashable, Sendable {
  /// Scores up to it are certain.
  package let threshold: Double
  /// Right and certain.
  package let rightCertain: Int
  /// Right and uncertain.
  package let rightUncertain: Int
  /// Wrong and certain.
  package let wrongCertain: Int
  /// Wrong and uncertain.
  package let wrongUncertain: Int

  init(_ entries: [ScoredDecision], threshold: Double) {
    self.threshold = threshold
    var counts = [0, 0, 0, 0]
    for entry in entries {
      counts[(entry.isWrong ? 2 : 0) + (entry.score <= threshold ? 0 : 1)] += 1
    }
    rightCertain = counts[0]
    rightUncertain = counts[1]
    wrongCertain = counts[2]
    wrongUncertain = counts[3]
  }

  /// PAvPU: the share of decisions that are right and certain or wrong and uncertain.
  package var agreement: Double? {
    Self.share(
      rightCertain + wrongUncertain, rightCertain + rightUncertain + wrongCertain + wrongUncertain)
  }
  /// p(right | certain), nil if none is certain.
  package var rightGivenCertain: Double? {
    Self.share(rightCertain, rightCertain + wrongCertain)
  }
  /// p(uncertain | wrong), nil if none is wrong.
  package var uncertainGivenWrong: Double? {
    Self.share(wrongUncertain, wrongCertain + wrongUncertain)
  }

  private static func share(_ part: Int, _ whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }
}
