/// The constants of a `[region]` layer: the detection head of YOLOv2.
///
/// The logits of an anchor are x, y, w, h, objectness, then L classes; anchors follow each other in
/// the channel dimension.
package struct RegionHead: Hashable, Sendable {
  /// The anchors, in grid cells.
  package var anchors: [AnchorBox]
  /// L, the number of classes.
  package var classCount: Int
  /// The number of box coordinates; only 4 exists.
  package var coords: Int
  /// Class probabilities by softmax; otherwise each by a logistic function.
  package var softmax: Bool
  /// The anchor of a truth is chosen by the anchors' sizes; otherwise by the predicted sizes.
  package var biasMatch: Bool
  /// The objectness target of a positive is its box's IoU with the truth; otherwise 1.
  package var rescore: Bool
  /// Weight of the objectness of positives.
  package var objectScale: Float
  /// Weight of the objectness of negatives.
  package var noObjectScale: Float
  /// Weight of the class loss.
  package var classScale: Float
  /// Weight of the box loss.
  package var coordScale: Float
  /// A negative whose decoded box overlaps a truth by more than this IoU is ignored.
  package var threshold: Float
  /// Kept so that the cfg can be written back; Darknet reads it and uses it nowhere.
  package var absolute: Bool

  /// A YOLOv2 head; the defaults are those of Darknet's parser.
  package init(
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
  package var entryCount: Int { HeadEntry.count(classCount: classCount) }
  /// The channels that the layer before the head must have.
  package var channelCount: Int { anchors.count * entryCount }
}
