import Foundation

/// Student's t distribution.
enum StudentT {
  /// The value that a share of the distribution lies below.
  ///
  /// By bisection of the distribution function, to 1e-10 of the value.
  ///
  /// - Parameters:
  ///   - share: 0.5 ..< 1.
  ///   - freedom: Degrees of freedom, above 0; need not be whole.
  /// - Returns: At least 0.
  static func quantile(_ share: Double, freedom: Double) -> Double {
    precondition(share >= 0.5 && share < 1 && freedom > 0, "no quantile")
    var low = 0.0
    var high = 1.0
    while cumulative(high, freedom: freedom) < share, high < 1e12 { high *= 2 }
    while high - low > 1e-10 * max(1, high) {
      let middle = (low + high) / 2
      if cumulative(middle, freedom: freedom) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The share below t ≥ 0: 1 − I(ν / (ν + t²); ν/2, ½) / 2.
  static func cumulative(_ t: Double, freedom: Double) -> Double {
    1 - incompleteBeta(freedom / (freedom + t * t), a: freedom / 2, b: 0.5) / 2
  }

  /// The regularised incomplete beta function I(x; a, b), 0 ≤ x ≤ 1, by the continued fraction of
  /// Didonato and Morris in Lentz's form.
  static func incompleteBeta(_ x: Double, a: Double, b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges fast on this side of the mean alone.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, a: b, b: a) }
    let front =
      exp(
        lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    let tiny = 1e-300
    func bounded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / bounded(1 - (a + b) * x / (a + 1))
    var fraction = d
    for m in 1...10_000 {
      let k = Double(m)
      let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      d = 1 / bounded(1 + even * d)
      c = bounded(1 + even / c)
      fraction *= c * d
      let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
      d = 1 / bounded(1 + odd * d)
      c = bounded(1 + odd / c)
      let step = c * d
      fraction *= step
      if abs(step - 1) < 1e-15 { break }
    }
    return front * fraction
  }
}
