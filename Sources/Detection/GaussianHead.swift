/// The constants of one `[Gaussian_yolo]` layer of AlexeyAB's Darknet, after Choi et al., arXiv 1904.04620.
///
/// The logits of an anchor are x, σx, y, σy, w, σw, h, σh, objectness, then L classes. Boxes are those of a
/// ``YOLOHead``; each σ is the logistic function of its logit, and what it does is to lower confidences:
///
///     confidence of a class = objectness · class probability · (1 − (σx + σy + σw + σh) / 4)
///
/// No σ is a standard deviation. Darknet trains it by exp(−(t − μ)² / 2σ²) / (√2π (σ + 0.3)), which is no
/// density: its integral over t is σ / (σ + 0.3). So a σ becomes no deviation of an edge here, and nothing
/// holds it against objects as one; `box_variance=` of `[yolo]` is for that.
package struct GaussianHead: Hashable, Sendable {
  /// `yolo_point=`: the point of a box that x and y are those of.
  package enum Point: String, CaseIterable, Hashable, Sendable {
    /// The centre.
    case center
    /// The left upper corner.
    case leftTop = "left_top"
    /// The right lower corner.
    case rightBottom = "right_bottom"

    /// What is added to x in widths, and to y in heights, for the centre.
    package var shift: Float {
      switch self {
      case .center: 0
      case .leftTop: 0.5
      case .rightBottom: -0.5
      }
    }
  }

  /// Anchors, mask and classes, and how their boxes are read.
  package var boxes: YOLOHead
  /// The point of a box that x and y are those of.
  package var point = Point.center

  /// A head with boxes whose x and y are those of the centre.
  package init(boxes: YOLOHead) { self.boxes = boxes }

  /// 9 + L: the logits of one anchor.
  package var entryCount: Int { HeadLayout.gaussian.count(classCount: boxes.classCount) }
  /// The channels that the layer before the head must have.
  package var channelCount: Int { boxes.mask.count * entryCount }
}
