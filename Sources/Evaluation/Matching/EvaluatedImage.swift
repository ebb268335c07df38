package import Detection
package import Geometry

/// One image of an evaluation: what is annotated in it and what was found in it.
///
/// Boxes are in pixels of the image, 0-based continuous edges.
package struct EvaluatedImage: Sendable {
  /// Width and height of an image in pixels.
  package typealias Size = PixelSize
  /// What COCO's annotations say about an object besides class and box.
  package typealias ObjectDetail = GroundTruthDetail

  /// The image's id: VOC's file name without folder and extension.
  package var id: String
  /// The annotated objects, difficult ones included.
  package var objects: [GroundTruth]
  /// The found objects, in file order; any order of confidence.
  package var detections: [Detection]
  /// What COCO's annotations say beyond ``objects``, one entry each in their order; empty elsewhere.
  package var details: [ObjectDetail] = []
  /// The image's size; nil where nothing says it.
  package var size: Size?

  /// An image with its annotations and detections.
  package init(
    id: String, objects: [GroundTruth], detections: [Detection] = [], size: Size? = nil
  ) {
    self.id = id
    self.objects = objects
    self.detections = detections
    self.size = size
  }

  /// Checks that every number is finite and every class has a name.
  ///
  /// - Throws: ``EvaluationError/notFinite(_:image:)`` or
  ///   ``EvaluationError/classIndexOutOfRange(_:image:)``.
  func validate(classCount: Int) throws {
    for object in objects {
      try validate(object.box, classIndex: object.classIndex, classCount: classCount)
    }
    for detection in detections {
      guard detection.confidence.isFinite else {
        throw EvaluationError.notFinite("a confidence", image: id)
      }
      try validate(detection.box, classIndex: detection.classIndex, classCount: classCount)
    }
  }

  private func validate(_ box: Box, classIndex: Int, classCount: Int) throws {
    guard classIndex >= 0, classIndex < classCount else {
      throw EvaluationError.classIndexOutOfRange(classIndex, image: id)
    }
    guard box.left.isFinite, box.top.isFinite, box.right.isFinite, box.bottom.isFinite else {
      throw EvaluationError.notFinite("a box edge", image: id)
    }
  }
}
