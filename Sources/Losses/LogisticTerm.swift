import Foundation

/// A term of a loss that is about one logit z, with q = σ(z).
struct LogisticTerm {
  /// The loss.
  var value: Double
  /// Its derivative in z.
  var gradient: Float
  /// q.
  let probability: Float

  /// The base of a modulator is not let below this: for γ < 1 its slope is infinite at 0.
  static let smallestBase = 1e-6

  /// Binary cross-entropy with a target t in 0...1.
  ///
  ///     L = −t ln σ(z) − (1 − t) ln(1 − σ(z)) = max(z, 0) + ln(1 + e^−|z|) − t·z
  ///     dL/dz = σ(z) − t
  ///
  /// The second form never overflows.
  static func binaryCrossEntropy(logit z: Float, target: Float) -> LogisticTerm {
    let small = exp(-abs(z))
    let probability = z >= 0 ? 1 / (1 + small) : small / (1 + small)
    return LogisticTerm(
      value: Double(max(z, 0) + log1p(small) - target * z), gradient: probability - target,
      probability: probability)
  }

  /// Binary cross-entropy with a target of 0 or 1, times a power of the error plus an offset.
  ///
  /// With the error e = q for target 0 and 1 − q for target 1, and offset and γ as constants:
  ///
  ///     L = mᵞ · (−ln(1 − e)),   m = max(offset + e, 10⁻⁶)
  ///     dL/dz = ± { mᵞ e + γ mᵞ⁻¹ e (1 − e) (−ln(1 − e)) },   + for target 0
  ///
  /// Offset 0 is focal loss; 1 − a for target 0 and a for target 1 is anchor loss with the anchor
  /// probability a. Where m is cut its slope is 0. Computed in Double.
  static func modulated(
    logit z: Float, isPositive: Bool, offset: Float, exponent: Float
  ) -> LogisticTerm {
    let u = Double(isPositive ? -z : z)
    let small = exp(-abs(u))
    let error = u >= 0 ? 1 / (1 + small) : small / (1 + small)
    let rest = u >= 0 ? small / (1 + small) : 1 / (1 + small)
    let loss = max(u, 0) + log1p(small)
    let base = Double(offset) + error
    let cut = max(base, smallestBase)
    let factor = pow(cut, Double(exponent))
    var slope = factor * error
    if base >= smallestBase {
      slope += Double(exponent) * pow(cut, Double(exponent) - 1) * error * rest * loss
    }
    return LogisticTerm(
      value: factor * loss, gradient: Float(isPositive ? -slope : slope),
      probability: Float(isPositive ? rest : error))
  }

  /// Binary cross-entropy with a target t in 0...1, times a power of the distance to it: focal loss for
  /// targets between 0 and 1 (Li et al., Generalized Focal Loss, arXiv 2006.04388).
  ///
  ///     L = mᵞ · BCE(q, t),   m = max(|q − t|, 10⁻⁶)
  ///     dL/dz = mᵞ (q − t) ± γ mᵞ⁻¹ q (1 − q) BCE(q, t),   + where q > t
  ///
  /// Where m is cut its slope is 0. Computed in Double.
  static func modulated(logit z: Float, target: Float, exponent: Float) -> LogisticTerm {
    let (z, t, exponent) = (Double(z), Double(target), Double(exponent))
    let small = exp(-abs(z))
    let probability = z >= 0 ? 1 / (1 + small) : small / (1 + small)
    let loss = max(z, 0) + log1p(small) - t * z
    let distance = abs(probability - t)
    let base = max(distance, smallestBase)
    let factor = pow(base, exponent)
    var slope = factor * (probability - t)
    if distance >= smallestBase {
      let spread = small / ((1 + small) * (1 + small))
      slope += (probability > t ? 1 : -1) * exponent * pow(base, exponent - 1) * spread * loss
    }
    return LogisticTerm(
      value: factor * loss, gradient: Float(slope), probability: Float(probability))
  }

  /// The term times a constant.
  func scaled(by factor: Float) -> LogisticTerm {
    LogisticTerm(
      value: Double(factor) * value, gradient: factor * gradient, probability: probability)
  }
}
