/// One class within one range of object areas, at all ten IoU thresholds.
struct COCOAreaResult {
  /// AP at each of ``COCOEvaluation/thresholds``.
  let averagePrecisions: [Double]
  private let positives: Int
  /// Verdicts by threshold, pair and detection.
  private let outcomes: [[[MatchOutcome]]]

  /// Nil if the class has no object in the range.
  init?(_ pairs: [COCOPair], range: ClosedRange<Double>) {
    positives = pairs.reduce(0) { $0 + $1.positiveCount(in: range) }
    guard positives > 0 else { return nil }
    outcomes = COCOEvaluation.thresholds.map { threshold in
      pairs.map { $0.outcomes(threshold: threshold, range: range) }
    }
    let confidences = pairs.flatMap(\.confidences)
    let order = confidences.indices.sorted {
      confidences[$0] != confidences[$1] ? confidences[$0] > confidences[$1] : $0 < $1
    }
    averagePrecisions = outcomes.map { [positives] outcomes in
      let flat = outcomes.flatMap(\.self)
      return Self.averagePrecision(order.map { flat[$0] }, positives: positives)
    }
  }

  /// The mean over the thresholds.
  var averagePrecision: Double {
    averagePrecisions.reduce(0, +) / Double(averagePrecisions.count)
  }

  /// The share of objects found with so many detections per image, mean over the thresholds.
  func recall(detectionLimit: Int) -> Double {
    let recalls = outcomes.map { pairs in
      let found = pairs.reduce(0) { sum, pair in
        sum + pair.prefix(detectionLimit).count { $0 == .truePositive }
      }
      return Double(found) / Double(positives)
    }
    return recalls.reduce(0, +) / Double(recalls.count)
  }

  /// The mean of the best precision at recall ≥ 0, .01, …, 1.
  private static func averagePrecision(_ ranked: [MatchOutcome], positives: Int) -> Double {
    var right = 0
    var counted = 0
    var recalls: [Double] = []
    var precisions: [Double] = []
    for outcome in ranked where outcome != .ignored {
      counted += 1
      if outcome == .truePositive { right += 1 }
      recalls.append(Double(right) / Double(positives))
      precisions.append(Double(right) / Double(counted))
    }
    for i in precisions.indices.dropLast().reversed() {
      precisions[i] = max(precisions[i], precisions[i + 1])
    }
    var point = 0
    var sum = 0.0
    for level in 0...100 {
      // k · 0.01 in floating point, not k / 100: COCO's tool compares with these levels.
      let wanted = level == 100 ? 1 : Double(level) * 0.01
      while point < recalls.count, recalls[point] < wanted { point += 1 }
      if point < recalls.count { sum += precisions[point] }
    }
    return sum / 101
  }
}
