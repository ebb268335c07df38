/// Spearman's rank correlation of a score of decisions with their errors in pixels, for resampling.
///
/// Pearson's correlation of the ranks, equal values sharing the mean of theirs; −1...1. A score that
/// knows where errors are large is near 1. Decisions without an error are left out.
package struct RankCorrelation: ImageStatistic {
  /// The number of images.
  package let imageCount: Int
  private let images: [Int32]
  private let byScore: RankedColumn
  private let byError: RankedColumn

  /// From a score per decision, larger for less certain ones, in their order.
  package init(_ decisions: Decisions, scores: [Double]) {
    precondition(decisions.count == scores.count, "\(scores.count) scores of \(decisions.count)")
    let kept = decisions.entries.indices.filter { decisions.entries[$0].error != nil }
    imageCount = decisions.imageCount
    images = kept.map { Int32(decisions.entries[$0].image) }
    byScore = RankedColumn(kept.map { scores[$0] })
    byError = RankedColumn(kept.compactMap { decisions.entries[$0].error })
  }

  /// From a score of the model; nil if the decisions lack it.
  package init?(_ decisions: Decisions, score: UncertaintyScore) {
    guard let scores = decisions.values(of: score) else { return nil }
    self.init(decisions, scores: scores)
  }

  /// One.
  package var valueCount: Int { 1 }

  /// The values of a sample of the images; nil unless scores and errors differ among themselves.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let counts = images.map { Double(weights[Int($0)]) }
    let total = counts.reduce(0, +)
    guard total > 0 else { return [nil] }
    let first = byScore.ranks(counts)
    let second = byError.ranks(counts)
    // Ranks that share their means have the mean of all ranks.
    let middle = (total + 1) / 2
    var sums = (product: 0.0, first: 0.0, second: 0.0)
    for (index, count) in counts.enumerated() where count > 0 {
      let (a, b) = (first[index] - middle, second[index] - middle)
      sums.product += count * a * b
      sums.first += count * a * a
      sums.second += count * b * b
    }
    guard sums.first > 0, sums.second > 0 else { return [nil] }
    let value = sums.product / (sums.first * sums.second).squareRoot()
    return [min(max(value, -1), 1)]
  }

  /// What a value can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> { -1...1 }

  /// The correlation in the data; nil unless scores and errors differ among themselves.
  package var value: Double? { values[0] }
}

/// Numbers in ascending order, for their ranks in resamples.
private struct RankedColumn: Sendable {
  private let order: [Int]
  /// Whether a place of the order has the same number as the place before.
  private let isTied: [Bool]

  init(_ values: [Double]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    self.order = order
    isTied = order.indices.map { $0 > 0 && values[order[$0]] == values[order[$0 - 1]] }
  }

  /// Ranks from 1 on where each number occurs so often; equal ones share their mean.
  func ranks(_ counts: [Double]) -> [Double] {
    var ranks = [Double](repeating: 0, count: order.count)
    var before = 0.0
    var start = 0
    while start < order.count {
      var end = start
      var own = 0.0
      repeat {
        own += counts[order[end]]
        end += 1
      } while end < order.count && isTied[end]
      for place in start..<end { ranks[order[place]] = before + (own + 1) / 2 }
      before += own
      start = end
    }
    return ranks
  }
}
