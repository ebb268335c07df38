package import Geometry

/// The constants of one `[yolo]` layer: the detection head of one scale (YOLOv3 and later).
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
  /// How a side of a box is read from its logit.
  package var sizeCode = SizeCode.exponential
  /// `iou_thresh`: an anchor whose shape fits a truth's by more than this is positive beside the best
  /// one; 1: none is.
  package var shapeThreshold: Float = 1
  /// `iou_thresh_kind`: by what measure it fits, both shapes about one centre.
  package var shapeMeasure = OverlapMeasure.iou
  /// `objectness_smooth`: whether the target of an anchor's objectness is its box's IoU with the best
  /// truth; see ``TargetAssignment``.
  package var smoothsObjectness = false
  /// `objectness_target=iou`: whether the target of a positive's objectness is its box's IoU with its
  /// truth; anchors that overlap without being positive are ignored all the same.
  package var expectsOverlap = false
  /// `nms_kind` and `beta_nms`: by what two detections are one.
  package var suppression = SuppressionMeasure.overlap

  /// What a side of a box is, in sides of its anchor.
  package enum SizeCode: Hashable, Sendable {
    /// eʷ.
    case exponential
    /// (2 σ(w))², of `new_coords=1`.
    case squared
  }

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
