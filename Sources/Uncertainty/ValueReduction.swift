/// What becomes of several values of one place.
package enum ValueReduction: String, CaseIterable, Hashable, Sendable, Codable {
  /// The largest: nothing uncertain is hidden.
  case max
  /// The mean.
  case mean

  /// One value of those that are not NaN; NaN if there are none.
  func reduced(_ values: some Sequence<Float>) -> Float {
    var largest = -Float.infinity
    var sum = 0.0
    var count = 0
    for value in values where !value.isNaN {
      largest = Swift.max(largest, value)
      sum += Double(value)
      count += 1
    }
    guard count > 0 else { return .nan }
    switch self {
    case .max: return largest
    case .mean: return Float(sum / Double(count))
    }
  }
}
