extension BALD {
  /// I = h(E Φ(f)) − E h(Φ(f)) for f ~ N(μ, σ²), by quadrature in double precision: in [0, 1] bit.
  ///
  /// The integrand is smooth and vanishes at both ends, where the trapezoid rule with a step of an
  /// eighth of the narrower factor is accurate to rounding: about 1e-15 bit.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package static func mutualInformation<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>) throws
    -> Scalar
  {
    try moments.validate()
    let mean = Double(moments.mean)
    let variance = Double(moments.variance)
    let deviation = variance.squareRoot()
    // Below this the information is less than rounding; the quadrature would divide by zero.
    guard deviation > 1e-9 else { return 0 }
    let marginal = marginalEntropy(LogitMoments(mean: mean, variance: variance))

    // h(Φ(±10)) is 6e-22 bit and a normal variable is never 12 deviations from its mean.
    let low = max(-10, mean - 12 * deviation)
    let high = min(10, mean + 12 * deviation)
    guard low < high else { return Scalar(marginal) }
    let count = max(16, Int(((high - low) / (min(deviation, 1) / 8)).rounded(.up)))
    let step = (high - low) / Double(count)
    var sum = 0.0
    for i in 0...count {
      let f = low + Double(i) * step
      let weight = i == 0 || i == count ? 0.5 : 1
      sum +=
        weight * Double.binaryEntropy(.normalTail(abs(f)))
        * Double.normalDensity((f - mean) / deviation)
    }
    return Scalar(max(0, marginal - sum * step / deviation))
  }
}
