package import Compute
import Foundation

/// Cross-entropy of a softmax classifier, from its logits.
///
/// For logits z of an image with label y, in the stable form with m = max z:
///
///     L = ln Σₖ e^(zₖ − m) + m − z_y
///     dL/dzₖ = softmax(z)ₖ − [k = y]
///
/// Summed over the batch, value and gradient alike. With label smoothing ε the target of the label is
/// 1 − ε and that of each other class ε / (L − 1), which takes the places of 1 and 0 in
///
///     L = ln Σₖ e^(zₖ − m) + m − Σₖ tₖ zₖ,   dL/dzₖ = softmax(z)ₖ − tₖ
package enum CrossEntropy {
  /// The loss of a batch and how many images were classified correctly.
  package typealias Value = ClassificationLossValue

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L.
  ///   - smoothing: ε, 0...1.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package static func evaluate(
    logits: Tensor, labels: [Int], smoothing: Float = 0, gradient: Tensor
  ) -> Value {
    ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      guard let logits = $0.baseAddress, let gradient = $2.baseAddress else { return 0 }
      let plain = softmaxCrossEntropy(
        logits, count: $0.count, label: $1, weight: 1, gradient: gradient)
      guard smoothing > 0, $0.count > 1 else { return plain }
      return plain + smooth($0, $1, by: smoothing, $2)
    }
  }

  /// What smoothing adds to the loss and to its gradient.
  private static func smooth(
    _ logits: UnsafeBufferPointer<Float>, _ label: Int, by smoothing: Float,
    _ gradient: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    let share = smoothing / Float(logits.count - 1)
    var others = 0.0
    for index in logits.indices where index != label {
      others += Double(logits[index])
      gradient[index] -= share
    }
    gradient[label] += smoothing
    return Double(smoothing) * Double(logits[label]) - Double(share) * others
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
