package import Evaluation
import Tasks

/// What a comparison has come to.
///
/// Scores and differences are fractions, not per cent.
package struct ComparisonTable: Encodable, Sendable {
  /// A row's score over its seeds, and what separates it from the reference.
  package struct Score: Encodable, Sendable {
    /// What it measures.
    let measure: ScoreMeasure
    /// The score over the seeds.
    package let spread: SampleSpread
    /// The difference of each seed's run from the reference's of the same seed, over the seeds that
    /// both have; nil for the reference itself and without such seeds.
    package let difference: SampleSpread?
    /// The interval of that mean difference over resampled images, the runs as they are; it does not
    /// contain what other seeds would change.
    package let interval: ConfidenceInterval?
    /// How far other images, other seeds and both would move that mean difference.
    package let estimate: SeedImageEstimate?

    /// The spread stands under what it measures, `meanAveragePrecision` or `accuracy`.
    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: NameKey.self)
      try container.encode(spread, forKey: NameKey(measure.property))
      try container.encodeIfPresent(difference, forKey: NameKey("difference"))
      try container.encodeIfPresent(interval, forKey: NameKey("interval"))
      try container.encodeIfPresent(estimate, forKey: NameKey("acrossSeedsAndImages"))
    }
  }

  /// One run.
  package struct Run: Encodable, Sendable {
    /// Its seed.
    package let seed: UInt64
    /// Its folder.
    package let folder: String
    /// What it has come to.
    package let result: ComparisonResult
  }

  /// One way to train.
  package struct Row: Encodable, Sendable {
    /// Its name.
    package let name: String
    /// What it is.
    package let summary: String
    /// The runs that are finished, at least one.
    package let runs: [Run]
    /// By metric, and by the names of details.
    package let scores: [String: Score]
  }

  /// What the scores measure.
  let measure: ScoreMeasure
  /// The rules of the measure, in order.
  package let metrics: [String]
  /// What is shown beside them, each with one rule, the name of its value in ``Row/scores``.
  let details: [ScoreStatistic.Detail]
  /// The row that the others are compared with.
  package let reference: String
  /// The rows that have a finished run.
  package let rows: [Row]
  /// Runs that are not finished.
  package let missingRuns: Int
  /// Images that are judged by.
  package let images: Int
  /// Resamples behind each interval.
  package let draws: Int
  /// The share of them in an interval, 0...1.
  package let level: Double

  private enum CodingKeys: String, CodingKey {
    case metrics
    case reference
    case rows
    case missingRuns
    case images
    case draws
    case level
  }
}
