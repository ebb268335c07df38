package import Detection
import Files
import Foundation
package import Geometry

/// Detections in YOLO's text files, one file per image, named after its id.
package enum YOLOTextFile {
  /// Reads the detections of one image.
  ///
  /// - Parameters:
  ///   - text: The file's content.
  ///   - file: Its name for messages.
  ///   - size: The image's size.
  ///   - classCount: The number of classes.
  /// - Returns: One detection per line.
  /// - Throws: `FileError` naming file and line.
  package static func detections(
    _ text: String, file: String, size: PixelSize, classCount: Int
  ) throws -> [Detection] {
    try YOLORow.rows(text, file: file, hasConfidence: true, classCount: classCount).map {
      Detection(
        box: Box(yolo: $0.values, in: size), classIndex: $0.classIndex,
        confidence: Float($0.values[4]), objectness: Float($0.values[4]))
    }
  }
}
