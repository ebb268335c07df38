/// The constants of one `[yolo]` layer: the detection head of one scale (YOLOv3).
///
/// The logits of an anchor are x, y, w, h, objectness, then L classes; anchors of ``mask`` follow
/// each other in the channel dimension.
package struct YOLOHead: Hashable, Sendable {
  /// The anchors of all scales, in pixels of the network input.
  package var anchors: [AnchorBox]
  /// The indices into ``anchors`` that this head predicts.
  package var mask: [Int]
  /// L, the number of classes.
  package var classCount: Int
  /// A negative whose decoded box overlaps a truth by more than this IoU is ignored.
  package var ignoreThreshold: Float
  /// A prediction whose decoded box overlaps a truth by more than this IoU is positive; 1: never.
  package var truthThreshold: Float
  /// `scale_x_y`: the factor that stretches σ(x) and σ(y) about ½, so that cell borders are reached.
  package var scaleXY: Float

  /// The head of one scale.
  package init(
    anchors: [AnchorBox], mask: [Int], classCount: Int, ignoreThreshold: Float = 0.5,
    truthThreshold: Float = 1, scaleXY: Float = 1
  ) {
    precondition(mask.allSatisfy(anchors.indices.contains), "mask names an anchor that is absent")
    self.anchors = anchors
    self.mask = mask
    self.classCount = classCount
    self.ignoreThreshold = ignoreThreshold
    self.truthThreshold = truthThreshold
    self.scaleXY = scaleXY
  }

  /// 5 + L: the logits of one anchor.
  package var entryCount: Int { HeadEntry.count(classCount: classCount) }
  /// The channels that the layer before the head must have.
  package var channelCount: Int { mask.count * entryCount }
}
