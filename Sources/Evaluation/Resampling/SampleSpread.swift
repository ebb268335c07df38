/// Mean and spread of a few measurements.
package struct SampleSpread: Hashable, Sendable, Codable {
  /// The number of measurements, at least 1.
  package let count: Int
  /// Their mean.
  package let mean: Double
  /// Their sample standard deviation, √(Σ (x − mean)² / (n − 1)); nil for a single one.
  package let deviation: Double?

  /// Nil without measurements.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    count = values.count
    self.mean = mean
    deviation =
      values.count == 1
      ? nil
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
  }
}
