package import Compute

/// Binary cross-entropy of a classifier with one logistic output a class.
///
/// For logits z of an image with label y and q = σ(z), each class on its own:
///
///     L = Σₖ −[k = y] ln qₖ − [k ≠ y] ln(1 − qₖ)
///     dL/dzₖ = qₖ − [k = y]
///
/// Summed over the batch, value and gradient alike.
package enum BinaryCrossEntropy {
  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package static func evaluate(
    logits: Tensor, labels: [Int], gradient: Tensor
  ) -> ClassificationLossValue {
    ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      logits, label, gradient in
      var loss = 0.0
      for index in logits.indices {
        let term = LogisticTerm.binaryCrossEntropy(
          logit: logits[index], target: index == label ? 1 : 0)
        loss += term.value
        gradient[index] = term.gradient
      }
      return loss
    }
  }
}
