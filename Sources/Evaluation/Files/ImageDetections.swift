package import Detection
import Foundation
package import Geometry

/// A detection as files hold it: with the name of its class.
package struct NamedDetection: Sendable, Hashable {
  /// The class's name.
  package var className: String
  /// Any finite number; 0...1 for our detectors.
  package var confidence: Float
  /// The objectness alone, 0...1; nil where the format does not say it.
  package var objectness: Float?
  /// What the model says about its own certainty; nil where the format or the model does not.
  package var uncertainty: DetectionUncertainty?
  /// The IoU that the model expects the box to have, 0...1; nil where the format or the model does not say it.
  package var expectedIoU: Float?
  /// How far the edges of its box may be off, in pixels; nil where the format or the model does not say it.
  package var edges: EdgeDeviations?
  /// What suppression merged into it; nil where the format or the detector does not say it.
  package var merged: MergedBoxes?
  /// How likely it is right; nil where the format or the detector does not say it.
  package var probability: DetectionProbability?
  /// In pixels of the image, 0-based continuous edges.
  package var box: Box

  /// A detection with its class's name.
  package init(
    className: String, confidence: Float, objectness: Float? = nil,
    uncertainty: DetectionUncertainty? = nil, expectedIoU: Float? = nil, box: Box
  ) {
    self.className = className
    self.confidence = confidence
    self.objectness = objectness
    self.uncertainty = uncertainty
    self.expectedIoU = expectedIoU
    self.box = box
  }
}

/// What was found in one image, as files hold it.
package struct ImageDetections: Sendable {
  /// The image's file name or path, or its VOC id.
  package var file: String
  /// Width in pixels, nil where the format does not say it.
  package var width: Int?
  /// Height in pixels, nil where the format does not say it.
  package var height: Int?
  /// How the image was brought to the network's input, nil where the format does not say it.
  package var resize: ResizeMode?
  /// The detections in file order.
  package var detections: [NamedDetection]
  /// File and place that they were read from, for messages.
  package var source: String

  /// What was found in one image.
  package init(
    file: String, width: Int? = nil, height: Int? = nil, resize: ResizeMode? = nil,
    detections: [NamedDetection], source: String = "detections"
  ) {
    self.file = file
    self.width = width
    self.height = height
    self.resize = resize
    self.detections = detections
    self.source = source
  }
}

extension NamedDetection {
  /// All that is known of a detection.
  init(_ detection: Detection, classNames: [String]) {
    self.init(
      className: classNames[detection.classIndex], confidence: detection.confidence,
      objectness: detection.objectness, uncertainty: detection.uncertainty,
      expectedIoU: detection.expectedIoU, box: detection.box)
    edges = detection.edges
    merged = detection.merged
    probability = detection.probability
  }
}

extension ImageDetections {
  /// What a detector found in an image, as files hold it.
  ///
  /// - Parameters:
  ///   - found: Boxes in pixels of the image.
  ///   - classNames: Names of the class indices; every detection's must be among them.
  ///   - file: The image's file name or path, or its VOC id.
  ///   - width: Width in pixels.
  ///   - height: Height in pixels.
  ///   - resize: How the image was brought to the network's input.
  package init(
    _ found: [Detection], classNames: [String], file: String, width: Int, height: Int,
    resize: ResizeMode
  ) {
    self.init(
      file: file, width: width, height: height, resize: resize,
      detections: found.map { NamedDetection($0, classNames: classNames) })
  }
}

extension ImageDetections {
  /// For people: the image and a line per detection, confidence before class, BALD, expected IoU and the
  /// probability of being right where they are known, edges in pixels.
  package var text: String {
    let size = width.flatMap { width in height.map { " (\(width)x\($0))" } } ?? ""
    let count =
      detections.isEmpty
      ? "nothing found" : "\(detections.count) object\(detections.count == 1 ? "" : "s")"
    let lines = detections.map { detection in
      let box = detection.box
      let bald = detection.uncertainty.map { String(format: "  %.2f bit", $0.bald) } ?? ""
      let place = detection.expectedIoU.map { String(format: "  IoU %.2f", $0) } ?? ""
      let right = detection.probability.map { String(format: "  right %.2f", $0.right) } ?? ""
      return String(format: "  %.3f  ", detection.confidence) + detection.className + bald + place
        + right
        + (detection.edges.map { edges in
          String(
            format: "  ± %.1f, %.1f, %.1f, %.1f", edges.left, edges.top, edges.right, edges.bottom)
            + (edges.isBounded ? " (at the bound)" : "")
        } ?? "")
        + String(
          format: "  left %.0f, top %.0f, width %.0f, height %.0f", box.left, box.top, box.width,
          box.height)
    }
    return ([file + size + ": " + count] + lines).joined(separator: "\n")
  }
}
