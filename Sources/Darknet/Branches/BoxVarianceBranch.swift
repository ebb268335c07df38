package import Losses

/// A `[convolutional]` beside a `[yolo]` head that gives the log variances of the four logits of each anchor's
/// box, see `BoxVarianceLoss`.
package struct BoxVarianceBranch: Hashable, Sendable {
  /// `box_variance=`: the layer, four channels an anchor: x, y, width, height.
  package var layer: Int
  /// `box_variance_branch=`: whether it changes what it reads, and the boxes.
  package var mode = ExpectedIoUBranch.Mode.accompanyDetached
  /// `box_variance_weight=`: a factor on its loss, ≥ 0.
  package var weight: Float = 1
  /// `box_variance_loss=`: how it is trained.
  package var score = BoxVarianceLoss.Score.likelihood

  /// A detached branch.
  package init(layer: Int) { self.layer = layer }
}
