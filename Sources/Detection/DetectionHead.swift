/// A head that predicts boxes, of either kind that Darknet has.
package enum DetectionHead: Hashable, Sendable {
  /// YOLOv3.
  case yolo(YOLOHead)
  /// YOLOv2.
  case region(RegionHead)

  /// L, the number of classes.
  package var classCount: Int {
    switch self {
    case .yolo(let head): head.classCount
    case .region(let head): head.classCount
    }
  }

  /// The channels that the layer before the head must have.
  package var channelCount: Int {
    switch self {
    case .yolo(let head): head.channelCount
    case .region(let head): head.channelCount
    }
  }

  /// A: the anchors that each cell of the grid predicts.
  package var anchorCount: Int {
    switch self {
    case .yolo(let head): head.mask.count
    case .region(let head): head.anchors.count
    }
  }

  /// By what two of its detections are one.
  package var suppression: SuppressionMeasure {
    switch self {
    case .yolo(let head): head.suppression
    case .region: .overlap
    }
  }
}
