package import Compute

/// Cross-entropy of the hardest images of a batch only (Shrivastava et al., arXiv 1604.03540).
///
/// The ⌊ρN⌋ images, one at least, with the highest ``CrossEntropy`` are kept; of equal ones the
/// earlier. The others have neither loss nor gradient. Value and gradient of the kept are times
/// N / ⌊ρN⌋: after the division by N that all classification losses share, they are the average
/// over the kept.
package struct OnlineHardExampleMining: Sendable, Hashable {
  /// ρ: which share of the images is kept, above 0 and at most 1.
  package let keptShare: Float

  /// A loss that keeps the given share, above 0 and at most 1.
  package init(keptShare: Float = 0.9) {
    precondition(keptShare > 0 && keptShare <= 1, "kept share \(keptShare)")
    self.keptShare = keptShare
  }

  /// How many images of a batch are kept: ⌊ρN⌋, one at least if there is one.
  package func keptCount(of batch: Int) -> Int {
    // A Float ρ such as 0.9 lies a little below the number that is meant.
    let count = Int(Double(keptShare) * Double(batch) * (1 + 1e-6))
    return min(max(1, count), batch)
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  /// - Returns: The loss of the kept images, times N / ⌊ρN⌋, and the hits among all images.
  package func evaluate(
    logits: Tensor, labels: [Int], gradient: Tensor
  ) -> ClassificationLossValue {
    var losses: [Double] = []
    var value = ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      guard let logits = $0.baseAddress, let gradient = $2.baseAddress else { return 0 }
      let loss = softmaxCrossEntropy(
        logits, count: $0.count, label: $1, weight: 1, gradient: gradient)
      losses.append(loss)
      return loss
    }
    // A loss that is not a number comes first: it must show.
    let keys = losses.map { $0.isNaN ? .infinity : $0 }
    let order = losses.indices.sorted { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
    let keptCount = keptCount(of: losses.count)
    let scale = keptCount > 0 ? Double(losses.count) / Double(keptCount) : 0
    value.loss = order.prefix(keptCount).reduce(0) { $0 + losses[$1] } * scale
    let count = logits.shape.countPerImage
    gradient.withMutableHostValues { gradient in
      for (rank, image) in order.enumerated() {
        for index in image * count..<(image + 1) * count {
          gradient[index] = rank < keptCount ? gradient[index] * Float(scale) : 0
        }
      }
    }
    return value
  }
}
