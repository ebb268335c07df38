import Keypoints

/// The verdicts on what was found of a class, among which a threshold is chosen.
struct JudgedClass {
  /// The class.
  let name: String
  /// What was found, in any order.
  let verdicts: [(image: Int, confidence: Float, isRight: Bool)]
  /// For each object that should be found its image.
  let objectImages: [Int]

  /// The classes of detections.
  static func all(of matched: MatchedDetections) -> [JudgedClass] {
    matched.classes.map { entry in
      JudgedClass(
        name: entry.name,
        verdicts: entry.matches.map { ($0.imageIndex, $0.confidence, !$0.isWrong) },
        objectImages: entry.objectImages)
    }
  }

  /// The kinds of objects whose centres are peaks.
  static func all(of matched: MatchedPeaks) -> [JudgedClass] {
    matched.layout.names.enumerated().map { group, name in
      JudgedClass(
        name: name,
        verdicts: matched.peaks.filter { $0.group == group }
          .map { ($0.image, $0.score, $0.distance != nil) },
        objectImages: matched.objectCounts.enumerated().flatMap { image, counts in
          [Int](repeating: image, count: counts[group])
        })
    }
  }
}
