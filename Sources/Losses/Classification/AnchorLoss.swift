package import Compute

/// Anchor loss of a classifier (Ryou, Jeong, Perona, arXiv 1909.11155).
///
/// Binary cross-entropy per class, modulated by how a class's probability compares with the anchor
/// probability, that of the class it must be told from. For logits z of an image with label y,
/// q = σ(z), summed over the batch, value and gradient alike:
///
///     background:  L = −ln q_y − Σ_{k≠y} (1 + qₖ − a)ᵞ ln(1 − qₖ),   a = max(0, q_y − slack)
///     target:      L = −(1 − q_y + a)ᵞ ln q_y − Σ_{k≠y} ln(1 − qₖ),
///                  a = min(1, max_{k≠y} qₖ + slack)
///
/// The anchor a is a constant of the gradient; the modulated class's own probability is not. γ = 0
/// is binary cross-entropy, a = 0 in the second form is focal loss of the target. The base of the
/// power is at least 10⁻⁶. The authors' code trains the first epochs with ``CrossEntropy``. With
/// ``Probability/softmax`` q is the softmax of all logits instead, which theirs has not.
package struct AnchorLoss: Sendable, Hashable {
  /// Which terms of the loss are modulated.
  package enum Modulated: String, Sendable, Hashable, CaseIterable {
    /// The background classes, by the label's probability: the default of the authors' code.
    case background
    /// The label, by the largest probability among the background classes.
    case target
  }

  /// What makes probabilities of the logits.
  package enum Probability: String, Sendable, Hashable, CaseIterable {
    /// Each class on its own.
    case sigmoid
    /// One distribution over the classes.
    case softmax
  }

  /// Which terms are modulated.
  package let modulated: Modulated
  /// What makes probabilities of the logits.
  package let probability: Probability
  /// γ ≥ 0.
  package let exponent: Float
  /// The margin of the anchor probability, 0...1.
  package let slack: Float

  /// An anchor loss.
  ///
  /// - Parameters:
  ///   - modulated: Which terms are modulated.
  ///   - exponent: γ ≥ 0.
  ///   - slack: The margin of the anchor probability, 0...1.
  ///   - probability: What makes probabilities of the logits.
  package init(
    modulated: Modulated = .background, exponent: Float = 0.5, slack: Float = 0.05,
    probability: Probability = .sigmoid
  ) {
    precondition(exponent >= 0 && exponent.isFinite, "exponent \(exponent)")
    precondition((0...1).contains(slack), "slack \(slack)")
    self.modulated = modulated
    self.exponent = exponent
    self.slack = slack
    self.probability = probability
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L], L ≥ 2.
  ///   - labels: N class indices, 0 ..< L.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package func evaluate(
    logits: Tensor, labels: [Int], gradient: Tensor
  ) -> ClassificationLossValue {
    precondition(logits.shape.countPerImage >= 2, "anchor loss of \(logits.shape): one class only")
    return ClassificationLossValue(logits: logits, labels: labels, gradient: gradient) {
      logits, label, gradient in
      if probability == .softmax { return softmax(logits, label, gradient) }
      let offset = offset(logits, label)
      var loss = 0.0
      for index in logits.indices {
        let isTarget = index == label
        let term: LogisticTerm =
          isTarget == (modulated == .target)
          ? .modulated(
            logit: logits[index], isPositive: isTarget, offset: offset, exponent: exponent)
          : .binaryCrossEntropy(logit: logits[index], target: isTarget ? 1 : 0)
        loss += term.value
        gradient[index] = term.gradient
      }
      return loss
    }
  }

  /// What is added to the error of a modulated class: 1 − a or a.
  private func offset(_ logits: UnsafeBufferPointer<Float>, _ label: Int) -> Float {
    func probability(_ logit: Float) -> Float {
      LogisticTerm.binaryCrossEntropy(logit: logit, target: 0).probability
    }
    switch modulated {
    case .background:
      return 1 - max(0, probability(logits[label]) - slack)
    case .target:
      var largest = -Float.infinity
      for index in logits.indices where index != label { largest = max(largest, logits[index]) }
      return min(1, probability(largest) + slack)
    }
  }
}
