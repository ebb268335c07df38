package import Losses
package import Uncertainty

/// How a classifier is trained: what its `[softmax]` says.
package struct ClassifierTraining: Hashable, Sendable {
  /// Passes over the training images with plain cross-entropy before anchor loss, as in its authors'
  /// code, unless the cfg has iterations.
  package static let anchorWarmUpEpochs = 5

  /// `loss=` with `gamma=`, `slack=`, `anchor=`, `probability=` and `ratio=`.
  package var loss = ClassifierLoss.crossEntropy
  /// Whether each image's loss is weighted by its difficulty.
  package var isWeighted = false
  /// `cls_normalizer=`: a factor on the loss, not on the branch's.
  package var gain: Float = 1
  /// `warm_up=`: iterations of plain cross-entropy before the loss; nil: ``anchorWarmUpEpochs`` of
  /// anchor loss, none of the others.
  package var warmUp: Int?
  /// `uncertainty_measure=`.
  package var measure = ClassUncertainty.Measure.mutualInformation
  /// `uncertainty_map=`, `difficulty_weight=`, `difficulty_control=`, `bald=` and `logit_scale=`.
  package var difficulty = Difficulty()
  /// The Bayesian branch; nil: none.
  package var branch: UncertaintyBranch?

  /// Plain cross-entropy.
  package init() {}

  /// Whether training has come to the loss.
  ///
  /// - Parameters:
  ///   - iteration: Weight updates done.
  ///   - epoch: Whole passes over the training images done.
  /// - Returns: False: the next update is one of plain cross-entropy.
  package func isWarm(iteration: Int, epoch: Int) -> Bool {
    if let warmUp { return iteration >= warmUp }
    if case .anchor = loss { return epoch >= Self.anchorWarmUpEpochs }
    return true
  }
}
