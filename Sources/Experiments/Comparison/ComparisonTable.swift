public import Evaluation

/// What a comparison has come to.
///
/// mAP and differences are fractions, not per cent.
public struct ComparisonTable: Encodable, Sendable {
  /// A row's mAP over its seeds, and what separates it from the reference.
  public struct Score: Encodable, Sendable {
    /// mAP over the seeds.
    public let meanAveragePrecision: SampleSpread
    /// The difference of each seed's run from the reference's of the same seed, over the seeds that
    /// both have; nil for the reference itself and without such seeds.
    public let difference: SampleSpread?
    /// The interval of that mean difference over resampled images, the runs as they are; it does not
    /// contain what other seeds would change.
    public let interval: ConfidenceInterval?
  }

  /// One run.
  public struct Run: Encodable, Sendable {
    /// Its seed.
    public let seed: UInt64
    /// Its folder.
    public let folder: String
    /// What it has come to.
    public let result: ComparisonResult
  }

  /// One way to train.
  public struct Row: Encodable, Sendable {
    /// Its name.
    public let name: String
    /// What it is.
    public let summary: String
    /// The runs that are finished, at least one.
    public let runs: [Run]
    /// By metric.
    public let scores: [String: Score]
  }

  /// The metrics, in order.
  public let metrics: [String]
  /// The row that the others are compared with.
  public let reference: String
  /// The rows that have a finished run.
  public let rows: [Row]
  /// Runs that are not finished.
  public let missingRuns: Int
  /// Images that are judged by.
  public let images: Int
  /// Resamples behind each interval.
  public let draws: Int
  /// The share of them in an interval, 0...1.
  public let level: Double
}
