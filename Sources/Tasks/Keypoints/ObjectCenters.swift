package import Evaluation

/// The centres of objects.
package enum ObjectCenters: HeatmapTarget {
  /// `centers`.
  package static var name: String { "centers" }
  /// Average precision of peaks within 4, 2 and 8 pixels of the input, mean over the kinds.
  package static let measure = ScoreMeasure(
    name: "AP", key: "AveragePrecisionOfPeaks", rules: ["4px", "2px", "8px"])
  /// Any number of objects.
  package static var isPerson: Bool { false }
  /// Of the rules, pixels of the input.
  package static let radii = [4.0, 2, 8]

  /// Of all peaks, however low.
  package static func scores(_ samples: [JudgedKeypoints]) throws -> Scores {
    Scores(
      measure,
      values: try radii.map { radius in
        let scores = try PeakScores(samples, radius: radius, threshold: 0)
        return scores.values(.once(imageCount: scores.imageCount))[scores.place(of: .ap)]
      })
  }
}
