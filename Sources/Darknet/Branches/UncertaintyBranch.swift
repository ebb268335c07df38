/// A `[convBayes]` layer at work beside an output.
package struct UncertaintyBranch: Hashable, Sendable {
  /// `branch=`: what its output is for.
  package enum Mode: String, CaseIterable, Sendable, Codable {
    /// An auxiliary decision beside the output's, with a plain loss of its own.
    case accompany
    /// The same, without a gradient into the layers that it shares with the output.
    case accompanyDetached
    /// It takes the place of the head's objectness; in inference its mean does.
    case replace
    /// As ``accompany``, its own loss weighted by the difficulty as well.
    case rescaleAux
    /// It lies before the head's convolution, which carries its moments on.
    case series
  }

  /// The layer that gives μ and σ² of each decision (``Mode/series``: of what the head's convolution
  /// reads).
  package var layer: Int
  /// What its output is for.
  package var mode = Mode.accompany
  /// `branch_weight=`: the weight of its own loss.
  package var weight: Float = 1
  /// `enlarge_variance=`: η of `VarianceObjective`; 0: not used.
  package var varianceWeight: Float = 0

  /// A branch that accompanies the output.
  package init(layer: Int) { self.layer = layer }

  /// Whether it has a loss of its own.
  package var isAuxiliary: Bool { mode != .replace && mode != .series }
}
