/// How right and how complete the detections of a class are, from the most confident one down.
///
/// One point per detection that counts; ignored detections have none. Precision is
/// TP / (TP + FP), recall TP / objects.
package struct PrecisionRecallCurve: Sendable, Hashable {
  /// The number of objects to be found, without difficult ones.
  package let objectCount: Int
  /// Right detections up to each point.
  package private(set) var truePositives: [Int] = []
  /// Wrong detections up to each point.
  package private(set) var falsePositives: [Int] = []
  /// Confidence of each point's detection, never increasing.
  package private(set) var confidences: [Float] = []

  /// The curve of verdicts in order of descending confidence.
  package init(_ matches: [DetectionMatch], objectCount: Int) {
    self.objectCount = objectCount
    var right = 0
    var wrong = 0
    for match in matches {
      switch match.outcome {
      case .truePositive: right += 1
      case .falsePositive: wrong += 1
      case .ignored: continue
      }
      truePositives.append(right)
      falsePositives.append(wrong)
      confidences.append(match.confidence)
    }
  }

  /// The number of points.
  package var count: Int { truePositives.count }

  /// Precision at each point, 0...1.
  package var precisions: [Double] {
    truePositives.indices.map {
      Double(truePositives[$0]) / Double(truePositives[$0] + falsePositives[$0])
    }
  }

  /// Recall at each point, 0...1, never decreasing; empty without objects.
  package var recalls: [Double] {
    objectCount > 0 ? truePositives.map { Double($0) / Double(objectCount) } : []
  }
}
