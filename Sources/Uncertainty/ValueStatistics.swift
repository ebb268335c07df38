/// Smallest, mean and largest of some values.
package struct ValueStatistics: Hashable, Sendable, Codable {
  /// The smallest.
  package let minimum: Float
  /// The mean.
  package let mean: Float
  /// The largest.
  package let maximum: Float

  /// Of the values that are not NaN; nil if there are none.
  package init?(_ values: some Sequence<Float>) {
    var low = Float.infinity
    var high = -Float.infinity
    var sum = 0.0
    var count = 0
    for value in values where !value.isNaN {
      low = min(low, value)
      high = max(high, value)
      sum += Double(value)
      count += 1
    }
    guard count > 0 else { return nil }
    minimum = low
    maximum = high
    mean = Float(sum / Double(count))
  }
}
