/// The constants of a `[region]` layer: the detection head of YOLOv2.
///
/// The logits of an anchor are x, y, w, h, objectness, then L classes; anchors follow each other in
/// the channel dimension.
public struct RegionHead: Hashable, Sendable {
  /// The anchors, in grid cells.
  public var anchors: [AnchorBox]
  /// L, the number of classes.
  public var classCount: Int
  /// The number of box coordinates; only 4 exists.
  public var coords: Int
  /// Class probabilities by softmax; otherwise each by a logistic function.
  public var softmax: Bool
  /// The anchor of a truth is chosen by the anchors' sizes; otherwise by the predicted sizes.
  public var biasMatch: Bool
  /// The objectness target of a positive is its box's IoU with the truth; otherwise 1.
  public var rescore: Bool
  /// Weight of the objectness of positives.
  public var objectScale: Float
  /// Weight of the objectness of negatives.
  public var noObjectScale: Float
  /// Weight of the class loss.
  public var classScale: Float
  /// Weight of the box loss.
  public var coordScale: Float
  /// A negative whose decoded box overlaps a truth by more than this IoU is ignored.
  public var threshold: Float
  /// Read from the cfg for compatibility; a class target is always absolute.
  public var absolute: Bool

  /// A YOLOv2 head; the defaults are those of Darknet's parser.
  public init(
    anchors: [AnchorBox], classCount: Int, coords: Int = 4, softmax: Bool = false,
    biasMatch: Bool = false, rescore: Bool = false, objectScale: Float = 1,
    noObjectScale: Float = 1, classScale: Float = 1, coordScale: Float = 1,
    threshold: Float = 0.5, absolute: Bool = false
  ) {
    precondition(coords == 4, "a region head has 4 coordinates")
    self.anchors = anchors
    self.classCount = classCount
    self.coords = coords
    self.softmax = softmax
    self.biasMatch = biasMatch
    self.rescore = rescore
    self.objectScale = objectScale
    self.noObjectScale = noObjectScale
    self.classScale = classScale
    self.coordScale = coordScale
    self.threshold = threshold
    self.absolute = absolute
  }

  /// 5 + L: the logits of one anchor.
  public var entryCount: Int { classCount + coords + 1 }
  /// The channels that the layer before the head must have.
  public var channelCount: Int { anchors.count * entryCount }
}
