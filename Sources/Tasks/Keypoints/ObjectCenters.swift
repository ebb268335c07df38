package import Evaluation

/// The centres of objects.
package enum ObjectCenters: HeatmapTarget {
  /// `centers`.
  package static var name: String { "centers" }
  /// Average precision of peaks within four pixels of the input.
  package static let measure = ScoreMeasure(
    name: "AP", key: "AveragePrecisionOfPeaks", rules: ["4px", "2px", "8px"])
  /// Any number of objects.
  package static var isPerson: Bool { false }

  /// Of all kinds together.
  package static func scores(_ samples: [JudgedKeypoints]) throws -> Scores {
    fatalError("TODO")
  }
}
