/// A head that predicts boxes, of any kind that Darknet has.
package enum DetectionHead: Hashable, Sendable {
  /// YOLOv3.
  case yolo(YOLOHead)
  /// YOLOv2.
  case region(RegionHead)
  /// Gaussian YOLOv3, which is read and not trained.
  case gaussian(GaussianHead)

  /// L, the number of classes.
  package var classCount: Int {
    switch self {
    case .yolo(let head): head.classCount
    case .region(let head): head.classCount
    case .gaussian(let head): head.boxes.classCount
    }
  }

  /// The channels that the layer before the head must have.
  package var channelCount: Int {
    switch self {
    case .yolo(let head): head.channelCount
    case .region(let head): head.channelCount
    case .gaussian(let head): head.channelCount
    }
  }

  /// A: the anchors that each cell of the grid predicts.
  package var anchorCount: Int {
    switch self {
    case .yolo(let head): head.mask.count
    case .region(let head): head.anchors.count
    case .gaussian(let head): head.boxes.mask.count
    }
  }

  /// Where the numbers of an anchor are among its channels.
  package var layout: HeadLayout {
    switch self {
    case .yolo, .region: .plain
    case .gaussian: .gaussian
    }
  }

  /// By what two of its detections are one.
  package var suppression: SuppressionMeasure {
    switch self {
    case .yolo(let head): head.suppression
    case .region: .overlap
    case .gaussian(let head): head.boxes.suppression
    }
  }
}
