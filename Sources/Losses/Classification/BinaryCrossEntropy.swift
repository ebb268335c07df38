package import Compute

/// Binary cross-entropy of a classifier with one logistic output a class.
///
/// For logits z of an image with label y and q = σ(z), each class on its own:
///
///     L = Σₖ −[k = y] ln qₖ − [k ≠ y] ln(1 − qₖ)
///     dL/dzₖ = qₖ − [k = y]
///
/// Summed over classes and batch, value and gradient alike. Label smoothing and images of several
/// classes put the targets t of ``CrossEntropy`` in the place of [k = y]:
///
///     L = Σₖ −tₖ ln qₖ − (1 − tₖ) ln(1 − qₖ),   dL/dzₖ = qₖ − tₖ
package enum BinaryCrossEntropy {
  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L; the most of an image that has several.
  ///   - mixtures: As of ``CrossEntropy``.
  ///   - smoothing: ε of its targets, 0...1.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package static func evaluate(
    logits: Tensor, labels: [Int], mixtures: [[(label: Int, share: Float)]] = [],
    smoothing: Float = 0, gradient: Tensor
  ) -> ClassificationLossValue {
    var image = 0
    return ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      let targets = targets(
        $1, mixtures.isEmpty ? [] : mixtures[image], count: $0.count, smoothing: smoothing)
      image += 1
      var loss = 0.0
      for (index, target) in targets.enumerated() {
        let term = LogisticTerm.binaryCrossEntropy(logit: $0[index], target: target)
        loss += term.value
        $2[index] = term.gradient
      }
      return loss
    }
  }

  /// The target of each class.
  private static func targets(
    _ label: Int, _ mixture: [(label: Int, share: Float)], count: Int, smoothing: Float
  ) -> [Float] {
    let smoothing = count > 1 ? smoothing : 0
    let rest = smoothing > 0 ? smoothing / Float(count - 1) : 0
    var targets = [Float](repeating: rest, count: count)
    for part in mixture.isEmpty ? [(label: label, share: Float(1))] : mixture {
      precondition(targets.indices.contains(part.label), "a class outside 0..<\(count)")
      targets[part.label] += part.share * (1 - smoothing - rest)
    }
    return targets
  }
}
