import Foundation

/// Mean and variance of f(x) = x for x > 0, slope · x otherwise, where x ~ N(m, v).
///
/// With s = √v, c = m / s and f = slope · x + (1 − slope) · max(0, x): E max(0, x) = m Φ(c) + s φ(c),
/// cov(x, max(0, x)) = v Φ(c), and the variance of max(0, x) is
/// v (c² Φ(c) Φ(−c) + Φ(c) + c φ(c) Φ(−c) − c φ(c) Φ(c) − φ(c)²), which does not cancel for large c.
package struct RectifiedNormal: Hashable, Sendable {
  /// E f(x).
  package let mean: Double
  /// The variance of f(x), ≥ 0.
  package let variance: Double

  /// The moments for m, v ≥ 0 and a slope.
  package init(mean m: Double, variance v: Double, slope: Double) {
    let s = v.squareRoot()
    guard s > 0 else {
      mean = m > 0 ? m : slope * m
      variance = 0
      return
    }
    let c = m / s
    let (below, above) = (RectifiedNormal.upperTail(c), RectifiedNormal.upperTail(-c))
    let density = exp(-0.5 * c * c) / (2 * Double.pi).squareRoot()
    // c² overflows where one of the tails has long been 0.
    let spread = c * (below * above) * c
    let rectified = v * max(0, spread + above + c * density * (below - above) - density * density)
    let rest = 1 - slope
    mean = slope * m + rest * (m * above + s * density)
    variance = slope * slope * v + 2 * slope * rest * v * above + rest * rest * rectified
  }

  /// Φ(−x), without cancellation.
  private static func upperTail(_ x: Double) -> Double { 0.5 * erfc(x * 0.5.squareRoot()) }
}
