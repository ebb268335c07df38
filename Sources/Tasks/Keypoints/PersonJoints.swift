package import Evaluation

/// The joints of persons.
package enum PersonJoints: HeatmapTarget {
  /// `keypoints`.
  package static var name: String { "keypoints" }
  /// The share of correct keypoints at .2 and .5 of the reference length that the data have.
  package static let measure = ScoreMeasure(
    name: "PCK", key: "CorrectKeypoints", rules: ["0.2", "0.5"])
  /// Each once.
  package static var isPerson: Bool { true }

  /// Of all joints together.
  package static func scores(_ samples: [JudgedKeypoints]) throws -> Scores {
    let thresholds = measure.rules.compactMap { Double($0) }
    let scores = KeypointScores(
      try KeypointErrors(samples, reference: .usual(for: samples)), thresholds: thresholds)
    let values = scores.values(.once(imageCount: scores.imageCount))
    return Scores(
      measure,
      values: thresholds.map { threshold in
        scores.numbers.firstIndex(of: .pooled(threshold)).flatMap { values[$0] }
      })
  }
}
