package import Compute
import Foundation

/// Cross-entropy of a softmax classifier, from its logits.
///
/// For logits z of an image with label y, in the stable form with m = max z:
///
///     L = ln Σₖ e^(zₖ − m) + m − z_y
///     dL/dzₖ = softmax(z)ₖ − [k = y]
///
/// Summed over the batch, value and gradient alike.
package enum CrossEntropy {
  /// The loss of a batch and how many images were classified correctly.
  package typealias Value = ClassificationLossValue

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package static func evaluate(logits: Tensor, labels: [Int], gradient: Tensor) -> Value {
    ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      guard let logits = $0.baseAddress, let gradient = $2.baseAddress else { return 0 }
      return softmaxCrossEntropy(
        logits, count: $0.count, label: $1, weight: 1, gradient: gradient)
    }
  }
}

/// weight · L of one image; overwrites its gradient.
func softmaxCrossEntropy(
  _ logits: UnsafePointer<Float>, count: Int, label: Int, weight: Float,
  gradient: UnsafeMutablePointer<Float>
) -> Double {
  var largest = -Float.infinity
  for index in 0..<count { largest = max(largest, logits[index]) }
  var sum = 0.0
  for index in 0..<count {
    let power = exp(logits[index] - largest)
    gradient[index] = power
    sum += Double(power)
  }
  let scale = weight / Float(sum)
  for index in 0..<count { gradient[index] *= scale }
  gradient[label] -= weight
  return Double(weight) * (log(sum) + Double(largest) - Double(logits[label]))
}
