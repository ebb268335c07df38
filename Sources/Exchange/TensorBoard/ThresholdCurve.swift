/// How many decisions are right, wrong and missed at thresholds from 0 to 1 in equal steps, as TensorBoard's
/// curves have it.
package struct ThresholdCurve: Equatable {
  /// Decisions from each threshold on that are right.
  package private(set) var truePositives: [Double]
  /// Decisions from each threshold on that are wrong.
  package private(set) var falsePositives: [Double]
  /// What there was to be found.
  package let positiveCount: Int

  /// Counts decisions.
  ///
  /// - Parameters:
  ///   - decisions: The confidence of each, 0...1, and whether it is right.
  ///   - positiveCount: What there was to be found.
  ///   - thresholdCount: At least 2.
  package init(
    _ decisions: [(confidence: Double, isRight: Bool)], positiveCount: Int,
    thresholdCount: Int = 101
  ) {
    precondition(thresholdCount >= 2, "a curve of \(thresholdCount) thresholds")
    self.positiveCount = positiveCount
    truePositives = Array(repeating: 0, count: thresholdCount)
    falsePositives = truePositives
    for decision in decisions {
      let last = Int((decision.confidence * Double(thresholdCount - 1)).rounded(.down))
      let index = min(max(0, last), thresholdCount - 1)
      if decision.isRight { truePositives[index] += 1 } else { falsePositives[index] += 1 }
    }
    for index in (0..<thresholdCount - 1).reversed() {
      truePositives[index] += truePositives[index + 1]
      falsePositives[index] += falsePositives[index + 1]
    }
  }

  /// True and false positives, true and false negatives, precision and recall, one value a threshold; nobody
  /// counts the places where rightly nothing was found.
  var rows: [[Double]] {
    let missed = truePositives.map { max(0, Double(positiveCount) - $0) }
    let precision = zip(truePositives, falsePositives).map { right, wrong in
      right + wrong > 0 ? right / (right + wrong) : 1
    }
    let recall = truePositives.map { positiveCount > 0 ? $0 / Double(positiveCount) : 0 }
    return [
      truePositives, falsePositives, truePositives.map { _ in 0 }, missed, precision, recall,
    ]
  }
}
