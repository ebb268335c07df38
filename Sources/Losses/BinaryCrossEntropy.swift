internal import Foundation

/// Binary cross-entropy of a logit z with a target t in 0...1.
///
///     L = −t ln σ(z) − (1 − t) ln(1 − σ(z)) = max(z, 0) + ln(1 + e^−|z|) − t·z
///     dL/dz = σ(z) − t
///
/// The second form never overflows.
struct BinaryCrossEntropy {
  /// L.
  let value: Double
  /// dL/dz.
  let gradient: Float
  /// σ(z).
  let probability: Float

  init(logit z: Float, target: Float) {
    let small = exp(-abs(z))
    probability = z >= 0 ? 1 / (1 + small) : small / (1 + small)
    value = Double(max(z, 0) + log1p(small) - target * z)
    gradient = probability - target
  }
}
