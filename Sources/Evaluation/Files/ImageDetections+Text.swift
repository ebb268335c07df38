import Detection
import Foundation
import Geometry

extension ImageDetections {
  /// For people: the image and a line per detection, confidence before class, BALD where it is
  /// known, edges in pixels.
  package var text: String {
    let size = width.flatMap { width in height.map { " (\(width)x\($0))" } } ?? ""
    let count =
      detections.isEmpty
      ? "nothing found" : "\(detections.count) object\(detections.count == 1 ? "" : "s")"
    let lines = detections.map { detection in
      let box = detection.box
      let bald = detection.uncertainty.map { String(format: "  %.2f bit", $0.bald) } ?? ""
      return String(format: "  %.3f  ", detection.confidence) + detection.className + bald
        + String(
          format: "  left %.0f, top %.0f, width %.0f, height %.0f", box.left, box.top, box.width,
          box.height)
    }
    return ([file + size + ": " + count] + lines).joined(separator: "\n")
  }
}
