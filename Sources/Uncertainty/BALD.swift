/// The mutual information between a binary output and the weights, from the moments of its logit.
///
/// Houlsby et al. 2011 (arXiv 1112.5745), for a probit likelihood p(y = 1 | f) = Φ(f):
///
///     U(μ, σ²) = h(Φ(μ / √(σ² + 1))) − C / √(σ² + C²) · exp(−μ² / (2 (σ² + C²)))
///     h(p) = −p log₂ p − (1 − p) log₂(1 − p),   C = √(π ln 2 / 2)
///
/// All values are in bits. The closed form is never above the true value and at most 0.0027 below it.
package struct BALD: Hashable, Sendable {
  /// How the expected entropy is computed.
  package enum Form: String, CaseIterable, Hashable, Sendable, Codable {
    /// The formula above.
    case closedForm
    /// ``BALD/fisher(_:)`` where σ < 0.2, the formula above elsewhere: for small σ the formula's
    /// error is larger than the value.
    case fisher
    /// ``BALD/mutualInformation(_:)``.
    case exact
  }

  /// What turns a logit into the argument of Φ.
  package enum LogitScale: String, CaseIterable, Hashable, Sendable, Codable {
    /// The logit itself, as in the formula.
    case probit
    /// √(π / 8) times it, for a logistic output: 1 / (1 + e⁻ᶻ) ≈ Φ(√(π / 8) · z).
    case logistic

    /// The factor.
    package func factor<Scalar: LogitScalar>(_: Scalar.Type = Scalar.self) -> Scalar {
      switch self {
      case .probit: 1
      case .logistic: (Scalar.pi / 8).squareRoot()
      }
    }
  }

  /// How the expected entropy is computed.
  package var form: Form
  /// What turns a logit into the argument of Φ.
  package var logitScale: LogitScale
  /// Whether values below 0, which are errors of the closed form, become 0.
  package var clampsNegative: Bool

  /// The closed form on the logits themselves, without negative values, unless told otherwise.
  package init(
    form: Form = .closedForm, logitScale: LogitScale = .probit, clampsNegative: Bool = true
  ) {
    self.form = form
    self.logitScale = logitScale
    self.clampsNegative = clampsNegative
  }

  /// The uncertainty in bits, in [0, 1]; from −0.0027 where the closed form is not clamped.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package func uncertainty<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>) throws -> Scalar {
    let scaled = moments.scaled(by: logitScale.factor())
    let value =
      switch form {
      case .closedForm: try BALD.closedForm(scaled)
      case .fisher:
        usesFisher(scaled) ? try BALD.fisher(scaled) : try BALD.closedForm(scaled)
      case .exact: try BALD.mutualInformation(scaled)
      }
    return clampsNegative ? max(0, value) : value
  }

  private func usesFisher<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>) -> Bool {
    moments.variance < 0.04
  }

  /// The closed form in bits, in [−0.0027, 1], evaluated through erfc, never through 1 − Φ.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package static func closedForm<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>) throws
    -> Scalar
  {
    try moments.validate()
    return marginalEntropy(moments) - expectedEntropy(moments)
  }

  /// The limit for small σ in bits: σ² / 2 · φ(μ)² / (Φ(μ) Φ(−μ) ln 2), ≥ 0.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package static func fisher<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>) throws -> Scalar
  {
    try moments.validate()
    let tail = Scalar.normalTail(abs(moments.mean))
    // Where the tail underflows, so does the density.
    guard tail > 0 else { return 0 }
    let density = Scalar.normalDensity(moments.mean)
    return moments.variance / 2 * (density / tail) * density
      / ((1 - tail) * Scalar.logarithm(2))
  }

  /// dU/dμ and dU/dσ² of ``uncertainty(_:)``'s closed form; 0 where it is clamped.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance, and for a form
  ///   other than the closed one, whose gradient is not offered.
  package func gradient<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>) throws
    -> (mean: Scalar, variance: Scalar)
  {
    guard form == .closedForm else {
      throw UncertaintyError.invalidOption("only the closed form of BALD has a gradient")
    }
    let factor: Scalar = logitScale.factor()
    let scaled = moments.scaled(by: factor)
    if try clampsNegative && BALD.closedForm(scaled) < 0 { return (0, 0) }
    try scaled.validate()
    let (mean, variance) = (scaled.mean, scaled.variance)
    let root = (variance + 1).squareRoot()
    let s = mean / root
    let tail = Scalar.normalTail(abs(s))
    // h′(p) φ(s); beyond the tail's underflow the density is zero as well.
    var slope: Scalar = 0
    if tail > 0 {
      let logOdds = (Scalar.logarithm(onePlus: -tail) - Scalar.logarithm(tail))
      slope = (s > 0 ? -logOdds : logOdds) / Scalar.logarithm(2) * Scalar.normalDensity(s)
    }
    let width = variance + BALD.squaredWidth()
    let expected = BALD.expectedEntropy(scaled)
    var byMean = slope / root
    var byVariance = -slope * s / (2 * (variance + 1))
    // Where the exponential underflows, its factors may overflow.
    if expected > 0 {
      byMean += mean / width * expected
      byVariance -= expected * (mean / width * mean - 1) / (2 * width)
    }
    return (factor * byMean, factor * factor * byVariance)
  }

  /// h(Φ(μ / √(σ² + 1))): the entropy of the expected output in bits, exact.
  package static func marginalEntropy<Scalar: LogitScalar>(_ moments: LogitMoments<Scalar>)
    -> Scalar
  {
    let a = abs(moments.mean) / (moments.variance + 1).squareRoot()
    return .binaryEntropy(.normalTail(a))
  }

  /// C / √(σ² + C²) · exp(−μ² / (2 (σ² + C²))): the expected entropy, approximate.
  private static func expectedEntropy<Scalar: LogitScalar>(
    _ moments: LogitMoments<Scalar>
  ) -> Scalar {
    let width = (moments.variance + squaredWidth()).squareRoot()
    let distance = moments.mean / width
    return (squaredWidth() as Scalar).squareRoot() / width
      * Scalar.exponential(-0.5 * distance * distance)
  }

  /// C².
  package static func squaredWidth<Scalar: LogitScalar>() -> Scalar {
    Scalar.pi * Scalar.logarithm(2) / 2
  }
}
