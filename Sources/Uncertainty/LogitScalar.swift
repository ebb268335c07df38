import Foundation

/// Float or Double with the functions that uncertainty is made of.
package protocol LogitScalar: BinaryFloatingPoint, Sendable, Codable {
  /// eˣ.
  static func exponential(_ x: Self) -> Self
  /// ln x.
  static func logarithm(_ x: Self) -> Self
  /// ln(1 + x), accurate near 0.
  static func logarithm(onePlus x: Self) -> Self
  /// 2 / √π · ∫ₓ^∞ exp(−t²) dt.
  static func complementaryErrorFunction(_ x: Self) -> Self
}

extension Float: LogitScalar {
  /// eˣ.
  package static func exponential(_ x: Float) -> Float { exp(x) }
  /// ln x.
  package static func logarithm(_ x: Float) -> Float { log(x) }
  /// ln(1 + x), accurate near 0.
  package static func logarithm(onePlus x: Float) -> Float { log1p(x) }
  /// 2 / √π · ∫ₓ^∞ exp(−t²) dt.
  package static func complementaryErrorFunction(_ x: Float) -> Float { erfc(x) }
}

extension Double: LogitScalar {
  /// eˣ.
  package static func exponential(_ x: Double) -> Double { exp(x) }
  /// ln x.
  package static func logarithm(_ x: Double) -> Double { log(x) }
  /// ln(1 + x), accurate near 0.
  package static func logarithm(onePlus x: Double) -> Double { log1p(x) }
  /// 2 / √π · ∫ₓ^∞ exp(−t²) dt.
  package static func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }
}

extension LogitScalar {
  /// Φ(−x), the normal distribution's upper tail, without cancellation.
  static func normalTail(_ x: Self) -> Self {
    0.5 * complementaryErrorFunction(x * Self(0.5).squareRoot())
  }

  /// φ(x), the normal density.
  static func normalDensity(_ x: Self) -> Self {
    exponential(-0.5 * x * x) / (2 * Self.pi).squareRoot()
  }

  /// h(q) = −q log₂ q − (1 − q) log₂(1 − q), in bits; made for small q.
  static func binaryEntropy(_ q: Self) -> Self {
    guard q > 0 else { return 0 }
    return -(q * logarithm(q) + (1 - q) * logarithm(onePlus: -q)) / logarithm(2)
  }
}
