package import Compute

/// The value of a classification loss.
///
/// Sums over a batch, as every gradient beside them: divide by the number of images for the usual
/// mean. A class is one of L, the channels of logits [N, 1, 1, L].
package struct ClassificationLossValue: Hashable, Sendable {
  /// The loss, in nats.
  package var loss: Double
  /// The part of each image in it.
  package private(set) var imageLosses: [Double]
  /// The class with the largest logit of each image (the first of equal ones).
  package let predictions: [Int]
  /// Whether that is the label.
  package let isCorrect: [Bool]

  /// Images whose largest logit is the label's.
  package var correctCount: Int { isCorrect.count { $0 } }

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
    var (loss, losses, predictions) = (0.0, [Double](), [Int]())
    logits.withHostValues { logits in
      gradient.withMutableHostValues { gradient in
        for (image, label) in labels.enumerated() {
          let range = image * count..<(image + 1) * count
          let values = UnsafeBufferPointer(rebasing: logits[range])
          let own = imageLoss(values, label, UnsafeMutableBufferPointer(rebasing: gradient[range]))
          loss += own
          losses.append(own)
          var largest = 0
          for index in 1..<max(count, 1) where values[index] > values[largest] { largest = index }
          predictions.append(largest)
        }
      }
    }
    self.loss = loss
    imageLosses = losses
    self.predictions = predictions
    isCorrect = zip(predictions, labels).map(==)
  }

  /// Multiplies each image's loss and gradient; weights are constants of the gradient.
  ///
  /// - Parameters:
  ///   - weights: One for each image.
  ///   - gradient: That of the loss so far.
  package mutating func weigh(by weights: [Float], gradient: Tensor) {
    precondition(weights.count == imageLosses.count, "\(weights.count) weights")
    imageLosses = zip(imageLosses, weights).map { $0 * Double($1) }
    loss = imageLosses.reduce(0, +)
    let count = gradient.shape.countPerImage
    gradient.withMutableHostValues { gradient in
      for index in gradient.indices { gradient[index] *= weights[index / count] }
    }
  }

  /// Keeps the given images, each times a constant; the others have neither loss nor gradient, whatever
  /// they had.
  ///
  /// - Parameters:
  ///   - images: Each once; their losses are summed in this order.
  ///   - scale: The constant.
  ///   - gradient: That of the loss so far.
  mutating func keep(_ images: some Collection<Int>, times scale: Double, gradient: Tensor) {
    loss = images.reduce(0) { $0 + imageLosses[$1] } * scale
    let kept = Set(images)
    imageLosses = imageLosses.indices.map { kept.contains($0) ? imageLosses[$0] * scale : 0 }
    let count = gradient.shape.countPerImage
    gradient.withMutableHostValues { gradient in
      for index in gradient.indices {
        gradient[index] = kept.contains(index / count) ? gradient[index] * Float(scale) : 0
      }
    }
  }
}
