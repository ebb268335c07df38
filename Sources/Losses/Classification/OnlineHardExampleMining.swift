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
  ///   - mixtures: As of ``CrossEntropy``.
  ///   - smoothing: ε of its targets, 0...1.
  ///   - gradient: As `logits`.
  /// - Returns: The loss of the kept images, times N / ⌊ρN⌋, and the hits among all images.
  package func evaluate(
    logits: Tensor, labels: [Int], mixtures: [[(label: Int, share: Float)]] = [],
    smoothing: Float = 0, gradient: Tensor
  ) -> ClassificationLossValue {
    var value = CrossEntropy.evaluate(
      logits: logits, labels: labels, mixtures: mixtures, smoothing: smoothing, gradient: gradient)
    let losses = value.imageLosses
    // A loss that is not a number comes first: it must show.
    let keys = losses.map { $0.isNaN ? .infinity : $0 }
    let order = losses.indices.sorted { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
    let keptCount = keptCount(of: losses.count)
    let scale = keptCount > 0 ? Double(losses.count) / Double(keptCount) : 0
    value.keep(order.prefix(keptCount), times: scale, gradient: gradient)
    return value
  }
}
