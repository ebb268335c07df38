package import Compute
import Foundation

/// The penalty-reduced focal loss of keypoint maps (Law and Deng, CornerNet, arXiv 1808.01244).
///
/// A negative near an object counts less, by its target y < 1. For logits z and targets y, with
/// p = σ(z) cut to clamp...1 − clamp and P the number of targets that are exactly 1, at least 1:
///
///     y = 1:  L = −1/P (1 − p)ᵅ ln p              dL/dz = 1/P (1 − p)ᵅ {α p ln p − (1 − p)}
///     y < 1:  L = −1/P (1 − y)ᵝ pᵅ ln(1 − p)      dL/dz = 1/P (1 − y)ᵝ pᵅ {p − α (1 − p) ln(1 − p)}
///
/// The gradient is 0 where p is cut. α = β = 0 is binary cross-entropy of the targets that are 1
/// against all others; β = 0 is focal loss. Unlike the losses of this module that are sums over the
/// batch, this one is normalised already.
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

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, L].
  ///   - targets: As `logits`, each in 0...1.
  ///   - gradient: As `logits`.
  /// - Returns: The loss over the number of positives in the batch, in nats.
  package func evaluate(logits: Tensor, targets: Tensor, gradient: Tensor) -> Double {
    precondition(targets.shape == logits.shape, "targets \(targets.shape) of \(logits.shape)")
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    return logits.withHostValues { logits in
      targets.withHostValues { targets in
        gradient.withMutableHostValues { gradient in
          let positiveCount = targets.reduce(into: 0) { $0 += $1 == 1 ? 1 : 0 }
          let weight = 1 / Double(max(1, positiveCount))
          var loss = 0.0
          for index in logits.indices {
            let (value, slope) = term(logit: Double(logits[index]), target: targets[index])
            loss += value
            gradient[index] = Float(weight * slope)
          }
          return weight * loss
        }
      }
    }
  }

  /// A pixel's loss and derivative, not yet over the number of positives.
  private func term(logit: Double, target: Float) -> (value: Double, slope: Double) {
    // With the error e = 1 − p of a positive, p of a negative, both lines above are one.
    let isPositive = target == 1
    let exact = 1 / (1 + exp(isPositive ? logit : -logit))
    let low = Double(clamp)
    let isCut = exact < low || exact > 1 - low
    let error = min(max(exact, low), 1 - low)
    let exponent = Double(focusingExponent)
    let penalty = isPositive ? 1 : pow(1 - Double(target), Double(penaltyExponent))
    let factor = penalty * pow(error, exponent)
    let crossEntropy = -log1p(-error)
    guard !isCut else { return (factor * crossEntropy, 0) }
    let slope = factor * (error + exponent * (1 - error) * crossEntropy)
    return (factor * crossEntropy, isPositive ? -slope : slope)
  }
}
