/// The rules that turn a precision–recall curve into one number.
public enum AveragePrecision: String, Sendable, CaseIterable {
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
  public func value(of curve: PrecisionRecallCurve) -> Double? {
    guard curve.objectCount > 0 else { return nil }
    switch self {
    case .elevenPoint:
      return elevenPoints(curve) { 10 * curve.truePositives[$0] >= $1 * curve.objectCount }
    case .elevenPointFloat:
      let recalls = curve.recalls
      return elevenPoints(curve) { recalls[$0] >= Double($1) * 0.1 }
    case .area:
      return area(curve)
    }
  }

  /// `reaches(point, k)` says whether the point's recall is at least k/10.
  private func elevenPoints(
    _ curve: PrecisionRecallCurve, reaches: (Int, Int) -> Bool
  ) -> Double {
    let envelope = envelope(curve.precisions)
    var point = 0
    var sum = 0.0
    for level in 0...10 {
      while point < curve.count, !reaches(point, level) { point += 1 }
      if point < curve.count { sum += envelope[point] / 11 }
    }
    return sum
  }

  private func area(_ curve: PrecisionRecallCurve) -> Double {
    let envelope = envelope(curve.precisions)
    var sum = 0.0
    var previous = 0.0
    for (recall, precision) in zip(curve.recalls, envelope) where recall != previous {
      sum += (recall - previous) * precision
      previous = recall
    }
    return sum
  }

  /// The best precision at each point or any later one.
  private func envelope(_ precisions: [Double]) -> [Double] {
    var result = precisions
    for i in result.indices.dropLast().reversed() { result[i] = max(result[i], result[i + 1]) }
    return result
  }
}
