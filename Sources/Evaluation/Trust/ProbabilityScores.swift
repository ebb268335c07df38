import Foundation

/// Proper scores of the confidence as the probability that the decision is right.
///
///     Brier = mean of (confidence − y)²
///     NLL   = −mean of log(y · confidence + (1 − y) · (1 − confidence)), in nats
///
/// y is 1 for a right decision. The logarithm is taken of at least 1e-7, near the smallest distance
/// of a Float from 1.
package struct ProbabilityScores: ImageStatistic {
  /// The number of images.
  package let imageCount: Int
  private let entries: [Entry]

  private struct Entry: Sendable {
    let image: Int
    let brier: Double
    let surprise: Double
  }

  /// The scores of decisions whose score is a probability.
  package init(_ decisions: Decisions) {
    imageCount = decisions.imageCount
    entries = decisions.entries.map { decision in
      let confidence = Double(decision.score)
      let likelihood = decision.isRight ? confidence : 1 - confidence
      return Entry(
        image: decision.image, brier: (1 - likelihood) * (1 - likelihood),
        surprise: -log(max(likelihood, 1e-7)))
    }
  }

  /// The Brier score and the negative log-likelihood.
  package var valueCount: Int { 2 }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    var count = 0
    var brier = 0.0
    var surprise = 0.0
    for entry in entries {
      let weight = weights[entry.image]
      count += weight
      brier += Double(weight) * entry.brier
      surprise += Double(weight) * entry.surprise
    }
    return count > 0 ? [brier / Double(count), surprise / Double(count)] : [nil, nil]
  }

  /// What the Brier score and the negative log-likelihood can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> { 0...(index == 0 ? 1 : .infinity) }

  /// The Brier score, 0...1; nil without decisions.
  package var brier: Double? { values[0] }
  /// The negative log-likelihood in nats, ≥ 0; nil without decisions.
  package var negativeLogLikelihood: Double? { values[1] }
}
