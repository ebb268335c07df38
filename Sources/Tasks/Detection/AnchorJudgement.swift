import Compute
import Darknet
import Detection
import Losses
import Uncertainty

/// What difficulty is judged by: the head's objectness logits and its targets, in the order
/// N, H, W, A.
struct AnchorJudgement {
  let logits: [Float]
  let states: [AnchorState]
  /// IoU of positives' boxes with their objects, where the difficulty asks for it.
  let overlaps: [Float]?

  init(
    _ loss: YOLOLoss, logits: Tensor, objectness: ObjectnessLogits,
    assignments: [TargetAssignment], truths: [[GroundTruth]], difficulty: Difficulty
  ) {
    self.logits = objectness.values
    states = assignments.flatMap { assignment in
      assignment.states.map { state in
        switch state {
        case .negative: AnchorState.negative
        case .positive: .positive
        case .ignored: .ignored
        }
      }
    }
    overlaps =
      difficulty.minimumOverlap == nil
      ? nil : loss.overlaps(logits: logits, truths: truths, assignments: assignments)
  }
}
