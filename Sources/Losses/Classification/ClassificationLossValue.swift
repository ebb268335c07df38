import Compute

/// The value of a classification loss.
///
/// Sums over a batch, as every gradient beside them: divide by the number of images for the usual
/// mean. A class is one of L, the channels of logits [N, 1, 1, L].
package struct ClassificationLossValue: Hashable, Sendable {
  /// The loss, in nats.
  package var loss: Double
  /// Images whose largest logit is the label's (the first of equal ones counts).
  package var correctCount: Int

  /// The sum of an image's loss over the batch, and its hits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L], L ≥ 1.
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  ///   - imageLoss: The loss of an image of L logits; overwrites the L values of its gradient.
  init(
    logits: Tensor, labels: [Int], gradient: Tensor,
    imageLoss: (
      _ logits: UnsafeBufferPointer<Float>, _ label: Int,
      _ gradient: UnsafeMutableBufferPointer<Float>
    ) -> Double
  ) {
    precondition(labels.count == logits.shape.batch, "\(labels.count) labels, \(logits.shape)")
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    let count = logits.shape.countPerImage
    precondition(labels.allSatisfy { $0 >= 0 && $0 < count }, "a label outside 0..<\(count)")
    loss = 0
    correctCount = 0
    logits.withHostValues { logits in
      gradient.withMutableHostValues { gradient in
        for (image, label) in labels.enumerated() {
          let range = image * count..<(image + 1) * count
          let values = UnsafeBufferPointer(rebasing: logits[range])
          loss += imageLoss(values, label, UnsafeMutableBufferPointer(rebasing: gradient[range]))
          var largest = 0
          for index in 1..<max(count, 1) where values[index] > values[largest] { largest = index }
          if largest == label { correctCount += 1 }
        }
      }
    }
  }
}
