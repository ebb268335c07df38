package import Compute
package import Detection

/// The loss of an objectness that stands beside a head's own: weight · Σ BCE(σ(y), target), with the
/// head's targets; ignored anchors have none.
package enum AuxiliaryObjectness {
  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: y, [N, H, W, A].
  ///   - assignments: The head's targets for the N images.
  ///   - weight: A factor for all anchors, ≥ 0.
  ///   - anchorWeights: A factor for each anchor, in the order N, H, W, A, taken as constant; nil:
  ///     all 1.
  ///   - gradient: As `logits`.
  /// - Returns: The sum over the batch.
  package static func evaluate(
    logits: Tensor, assignments: [TargetAssignment], weight: Float, anchorWeights: [Float]? = nil,
    gradient: Tensor
  ) -> Double {
    let count = assignments.first?.states.count ?? 0
    precondition(logits.count == count * assignments.count, "\(logits.shape), \(count) anchors")
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    precondition(
      anchorWeights.map { $0.count == logits.count } ?? true, "weights are not one per anchor")
    var value = 0.0
    logits.withHostValues { logits in
      gradient.withMutableHostValues { gradient in
        for (image, assignment) in assignments.enumerated() {
          for (place, state) in assignment.states.enumerated() {
            let index = image * count + place
            guard state != .ignored else {
              gradient[index] = 0
              continue
            }
            let term = LogisticTerm.binaryCrossEntropy(
              logit: logits[index], target: assignment.objectnessTarget(place))
            let factor = weight * (anchorWeights?[index] ?? 1)
            gradient[index] = factor * term.gradient
            value += Double(factor) * term.value
          }
        }
      }
    }
    return value
  }
}
