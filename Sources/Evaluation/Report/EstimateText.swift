import Files

extension Estimate {
  /// The number with its interval, if it has one, such as `93.6 [92.1, 95.0]`.
  ///
  /// - Parameters:
  ///   - scale: What numbers are multiplied by: 100 for per cent.
  ///   - digits: Decimals.
  /// - Returns: `n/a` where undefined.
  func text(scale: Double = 100, digits: Int = 1) -> String {
    func number(_ value: Double?) -> String {
      NumberText.decimal(value.map { scale * $0 }, digits: digits)
    }
    let text = number(value)
    guard let interval else { return text }
    return "\(text) [\(number(interval.lower)), \(number(interval.upper))]"
  }
}
