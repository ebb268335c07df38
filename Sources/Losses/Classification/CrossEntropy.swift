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
///
/// An image of several classes has the mean of their targets, weighted with their shares.
package enum CrossEntropy {
  /// The loss of a batch and how many images were classified correctly.
  package typealias Value = ClassificationLossValue

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L; the most of an image that has several.
  ///   - mixtures: For each image its classes, 0 ..< L and each once, with shares whose sum is 1; none:
  ///     its label alone. Empty: no image has several.
  ///   - smoothing: ε, 0...1.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package static func evaluate(
    logits: Tensor, labels: [Int], mixtures: [[(label: Int, share: Float)]] = [],
    smoothing: Float = 0, gradient: Tensor
  ) -> Value {
    var image = 0
    return ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      guard let logits = $0.baseAddress, let gradient = $2.baseAddress else { return 0 }
      var loss = softmaxCrossEntropy(
        logits, count: $0.count, label: $1, weight: 1, gradient: gradient)
      let mixture = mixtures.isEmpty ? [] : mixtures[image]
      image += 1
      let epsilon = $0.count > 1 ? smoothing : 0
      if !mixture.isEmpty {
        loss += mix($0, $1, mixture, smoothing: epsilon, $2)
      } else if epsilon > 0 {
        loss += smooth($0, $1, by: epsilon, $2)
      }
      return loss
    }
  }

  /// What several classes, perhaps smoothed, add to the loss of one and to its gradient.
  private static func mix(
    _ logits: UnsafeBufferPointer<Float>, _ label: Int, _ mixture: [(label: Int, share: Float)],
    smoothing: Float, _ gradient: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    let rest = smoothing > 0 ? smoothing / Float(logits.count - 1) : 0
    // A class with share s: s (1 − ε) + (1 − s) ε / (L − 1).
    var change = [Float](repeating: rest, count: logits.count)
    change[label] -= 1
    for part in mixture {
      precondition(logits.indices.contains(part.label), "a class outside \(logits.indices)")
      change[part.label] += part.share * (1 - smoothing - rest)
    }
    var sum = 0.0
    for index in logits.indices {
      gradient[index] -= change[index]
      sum += Double(change[index]) * Double(logits[index])
    }
    return -sum
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
