package import Compute
import Detection
import Foundation

/// Focal loss of a classifier (Lin et al., arXiv 1708.02002).
///
/// Cross-entropy times a power of the error, so that easy examples count less. For logits z of an
/// image with label y, summed over the batch, value and gradient alike:
///
///     sigmoid, q = σ(z):    L = −α (1 − q_y)ᵞ ln q_y − (1 − α) Σ_{k≠y} qₖᵞ ln(1 − qₖ)
///     softmax, p:           L = −(1 − p_y)ᵞ ln p_y
///                           dL/dzₖ = { (1 − p_y)ᵞ − γ p_y (1 − p_y)ᵞ⁻¹ ln p_y } (pₖ − [k = y])
///
/// γ = 0 is binary cross-entropy or cross-entropy. The base of a power is at least 10⁻⁶.
package struct FocalLoss: Sendable, Hashable {
  /// What makes probabilities of the logits.
  package enum Activation: Sendable, Hashable {
    /// Each class on its own; the positive weight is α, nil: both weights are 1.
    case sigmoid(positiveWeight: Float? = nil)
    /// One distribution over the classes.
    case softmax
  }

  /// γ ≥ 0.
  package let focusingExponent: Float
  /// What makes probabilities of the logits.
  package let activation: Activation

  /// A focal loss.
  ///
  /// - Parameters:
  ///   - focusingExponent: γ ≥ 0.
  ///   - activation: What makes probabilities of the logits; a positive weight is in 0...1.
  package init(
    focusingExponent: Float = 2, activation: Activation = .sigmoid(positiveWeight: nil)
  ) {
    precondition(
      focusingExponent >= 0 && focusingExponent.isFinite, "focusing exponent \(focusingExponent)")
    if case .sigmoid(let weight?) = activation {
      precondition((0...1).contains(weight), "positive weight \(weight)")
    }
    self.focusingExponent = focusingExponent
    self.activation = activation
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package func evaluate(
    logits: Tensor, labels: [Int], gradient: Tensor
  ) -> ClassificationLossValue {
    ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      switch activation {
      case .sigmoid(let weight): logistic($0, $1, $2, positiveWeight: weight)
      case .softmax: softmax($0, $1, $2)
      }
    }
  }

  private func logistic(
    _ logits: UnsafeBufferPointer<Float>, _ label: Int,
    _ gradient: UnsafeMutableBufferPointer<Float>, positiveWeight: Float?
  ) -> Double {
    // The objectness loss of the same name is this loss with one class.
    let loss = ObjectnessLoss.focal(
      focusingExponent: focusingExponent, positiveWeight: positiveWeight)
    var sum = 0.0
    for index in logits.indices {
      let term = loss.term(
        logit: logits[index], target: index == label ? 1 : 0, largestPositive: nil)
      sum += term.value
      gradient[index] = term.gradient
    }
    return sum
  }

  private func softmax(
    _ logits: UnsafeBufferPointer<Float>, _ label: Int,
    _ gradient: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    guard let start = logits.baseAddress, let target = gradient.baseAddress else { return 0 }
    let crossEntropy = softmaxCrossEntropy(
      start, count: logits.count, label: label, weight: 1, gradient: target)
    // 1 − p_y as the sum of the others, which keeps its digits where p_y is nearly 1.
    var error = 0.0
    for index in gradient.indices where index != label { error += Double(gradient[index]) }
    let exponent = Double(focusingExponent)
    let base = max(error, 1e-6)
    let modulator = pow(base, exponent)
    var scale = modulator
    if error >= 1e-6 {
      scale += exponent * pow(base, exponent - 1) * exp(-crossEntropy) * crossEntropy
    }
    for index in gradient.indices { gradient[index] *= Float(scale) }
    return modulator * crossEntropy
  }
}
