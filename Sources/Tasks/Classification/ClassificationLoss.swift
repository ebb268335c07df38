package import Darknet
package import Losses

/// The loss of a network that classifies images, as ``HeadLoss`` is that of one that finds objects.
///
/// Cross-entropy is taken on the logits, the input of `[softmax]` (see ``Classifier``): value and
/// gradient come from the stable form, never from a logarithm of the softmax's output.
package struct ClassificationLoss {
  private let classifier: Classifier

  package init(_ classifier: Classifier) { self.classifier = classifier }

  /// The loss summed over the batch, and the hits; writes the gradient of the logits.
  ///
  /// - Parameters:
  ///   - plan: A training plan after its forward pass.
  ///   - labels: The class of each image, 0 ..< classCount.
  /// - Returns: Sums over the batch.
  package func evaluate(_ plan: NetworkPlan, labels: [Int]) -> ClassificationLossValue {
    guard let gradient = plan.gradient(of: classifier.logits) else {
      preconditionFailure("logits without a gradient in a training plan")
    }
    return CrossEntropy.evaluate(
      logits: plan.output(of: classifier.logits), labels: labels, gradient: gradient)
  }
}
