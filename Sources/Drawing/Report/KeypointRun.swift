package import Evaluation
package import Images

/// Everything that a report shows of one network of keypoints.
package struct KeypointRun: ReportedRun {
  /// A number of both runs, this one's minus the first's.
  package struct Difference: Sendable {
    /// As people call it.
    package let title: String
    /// Whether more of it is better.
    package let higherIsBetter: Bool
    /// Points more or less.
    package let difference: EstimatedDifference

    /// A difference.
    package init(_ title: String, higherIsBetter: Bool, _ difference: EstimatedDifference) {
      self.title = title
      self.higherIsBetter = higherIsBetter
      self.difference = difference
    }
  }

  package var name: String
  package var settings: [EvaluationReport.Setting]
  /// The numbers, with intervals.
  package var report: KeypointReport
  /// How intervals were made; nil without.
  package var bootstrap: Bootstrap?
  package var cautions: [String] = []
  /// Every choice that its training was started with, by name.
  package var options: [EvaluationReport.Setting] = []
  /// How its training went.
  package var course = RunCourse()
  /// Persons or images that the surest wrong keypoints are in.
  package var confidentMistakes: [KeypointExample] = []
  /// Those that the most uncertain keypoints are in.
  package var mostUncertain: [KeypointExample] = []
  /// What the uncertainty of examples is.
  package var measure = UncertaintyScore.confidence
  /// Wall time of looking at all images, seconds.
  package var seconds: Double
  /// How it differs from the first run; empty for the first.
  package var differences: [Difference] = []

  /// A run with its numbers.
  package init(
    name: String, settings: [EvaluationReport.Setting], report: KeypointReport,
    bootstrap: Bootstrap?, seconds: Double
  ) {
    self.name = name
    self.settings = settings
    self.report = report
    self.bootstrap = bootstrap
    self.seconds = seconds
  }
}

/// A person or an image that is worth looking at, with the keypoint that it is shown for.
package struct KeypointExample: Sendable {
  /// The sample's id.
  package let image: String
  /// The keypoint.
  package let keypoint: String
  /// The height of its peak.
  package let score: Float
  /// How far it is from its place, pixels; nil: it is none, or not known.
  package let error: Double?
  /// Whether it is right.
  package let isRight: Bool
  /// Its uncertainty.
  package let uncertainty: Double
  /// The person or the image with all keypoints drawn.
  package let picture: Image

  /// An example of a decision.
  package init(
    _ decision: Decision, uncertainty: Double, id: String, keypoint: String, picture: Image
  ) {
    image = id
    self.keypoint = keypoint
    score = decision.score
    error = decision.error
    isRight = decision.isRight
    self.uncertainty = uncertainty
    self.picture = picture
  }

  /// What was found and whether that is right.
  var caption: String {
    let place = error.map { "\(ReportText.number($0, digits: 1)) px off" } ?? "nothing is there"
    return "\(keypoint) \(ReportText.percent(Double(score))) %, uncertainty"
      + " \(ReportText.number(uncertainty, digits: 2)): \(isRight ? "right" : "wrong"), \(place)"
      + " (\(image))"
  }
}
