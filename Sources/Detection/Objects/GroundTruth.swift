package import Compute
package import Geometry

/// One annotated object of an image.
package struct GroundTruth: Hashable, Sendable {
  /// The object's box, in pixels of its image unless stated otherwise.
  package var box: Box
  /// Index into the class names, 0 ..< L.
  package var classIndex: Int
  /// VOC's `difficult` flag: left out of training, neither right nor wrong in evaluation.
  package var isDifficult: Bool

  /// An annotated object.
  package init(box: Box, classIndex: Int, isDifficult: Bool = false) {
    self.box = box
    self.classIndex = classIndex
    self.isDifficult = isDifficult
  }
}

extension GroundTruth: Writable {
  /// Box, class, flag.
  package func write(to message: inout Message) {
    for edge in [box.left, box.top, box.right, box.bottom] { edge.write(to: &message) }
    classIndex.write(to: &message)
    isDifficult.write(to: &message)
  }
}

/// What COCO's annotations say about an object besides class and box.
package struct GroundTruthDetail: Hashable, Sendable {
  /// The object's own area in square pixels, at most its box's, which it is sorted by.
  package let area: Double
  /// Whether the box holds many objects that were not told apart.
  package let isCrowd: Bool

  /// An area of at least 0, and whether the object is a crowd.
  package init(area: Double, isCrowd: Bool) {
    self.area = area
    self.isCrowd = isCrowd
  }
}

/// One object that a detector found.
package struct Detection: Hashable, Sendable {
  /// The predicted box, in pixels of its image unless stated otherwise.
  package var box: Box
  /// Index into the class names, 0 ..< L.
  package var classIndex: Int
  /// Objectness times class probability, 0...1.
  package var confidence: Float
  /// The objectness alone, 0...1.
  package var objectness: Float
  /// What the model says about its own certainty, nil if it says nothing.
  package var uncertainty: DetectionUncertainty?
  /// The IoU with the object that the model expects its box to have, 0...1; nil if it says nothing.
  package var expectedIoU: Float?
  /// How far the edges of its box may be off, in the unit of the box; nil if the model says nothing.
  package var edges: EdgeDeviations?
  /// What suppression merged into it; nil where nobody asked.
  package var merged: MergedBoxes?
  /// How likely it is right; nil where nothing was fitted that tells.
  package var probability: DetectionProbability?

  /// A found object.
  package init(
    box: Box, classIndex: Int, confidence: Float, objectness: Float,
    uncertainty: DetectionUncertainty? = nil, expectedIoU: Float? = nil
  ) {
    self.box = box
    self.classIndex = classIndex
    self.confidence = confidence
    self.objectness = objectness
    self.uncertainty = uncertainty
    self.expectedIoU = expectedIoU
  }
}
