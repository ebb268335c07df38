/// A number per decision that claims to know which decisions are wrong.
///
/// But for ``probability`` combinations use nothing but the numbers themselves: no verdicts, no weights that were
/// fitted.
package enum UncertaintyScore: String, Sendable, CaseIterable {
  /// One minus the confidence: what every other score has to beat.
  case confidence
  /// The mutual information of answer and weights; a detector's answer is the objectness, a keypoint's
  /// the map at its peak.
  case bald
  /// The entropy of the mean answer; a keypoint's is that of its map over the places.
  case entropy
  /// One minus what the most probable answer is ahead of the next.
  case margin
  /// The second highest peak of a keypoint's map over the highest.
  case secondPeak
  /// How far a keypoint's map spreads around its peak.
  case spread
  /// The mean mutual information of map and weights around a keypoint's peak.
  case baldAround
  /// One minus the mean objectness.
  case objectnessMean
  /// The variance of the objectness.
  case objectnessVariance
  /// One minus the probability of being right that was fitted to other images.
  case probability
  /// One minus the IoU that the model expects a detection's box to have.
  case expectedIoU
  /// 1 − c · IoU of the confidence c and the expected IoU: uncertain if either says so.
  case confidenceAndExpectedIoU
  /// 1 − c (1 − U) of the confidence c and BALD U in bits: uncertain if either says so.
  case confidenceAndBALD
  /// The mean of the decision's ranks by confidence and by BALD, as a share.
  case ranksOfConfidenceAndBALD
  /// The mean of its ranks by confidence, BALD and variance, as a share.
  case ranksOfConfidenceBALDAndVariance

  /// Those that a detection of a network with a Bayesian branch and one for the expected IoU has; the others
  /// are a classifier's or a keypoint's.
  package static let ofDetections = allCases.filter {
    ![.margin, .secondPeak, .spread, .baldAround].contains($0)
  }

  /// What a mean of ranks is the mean of; nil for scores that a decision has by itself.
  package var ranked: [UncertaintyScore]? {
    switch self {
    case .ranksOfConfidenceAndBALD: [.confidence, .bald]
    case .ranksOfConfidenceBALDAndVariance: [.confidence, .bald, .objectnessVariance]
    default: nil
    }
  }

  /// What tables and legends call it.
  package var title: String {
    switch self {
    case .confidence: "1 - confidence"
    case .bald: "BALD"
    case .entropy: "entropy"
    case .margin: "1 - margin"
    case .secondPeak: "second peak"
    case .spread: "spread"
    case .baldAround: "BALD around"
    case .objectnessMean: "1 - mean objectness"
    case .objectnessVariance: "variance of objectness"
    case .probability: "1 - probability of being right"
    case .expectedIoU: "1 - expected IoU"
    case .confidenceAndExpectedIoU: "1 - confidence x expected IoU"
    case .confidenceAndBALD: "1 - confidence (1 - BALD)"
    case .ranksOfConfidenceAndBALD: "ranks: confidence, BALD"
    case .ranksOfConfidenceBALDAndVariance: "ranks: confidence, BALD, variance"
    }
  }
}

extension Decisions {
  /// A score of every decision, larger for less certain ones, in the order of ``entries``.
  ///
  /// Of ranks, equal values share the mean. A resample keeps the ranks of the data.
  ///
  /// - Returns: Nil if it is none of ``measures`` and not made of those and the decisions' scores.
  package func values(of score: UncertaintyScore) -> [Double]? {
    switch score {
    case .confidence: return entries.map { 1 - Double($0.score) }
    case .confidenceAndBALD:
      return values(of: .bald).map { bald in
        zip(entries, bald).map { 1 - Double($0.score) * (1 - $1) }
      }
    case .confidenceAndExpectedIoU:
      return values(of: .expectedIoU).map { misses in
        zip(entries, misses).map { 1 - Double($0.score) * (1 - $1) }
      }
    case .ranksOfConfidenceAndBALD, .ranksOfConfidenceBALDAndVariance:
      return score.ranked.flatMap(meanRanks)
    case .bald, .entropy, .margin, .secondPeak, .spread, .baldAround, .objectnessMean,
      .objectnessVariance, .expectedIoU, .probability:
      guard let place = measures.firstIndex(of: score) else { return nil }
      return entries.map { $0.uncertainties[place] }
    }
  }

  private func meanRanks(of scores: [UncertaintyScore]) -> [Double]? {
    var sums = [Double](repeating: 0, count: count)
    for score in scores {
      guard let values = values(of: score) else { return nil }
      for (index, rank) in Self.ranks(values).enumerated() { sums[index] += rank }
    }
    let scale = 1 / Double(scores.count * max(count, 1))
    return sums.map { $0 * scale }
  }

  /// Ranks from 1 on, ascending; equal values share their mean.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }
}
