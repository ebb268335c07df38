import Foundation

/// The penalty-reduced focal loss of keypoint maps (Law and Deng, CornerNet, arXiv 1808.01244).
///
/// A negative near an object counts less, by its target y < 1. For logits z and targets y, with
/// p = σ(z) cut to clamp...1 − clamp:
///
///     y = 1:  ℓ = −(1 − p)ᵅ ln p              dℓ/dz = (1 − p)ᵅ {α p ln p − (1 − p)}
///     y < 1:  ℓ = −(1 − y)ᵝ pᵅ ln(1 − p)      dℓ/dz = (1 − y)ᵝ pᵅ {p − α (1 − p) ln(1 − p)}
///
/// The gradient is 0 where p is cut. α = β = 0 is binary cross-entropy of the targets that are 1
/// against all others; β = 0 is focal loss. CornerNet divides by the number of objects of the batch:
/// ``HeatmapLoss/Normalization/batch``.
package struct DistanceAwareFocalLoss: Sendable, Hashable {
  /// α ≥ 0: how much easy pixels are reduced.
  package let focusingExponent: Float
  /// β ≥ 0: how much negatives near an object are reduced.
  package let penaltyExponent: Float
  /// How far probabilities are kept from 0 and 1, above 0 and below ½.
  package let clamp: Float

  /// A loss with α ≥ 0, β ≥ 0 and a clamp above 0 and below ½.
  package init(focusingExponent: Float = 2, penaltyExponent: Float = 4, clamp: Float = 1e-4) {
    precondition(
      focusingExponent >= 0 && focusingExponent.isFinite, "focusing exponent \(focusingExponent)")
    precondition(
      penaltyExponent >= 0 && penaltyExponent.isFinite, "penalty exponent \(penaltyExponent)")
    precondition(clamp > 0 && clamp < 0.5, "clamp \(clamp)")
    self.focusingExponent = focusingExponent
    self.penaltyExponent = penaltyExponent
    self.clamp = clamp
  }

  /// A pixel's loss and derivative.
  func term(logit: Double, target: Float) -> (value: Double, slope: Double) {
    // With the error e = 1 − p of a positive, p of a negative, both lines above are one.
    let isPositive = target == 1
    let exact = 1 / (1 + exp(isPositive ? logit : -logit))
    let low = Double(clamp)
    let isCut = exact < low || exact > 1 - low
    let error = min(max(exact, low), 1 - low)
    let exponent = Double(focusingExponent)
    let penalty = isPositive ? 1 : Self.power(1 - Double(target), Double(penaltyExponent))
    let factor = penalty * Self.power(error, exponent)
    let crossEntropy = -log1p(-error)
    guard !isCut else { return (factor * crossEntropy, 0) }
    let slope = factor * (error + exponent * (1 - error) * crossEntropy)
    return (factor * crossEntropy, isPositive ? -slope : slope)
  }

  /// A power, quickly where the exponent is a usual one.
  private static func power(_ base: Double, _ exponent: Double) -> Double {
    switch exponent {
    case 0: 1
    case 2: base * base
    case 4: base * base * base * base
    default: pow(base, exponent)
    }
  }
}
