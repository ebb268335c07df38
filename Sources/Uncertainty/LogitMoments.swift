/// Mean and variance of a logit that is uncertain because the weights are.
package struct LogitMoments<Scalar: LogitScalar>: Hashable, Sendable {
  /// μ.
  package var mean: Scalar
  /// σ²: the variance, not the standard deviation; ≥ 0.
  package var variance: Scalar

  /// The moments of a logit.
  package init(mean: Scalar, variance: Scalar) {
    self.mean = mean
    self.variance = variance
  }

  /// The moments of `factor` times the logit.
  package func scaled(by factor: Scalar) -> LogitMoments {
    LogitMoments(mean: factor * mean, variance: factor * factor * variance)
  }

  /// Whether uncertainty can be computed from them.
  ///
  /// - Parameter index: Their place, for the error's text.
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package func validate(index: Int = 0) throws {
    guard mean.isFinite else { throw UncertaintyError.notFinite(argument: "mean", index: index) }
    guard variance.isFinite else {
      throw UncertaintyError.notFinite(argument: "variance", index: index)
    }
    guard variance >= 0 else { throw UncertaintyError.negativeVariance(index: index) }
  }
}
