package import Compute
package import Detection

/// What teaches a branch y to expect the IoU of each anchor's decoded box.
///
///     L = weight · Σ BCE(σ(y), t)
///
/// t is the largest IoU of the anchor's box with any object of the image that takes part in training: the
/// cross-entropy is least where σ(y) is the mean of t given what the branch reads. The sum is over the
/// anchors that are positive and those whose t exceeds `floor`; the others, whose boxes lie on nothing, are
/// left out, as they would drown them. t is a constant of the gradient. As all losses of heads it is a sum
/// over anchors and images; the optimiser divides by the images of an update.
package struct ExpectedIoULoss: Sendable {
  /// A factor on the loss, ≥ 0.
  package let weight: Float
  /// The IoU that an anchor that is not positive must exceed to count, 0...1.
  package let floor: Float

  /// A loss.
  package init(weight: Float = 1, floor: Float = 0.03) {
    precondition(weight >= 0 && (0...1).contains(floor), "weight \(weight), floor \(floor)")
    self.weight = weight
    self.floor = floor
  }

  /// The loss of a batch; overwrites `gradient` with dL/dy.
  ///
  /// - Parameters:
  ///   - logits: y, [N, H, W, A].
  ///   - overlaps: t of every anchor, in the order N, H, W, A; see `PredictionGrid.largestOverlaps`.
  ///   - assignments: The head's targets for the N images.
  ///   - gradient: As `logits`.
  /// - Returns: The sum over the batch.
  package func evaluate(
    logits: Tensor, overlaps: [Float], assignments: [TargetAssignment], gradient: Tensor
  ) -> Double {
    precondition(logits.count == overlaps.count, "\(logits.shape), \(overlaps.count) overlaps")
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    var value = 0.0
    logits.withHostValues { logits in
      gradient.withMutableHostValues { gradient in
        gradient.update(repeating: 0)
        var index = 0
        for assignment in assignments {
          for state in assignment.states {
            defer { index += 1 }
            guard state == .positive || overlaps[index] > floor else { continue }
            let term = LogisticTerm.binaryCrossEntropy(
              logit: logits[index], target: overlaps[index])
            gradient[index] = weight * term.gradient
            value += Double(weight) * term.value
          }
        }
        precondition(index == logits.count, "assignments of another batch")
      }
    }
    return value
  }
}
