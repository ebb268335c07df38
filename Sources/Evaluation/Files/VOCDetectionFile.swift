import Files
package import Foundation
import Geometry

/// VOC's text files of detections, one per class: `comp4_det_test_<class>.txt`, also those that
/// Darknet's `detector valid` writes.
///
/// A line is `<image id> <score> <xmin> <ymin> <xmax> <ymax>` with 1-based inclusive corners.
package enum VOCDetectionFile {
  /// The file name of a class, `comp4_det_<split>_<class>.txt`.
  package static func name(className: String, split: String = "test") -> String {
    "comp4_det_\(split)_\(escaped(className)).txt"
  }

  /// A class's name in that of a file: everything but ASCII letters, digits and `-_.+()` as `%` and
  /// two hexadecimal digits a byte, as in addresses: `traffic%20light`.
  static func escaped(_ className: String) -> String {
    className.utf8.map { byte in
      let isPlain =
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || "-_.+()".utf8.contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
    }.joined()
  }

  /// The lines of one class.
  package static func text(_ images: [ImageDetections], className: String) -> String {
    var text = ""
    for image in images {
      for detection in image.detections where detection.className == className {
        let score = CompactNumber.text(Double(detection.confidence)) {
          Float($0) == detection.confidence
        }
        let box = detection.box
        let corners = [
          corner(box.left, offset: 1), corner(box.top, offset: 1),
          corner(box.right, offset: 0), corner(box.bottom, offset: 0),
        ]
        text += "\(image.file) \(score) \(corners.joined(separator: " "))\n"
      }
    }
    return text
  }

  /// Writes a file per class into a folder, which is created; classes without detections get an
  /// empty file.
  ///
  /// - Throws: `FileError` if the folder or a file cannot be written.
  package static func write(
    _ images: [ImageDetections], classNames: [String], split: String = "test", to folder: URL
  ) throws {
    try Folder.make(folder.path)
    for className in classNames {
      let file = folder.appending(path: name(className: className, split: split))
      try AtomicFile.write(text(images, className: className), to: file.path)
    }
  }

  /// Reads the detections of one class, grouped by image in order of first appearance.
  ///
  /// - Parameters:
  ///   - text: The file's content.
  ///   - file: The file's name for messages.
  ///   - className: The class of all its detections.
  /// - Returns: One list per image.
  /// - Throws: ``EvaluationError/malformedLine(file:line:reason:)``.
  package static func parse(_ text: String, file: String, className: String) throws
    -> [ImageDetections]
  {
    var images: [ImageDetections] = []
    var indices: [String: Int] = [:]
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      if fields.isEmpty { continue }
      let number = index + 1
      // Ids of custom sets may contain spaces: the last five fields are the numbers.
      guard fields.count >= 6 else {
        throw EvaluationError.malformedLine(
          file: file, line: number,
          reason: "\(fields.count) fields, expected 'image score xmin ymin xmax ymax'")
      }
      let values = try fields.suffix(5).map { field in
        guard let value = Double(field), Float(value).isFinite else {
          throw EvaluationError.malformedLine(
            file: file, line: number, reason: "'\(field)' is not a finite number")
        }
        return value
      }
      let box = Box(
        left: Float(values[1] - 1), top: Float(values[2] - 1),
        right: Float(values[3]), bottom: Float(values[4]))
      if box.sizeProblem != nil {
        throw EvaluationError.malformedLine(
          file: file, line: number,
          reason: "the corners (\(fields[fields.count - 4]), \(fields[fields.count - 3])) and"
            + " (\(fields[fields.count - 2]), \(fields[fields.count - 1])) are the wrong way round;"
            + " expected 'image score xmin ymin xmax ymax'")
      }
      let detection = NamedDetection(
        className: className, confidence: Float(values[0]), box: box)
      let id = String(line[fields[0].startIndex..<fields[fields.count - 6].endIndex])
      if let known = indices[id] {
        images[known].detections.append(detection)
      } else {
        indices[id] = images.count
        images.append(
          ImageDetections(file: id, detections: [detection], source: "\(file):\(number)"))
      }
    }
    return images
  }

  /// A corner that reads back as the same edge.
  private static func corner(_ edge: Float, offset: Double) -> String {
    CompactNumber.text(Double(edge) + offset) { Float($0 - offset) == edge }
  }
}
