/// A `[convolutional]` beside a `[yolo]` head that says how well each anchor's box is placed: the logistic
/// function of its output is the expected IoU with the object, see `ExpectedIoULoss`.
package struct ExpectedIoUBranch: Hashable, Sendable {
  /// `expected_iou_branch=`: whether it changes what it reads.
  package enum Mode: String, CaseIterable, Sendable, Codable {
    /// It learns from the layers that it shares with the head, and they learn from it.
    case accompany
    /// Without a gradient into those: the detector is trained as it is without the branch.
    case accompanyDetached
  }

  /// `expected_iou=`: the layer, one channel an anchor.
  package var layer: Int
  /// Whether it changes what it reads.
  package var mode = Mode.accompanyDetached
  /// `expected_iou_weight=`: a factor on its loss, ≥ 0.
  package var weight: Float = 1
  /// `expected_iou_floor=`: an anchor without an object teaches it if its box overlaps one by more than this
  /// IoU, 0...1.
  package var floor: Float = 0.03

  /// A detached branch.
  package init(layer: Int) { self.layer = layer }
}
