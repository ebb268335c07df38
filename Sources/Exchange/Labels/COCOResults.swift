package import Evaluation
import Files
import Foundation
import Geometry

/// Detections in COCO's format of results, as pycocotools and FiftyOne read them.
///
/// An image's id is the number that is its name where all images have one, else its file name. Categories
/// are numbered from 1 in the order of the class names.
package enum COCOResults {
  private struct Row: Encodable {
    let image_id: FileIdentifier
    let category_id: Int
    let bbox: [Float]
    let score: Float
  }

  /// Writes the file.
  ///
  /// - Parameters:
  ///   - images: What was found.
  ///   - classNames: All class names.
  ///   - path: The file, replaced if it exists.
  /// - Throws: `FileError` if the system refuses.
  package static func write(
    _ images: [ImageDetections], classNames: [String], to path: String
  ) throws {
    let names = images.map { URL(filePath: $0.file) }
    let numbers = names.map { Int($0.deletingPathExtension().lastPathComponent) }
    let areNumbers = !numbers.contains(nil)
    var rows: [Row] = []
    for (index, image) in images.enumerated() {
      let id: FileIdentifier =
        if areNumbers, let number = numbers[index] {
          .number(number)
        } else {
          .text(names[index].lastPathComponent)
        }
      for detection in image.detections {
        guard let category = classNames.firstIndex(of: detection.className) else { continue }
        let box = detection.box
        rows.append(
          Row(
            image_id: id, category_id: category + 1,
            bbox: [box.left, box.top, box.width, box.height], score: detection.confidence))
      }
    }
    try JSONFile.write(rows, to: path)
  }
}
