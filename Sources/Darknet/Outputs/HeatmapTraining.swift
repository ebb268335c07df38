package import Losses
package import Uncertainty

/// How maps are trained: what a `[heatmap]` says.
package struct HeatmapTraining: Hashable, Sendable {
  /// What is drawn around the place of a keypoint.
  package enum Target: String, CaseIterable, Hashable, Sendable, Codable {
    /// A Gaussian bump.
    case gaussian
    /// Its pixel alone.
    case pixel
  }

  /// `loss=` with `gamma=`, `slack=`, `alpha=`, `beta=`, `top=`, `balance=` and `normalize=`.
  package var loss = HeatmapLoss(.squaredError)
  /// Whether each pixel's loss is weighted by its difficulty.
  package var isWeighted = false
  /// `map_normalizer=`: a factor on the loss, not on the branch's.
  package var gain: Float = 1
  /// `warm_up=`: iterations of plain binary cross-entropy before the loss.
  package var warmUp = 0
  /// `target=`.
  package var target = Target.gaussian
  /// `sigma=`: σ of bumps in pixels of the map, where ``radiusRule`` is `fixed`.
  package var standardDeviation: Float = HeatmapTraining.usualDeviation
  /// `window=`: half of a bump's window; nil: 3 σ, rounded.
  package var window: Int?
  /// `radius=`: how large the bump of an object is whose size is known.
  package var radiusRule = BumpRadius.Rule.fixed
  /// `overlap=`: m of ``BumpRadius``.
  package var minimumOverlap: Float = 0.7
  /// `subpixel=`: whether bumps lie between pixels, where the keypoint does.
  package var isSubpixel = true
  /// `occluded=`: whether keypoints that are hidden are trained.
  package var trainsOccluded = true
  /// `uncertainty_map=`, `difficulty_weight=`, `difficulty_control=`, `bald=` and `logit_scale=`.
  package var difficulty = Difficulty()
  /// The Bayesian branch; nil: none.
  package var branch: UncertaintyBranch?

  /// σ of bumps unless told otherwise, as in Microsoft's SimpleBaseline and MMPose for maps of 64 pixels.
  package static let usualDeviation: Float = 2

  /// Squared error.
  package init() {}

  /// Half of the window of a bump of ``standardDeviation``.
  package var reach: Int { window ?? max(1, Int((3 * standardDeviation).rounded())) }
}
