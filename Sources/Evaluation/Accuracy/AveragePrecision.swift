/// The rules that turn a precision–recall curve into one number.
package enum AveragePrecision: String, Sendable, CaseIterable {
  /// VOC2007: the mean of the best precision at recall ≥ 0, 0.1, …, 1, compared in integers.
  case elevenPoint
  /// VOC2010 and later: the area under the curve made monotonic.
  case area
  /// The eleven points with levels k · 0.1 in floating point, as NumPy tools compare them.
  ///
  /// 3 · 0.1 is a little above 0.3, so a recall of exactly 3/10, 6/10 or 7/10 misses its level:
  /// the result is lower than ``elevenPoint`` where that happens.
  case elevenPointFloat

  /// AP in 0...1; nil for a class without objects, 0 if nothing was found.
  package func value(of curve: PrecisionRecallCurve) -> Double? {
    value(of: PrecisionSteps(curve))
  }

  /// AP of steps whose precisions are monotonic already.
  func value(of steps: PrecisionSteps) -> Double? {
    guard steps.objectCount > 0 else { return nil }
    let count = steps.objectCount
    switch self {
    case .elevenPoint:
      return elevenPoints(steps) { 10 * $0 >= $1 * count }
    case .elevenPointFloat:
      return elevenPoints(steps) { Double($0) / Double(count) >= Double($1) * 0.1 }
    case .area:
      return area(steps)
    }
  }

  /// `reaches(found, k)` says whether the recall of so many right detections is at least k/10.
  private func elevenPoints(_ steps: PrecisionSteps, reaches: (Int, Int) -> Bool) -> Double {
    var point = 0
    var sum = 0.0
    for level in 0...10 {
      while point < steps.truePositives.count, !reaches(steps.truePositives[point], level) {
        point += 1
      }
      if point < steps.precisions.count { sum += steps.precisions[point] / 11 }
    }
    return sum
  }

  private func area(_ steps: PrecisionSteps) -> Double {
    let count = Double(steps.objectCount)
    var sum = 0.0
    var previous = 0.0
    for (found, precision) in zip(steps.truePositives, steps.precisions) {
      let recall = Double(found) / count
      sum += (recall - previous) * precision
      previous = recall
    }
    return sum
  }
}
