package import Detection
package import Losses
package import Uncertainty

/// `objectness_loss=`.
package enum ObjectnessChoice: String, CaseIterable, Sendable, Codable {
  /// Binary cross-entropy, as Darknet.
  case bce
  /// Focal loss.
  case focal
  /// Anchor loss with the assigned anchors as the reference.
  case anchor
  /// Binary cross-entropy, each anchor weighted by its difficulty.
  case uncertainty
}

/// How the objectness of a `[yolo]` head is trained.
package struct ObjectnessTraining: Hashable, Sendable {
  /// `difficulty_scope=`: which anchors are weighted by their difficulty.
  package enum Scope: String, CaseIterable, Hashable, Sendable, Codable {
    /// All that are not ignored.
    case both
    /// Anchors with an object.
    case positives
    /// Anchors without one.
    case negatives
  }

  /// `uncertainty_measure=`: what the difficulty's U is made of.
  package enum Measure: String, CaseIterable, Hashable, Sendable, Codable {
    /// BALD of the branch's objectness: the paper's.
    case objectness
    /// That of objectness and classes together, see `DetectionInformation`; class filters are as uncertain as the
    /// branch's.
    case detection
    /// One minus the IoU that the box is expected to have with an object.
    case expectedIoU
  }

  /// `objectness_loss=` with `focal_*=` and `anchor_*=`.
  package var loss = ObjectnessLoss.binaryCrossEntropy
  /// Whether each anchor's loss is weighted by its difficulty.
  package var isWeighted = false
  /// `obj_normalizer=`: a factor on the head's objectness loss, not on the branch's.
  package var gain: Float = 1
  /// `objectness_warmup=`: iterations of plain binary cross-entropy before the loss; nil: the run's
  /// burn-in for anchor loss, none for the others.
  package var warmUp: Int?
  /// `difficulty_weight=`, `difficulty_control=`, `uncertainty_map=`, `bald=` and `logit_scale=`.
  package var difficulty = Difficulty()
  /// `uncertainty_measure=`.
  package var measure = Measure.objectness
  /// `difficulty_threshold=` and `difficulty_iou=`.
  package var correctness = ObjectnessCorrectness()
  /// `difficulty_scope=`.
  package var scope = Scope.both
  /// The Bayesian branch; nil: none.
  package var branch: UncertaintyBranch?

  /// Plain binary cross-entropy.
  package init() {}
}
