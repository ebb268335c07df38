import Compute

/// How well keypoints of persons, or centres of objects, are found on a split, and how far what is said of
/// them can be trusted, in numbers with intervals over images.
package struct KeypointReport: Sendable {
  /// What was looked for.
  package enum Kind: String, Sendable {
    /// The joints of persons, each there once.
    case joints
    /// Centres of objects, any number of them.
    case centers
  }

  /// How people read a number.
  package enum Unit: Sendable {
    /// A share, in per cent.
    case share
    /// A number by itself.
    case number
    /// A length in pixels of the picture.
    case pixels
  }

  /// A number with its interval, by the name that scripts know.
  package struct Figure: Sendable {
    /// Such as `pck0.2`.
    package let key: String
    /// As people call it.
    package let title: String
    /// The number.
    package let estimate: Estimate
    /// How people read it.
    package let unit: Unit
  }

  /// The numbers of a joint, of a pair of joints, or of a kind of objects.
  package struct Row: Sendable {
    /// What it is called.
    package let name: String
    /// How many are annotated.
    package let annotated: Int
    /// Its numbers.
    package let figures: [Figure]
  }

  /// How a score goes with the errors in pixels.
  package struct Correlation: Sendable {
    /// The score, larger for less certain keypoints.
    package let score: UncertaintyScore
    /// Spearman's, −1...1.
    package let estimate: Estimate
  }

  /// What was looked for.
  package let kind: Kind
  /// The number of images.
  package let imageCount: Int
  /// The number of persons; of centres the number of images.
  package let sampleCount: Int
  /// Numbers of all keypoints.
  package let figures: [Figure]
  /// A row for each joint or kind.
  package let rows: [Row]
  /// Joints with their mirror images, where there are any.
  package let pairs: [Row]
  /// COCO's numbers of persons; empty where there are none.
  package let similarity: [Figure]
  /// Why there is no similarity; nil if there is.
  package let withoutSimilarity: String?
  /// Calibration of the height of peaks, and how well scores find wrong keypoints.
  package let trust: DecisionTrust
  /// How scores go with errors in pixels.
  package let correlations: [Correlation]
  /// What was judged, one for each keypoint.
  package let decisions: Decisions
  /// How far off each joint is; nil of centres.
  package internal(set) var errors: KeypointErrors?
  /// Other tools' numbers.
  package var references: [KeypointTool.Result] = []
  /// Choices to be named beside the numbers.
  package var settings: [EvaluationReport.Setting]
  /// What stands behind the numbers without being wrong.
  package var notes: [String]
  /// Images that could not be read; no number is about them.
  package var unreadableImages = 0

  /// A report of numbers that were computed already, with trust in decisions.
  init(
    _ kind: Kind, imageCount: Int, sampleCount: Int, figures: [Figure], rows: [Row],
    pairs: [Row] = [], similarity: [Figure] = [], withoutSimilarity: String? = nil,
    decisions: Decisions, settings: [EvaluationReport.Setting], notes: [String],
    bootstrap: Bootstrap?, pool: ThreadPool?
  ) {
    self.kind = kind
    self.imageCount = imageCount
    self.sampleCount = sampleCount
    self.figures = figures
    self.rows = rows
    self.pairs = pairs
    self.similarity = similarity
    self.withoutSimilarity = withoutSimilarity
    self.decisions = decisions
    self.settings = settings
    self.notes = notes
    trust = DecisionTrust(decisions, bootstrap: bootstrap, pool: pool)
    let scores = UncertaintyScore.allCases.compactMap { score in
      RankCorrelation(decisions, score: score).map { (score: score, statistic: $0) }
    }
    let values = Bootstrap.estimates(
      of: CombinedStatistic(scores.map(\.statistic), imageCount: decisions.imageCount), bootstrap,
      pool: pool)
    correlations = zip(scores, values).map { Correlation(score: $0.score, estimate: $1) }
  }

  /// One of the numbers of all keypoints, by the name that scripts know.
  package subscript(_ key: String) -> Estimate? { figures.first { $0.key == key }?.estimate }

  /// Bins of a reliability diagram; nil if a height is outside 0...1.
  package var reliability: [CalibrationError.Bin]? {
    decisions.hasProbabilities ? CalibrationError(decisions).bins : nil
  }

  /// The share of wrong keypoints among the most certain ones, by score.
  package var riskCoverage: [(score: UncertaintyScore, curve: RiskCoverage)] {
    RiskCoverage.curves(decisions)
  }
}
