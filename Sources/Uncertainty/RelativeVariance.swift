/// λ of w ~ N(k, λ k²): the variance of a weight relative to its square.
///
/// It is α of Gaussian dropout (Kingma, Salimans and Welling 2015): p / (1 − p) for rate p.
package enum RelativeVariance: Hashable, Sendable {
  /// The same for all weights, ≥ 0.
  case fixed(Float)
  /// ln λ is learned for each output channel from this start, with the Kullback-Leibler divergence
  /// from the log-uniform prior added to each image's loss with this weight.
  ///
  /// Without the divergence the likelihood would drive λ to 0, so the weight must be positive;
  /// 1 / (number of training images) makes it the variational bound.
  case learned(initial: Float, divergenceWeight: Float)

  /// Bounds of a learned ln λ.
  package static let logarithmRange: ClosedRange<Float> = -8...8

  /// Divergence of one weight, nats.
  ///
  /// Molchanov, Ashukha and Vetrov 2017 (arXiv 1701.05369): an approximation fitted to the integral.
  package static func divergence(logarithm l: Double) -> Double {
    0.63576 - 0.63576 * logistic(1.87320 + 1.48695 * l)
      + 0.5 * Double.logarithm(onePlus: Double.exponential(-l))
  }

  /// The derivative of ``divergence(logarithm:)`` by ln λ.
  package static func divergenceSlope(logarithm l: Double) -> Double {
    let s = logistic(1.87320 + 1.48695 * l)
    return -0.63576 * 1.48695 * s * (1 - s) - 0.5 * logistic(-l)
  }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + Double.exponential(-x)) }
}
