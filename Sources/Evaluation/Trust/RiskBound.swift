import Foundation

/// One-sided upper bounds of a probability of which `wrong` cases in `count` were seen.
package enum RiskBound: String, Sendable, CaseIterable {
  /// Clopper and Pearson 1934: exact for independent cases, never too low.
  case clopperPearson
  /// Hoeffding 1963: p̂ + √(ln(1 / (1 − confidence)) / 2n); simpler and wider.
  case hoeffding

  /// The bound, 0...1; 1 without cases.
  ///
  /// - Parameters:
  ///   - wrong: The cases seen, 0...count.
  ///   - count: The number of tries.
  ///   - confidence: The certainty that the probability is not above the bound.
  /// - Returns: 0...1.
  package func upper(wrong: Int, of count: Int, confidence: Double) -> Double {
    precondition((0...max(count, 0)).contains(wrong), "\(wrong) of \(count)")
    guard count > 0, wrong < count else { return 1 }
    switch self {
    case .hoeffding:
      let slack = (-log(1 - confidence) / (2 * Double(count))).squareRoot()
      return min(1, Double(wrong) / Double(count) + slack)
    case .clopperPearson:
      // The p at which seeing so few or fewer has probability 1 − confidence.
      var low = Double(wrong) / Double(count)
      var high = 1.0
      while high - low > 1e-12 {
        let middle = (low + high) / 2
        if Self.binomialTail(upTo: wrong, of: count, probability: middle) > 1 - confidence {
          low = middle
        } else {
          high = middle
        }
      }
      return high
    }
  }

  /// The probability of at most k of n, for k < n and 0 < p < 1.
  static func binomialTail(upTo k: Int, of n: Int, probability p: Double) -> Double {
    guard p < 1 else { return 0 }
    // Down from the largest term; terms shrink geometrically below the mean, where k lies.
    let ratio = (1 - p) / p
    var term = 1.0
    var sum = 1.0
    for i in stride(from: k, to: 0, by: -1) {
      term *= ratio * Double(i) / Double(n - i + 1)
      sum += term
      if term < sum * 1e-17 { break }
    }
    let logTerm =
      lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
      + Double(k) * log(p) + Double(n - k) * log1p(-p)
    return min(1, exp(logTerm) * sum)
  }
}
