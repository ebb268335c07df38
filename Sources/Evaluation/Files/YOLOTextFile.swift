package import Detection
import Foundation
import Geometry

/// YOLO's text files, one per image: `<class> <centre x> <centre y> <width> <height>`, the last four
/// as shares of the image, and for detections `<confidence>` behind them.
package enum YOLOTextFile {
  /// Reads the objects of one image.
  ///
  /// - Parameters:
  ///   - text: The file's content.
  ///   - file: Its name for messages.
  ///   - size: The image's size.
  ///   - classCount: The number of classes.
  /// - Returns: One object per line.
  /// - Throws: ``EvaluationError/malformedLine(file:line:reason:)``.
  package static func objects(
    _ text: String, file: String, size: EvaluatedImage.Size, classCount: Int
  ) throws -> [GroundTruth] {
    try rows(text, file: file, fieldCount: 5, classCount: classCount).map {
      GroundTruth(box: box($0.values, in: size), classIndex: $0.classIndex)
    }
  }

  /// Reads the detections of one image.
  ///
  /// - Parameters:
  ///   - text: The file's content.
  ///   - file: Its name for messages.
  ///   - size: The image's size.
  ///   - classCount: The number of classes.
  /// - Returns: One detection per line.
  /// - Throws: ``EvaluationError/malformedLine(file:line:reason:)``.
  package static func detections(
    _ text: String, file: String, size: EvaluatedImage.Size, classCount: Int
  ) throws -> [Detection] {
    try rows(text, file: file, fieldCount: 6, classCount: classCount).map {
      Detection(
        box: box($0.values, in: size), classIndex: $0.classIndex, confidence: Float($0.values[4]),
        objectness: Float($0.values[4]))
    }
  }

  private struct Row {
    let classIndex: Int
    let values: [Double]
  }

  private static func rows(
    _ text: String, file: String, fieldCount: Int, classCount: Int
  ) throws -> [Row] {
    var rows: [Row] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      if fields.isEmpty { continue }
      func problem(_ reason: String) -> EvaluationError {
        .malformedLine(file: file, line: index + 1, reason: reason)
      }
      guard fields.count == fieldCount else {
        throw problem(
          "\(fields.count) fields, expected 'class x y width height"
            + (fieldCount == 6 ? " confidence'" : "'"))
      }
      guard let classIndex = Int(fields[0]), (0..<classCount).contains(classIndex) else {
        throw problem("'\(fields[0])' is not a class index below \(classCount)")
      }
      let values = try fields.dropFirst().map { field in
        guard let value = Double(field), Float(value).isFinite else {
          throw problem("'\(field)' is not a finite number")
        }
        return value
      }
      // Boxes may reach out of the image, but pixels in place of shares show at once.
      if let index = values.prefix(4).firstIndex(where: { !(-1...2).contains($0) }) {
        throw problem(
          "'\(fields[index + 1])' is no share of the image's size, which x, y, width and height are"
        )
      }
      if values[2] < 0 || values[3] < 0 {
        throw problem("a width or height is negative: '\(fields[3])', '\(fields[4])'")
      }
      rows.append(Row(classIndex: classIndex, values: values))
    }
    return rows
  }

  private static func box(_ values: [Double], in size: EvaluatedImage.Size) -> Box {
    let width = Double(size.width)
    let height = Double(size.height)
    return Box(
      left: Float((values[0] - values[2] / 2) * width),
      top: Float((values[1] - values[3] / 2) * height),
      right: Float((values[0] + values[2] / 2) * width),
      bottom: Float((values[1] + values[3] / 2) * height))
  }
}
