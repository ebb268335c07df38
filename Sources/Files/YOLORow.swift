/// A line of YOLO's text files: `<class> <centre x> <centre y> <width> <height>`, the last four as
/// shares of the image, and for detections `<confidence>` behind them.
package struct YOLORow: Hashable, Sendable {
  /// 0 ..< the number of classes.
  package let classIndex: Int
  /// What follows the class: 4 numbers, or 5 with a confidence.
  package let values: [Double]
  /// The line of the file, from 1.
  package let line: Int

  /// Reads the lines of one file.
  ///
  /// - Parameters:
  ///   - text: The file's content.
  ///   - file: Its name for messages.
  ///   - hasConfidence: Whether lines are detections.
  ///   - classCount: The number of classes.
  /// - Returns: One row per line that is not empty.
  /// - Throws: `FileError` naming file and line.
  package static func rows(
    _ text: String, file: String, hasConfidence: Bool, classCount: Int
  ) throws -> [YOLORow] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return try lines.enumerated().compactMap { index, line in
      let fields = line.split(whereSeparator: \.isWhitespace)
      if fields.isEmpty { return nil }
      return try YOLORow(
        fields, place: "\(file):\(index + 1)", line: index + 1, hasConfidence: hasConfidence,
        classCount: classCount)
    }
  }

  private init(
    _ fields: [Substring], place: String, line: Int, hasConfidence: Bool, classCount: Int
  ) throws {
    func problem(_ reason: String) -> FileError { FileError(path: place, reason: reason) }
    guard fields.count == (hasConfidence ? 6 : 5) else {
      throw problem(
        "\(fields.count) fields, expected 'class x y width height"
          + (hasConfidence ? " confidence'" : "'")
          + (!hasConfidence && fields.count > 6 && fields.count % 2 == 1
            ? "; polygons are not read: convert them to boxes" : ""))
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
    self.classIndex = classIndex
    self.values = values
    self.line = line
  }
}
