public import Compute
internal import Foundation

/// Cross-entropy of a softmax classifier, from its logits.
///
/// For logits z of an image with label y, in the stable form with m = max z:
///
///     L = ln Σₖ e^(zₖ − m) + m − z_y
///     dL/dzₖ = softmax(z)ₖ − [k = y]
///
/// Summed over the batch, value and gradient alike.
public enum CrossEntropy {
  /// The loss of a batch and how many images were classified correctly.
  public struct Value: Hashable, Sendable {
    /// L summed over the images.
    public var loss: Double
    /// Images whose largest logit is the label's (the first of equal ones counts).
    public var correctCount: Int
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  public static func evaluate(logits: Tensor, labels: [Int], gradient: Tensor) -> Value {
    precondition(labels.count == logits.shape.batch, "\(labels.count) labels, \(logits.shape)")
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    let count = logits.shape.countPerImage
    precondition(labels.allSatisfy { $0 >= 0 && $0 < count }, "a label outside 0..<\(count)")
    var value = Value(loss: 0, correctCount: 0)
    logits.withValues { logits in
      gradient.withMutableValues { gradient in
        guard let logits = logits.baseAddress, let gradient = gradient.baseAddress else { return }
        for (image, label) in labels.enumerated() {
          let start = logits + image * count
          value.loss += softmaxCrossEntropy(
            start, count: count, label: label, weight: 1, gradient: gradient + image * count)
          var largest = 0
          for index in 1..<max(count, 1) where start[index] > start[largest] { largest = index }
          if largest == label { value.correctCount += 1 }
        }
      }
    }
    return value
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
