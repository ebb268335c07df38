package import Uncertainty

/// How the objectness of a `[yolo]` head is trained.
package struct ObjectnessTraining: Hashable, Sendable {
  /// `objectness_loss=`.
  package enum Loss: String, CaseIterable, Sendable, Codable {
    /// Binary cross-entropy, as Darknet.
    case bce
    /// Focal loss.
    case focal
    /// Anchor loss with the assigned anchors as the reference.
    case anchor
    /// Binary cross-entropy, each anchor weighted by its difficulty.
    case uncertainty
  }

  /// Which loss.
  package var loss = Loss.bce
  /// `obj_normalizer=`: a factor on the head's objectness loss, not on the branch's.
  package var gain: Float = 1
  /// `objectness_warmup=`: iterations of plain binary cross-entropy before the loss; nil: the run's
  /// burn-in for anchor loss, none for the others.
  package var warmUp: Int?
  /// `focal_gamma=`: γ of the focal loss.
  package var focalGamma: Float = 2
  /// `focal_alpha=`: α of the focal loss, nil for none.
  package var focalAlpha: Float?
  /// `anchor_gamma=`: γ of the anchor loss.
  package var anchorGamma: Float = 0.5
  /// `anchor_slack=`: slack of the anchor loss, a probability.
  package var anchorSlack: Float = 0.05
  /// `difficulty_*=`, `uncertainty_map=`, `bald=` and `logit_scale=`.
  package var difficulty = Difficulty()
  /// The Bayesian branch; nil: none.
  package var branch: UncertaintyBranch?

  /// Plain binary cross-entropy.
  package init() {}
}

/// A `[convBayes]` layer at work for a `[yolo]` head.
package struct UncertaintyBranch: Hashable, Sendable {
  /// `branch=`: what its output is for.
  package enum Mode: String, CaseIterable, Sendable, Codable {
    /// An auxiliary objectness beside the head's, with plain binary cross-entropy of its own.
    case accompany
    /// The same, without a gradient into the layers that it shares with the head.
    case accompanyDetached
    /// It takes the place of the head's objectness; in inference its mean does.
    case replace
    /// As ``accompany``, its own loss weighted by the difficulty as well.
    case rescaleAux
    /// It lies before the head's convolution, which carries its moments on.
    case series
  }

  /// The layer that gives μ and σ² of each anchor (``Mode/series``: of what the head's convolution
  /// reads).
  package var layer: Int
  /// What its output is for.
  package var mode = Mode.accompany
  /// `branch_weight=`: the weight of its own loss.
  package var weight: Float = 1
  /// `enlarge_variance=`: η of ``VarianceObjective``; 0: not used.
  package var varianceWeight: Float = 0

  /// A branch that accompanies the head.
  package init(layer: Int) { self.layer = layer }

  /// Whether it has a loss of its own.
  package var isAuxiliary: Bool { mode != .replace && mode != .series }
}
