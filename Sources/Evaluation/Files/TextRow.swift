import Files

/// A line of a text file per image: a class, perhaps of several words, and five numbers.
struct TextRow {
  /// As in the file.
  let className: String
  /// Five finite numbers.
  let values: [Double]
  /// The image's place among those of the split.
  let image: Int
  /// File and line, for messages.
  let place: String

  /// Whether the class is a name, not a number.
  var isNamed: Bool { Double(className) == nil }

  init(_ fields: [Substring], image: Int, place: String) throws(FileError) {
    guard fields.count >= 6 else {
      throw FileError(
        path: place, reason: "\(fields.count) fields, expected a class and five numbers")
    }
    className = fields.dropLast(5).joined(separator: " ")
    var values: [Double] = []
    for field in fields.suffix(5) {
      guard let value = Double(field), Float(value).isFinite else {
        throw FileError(path: place, reason: "'\(field)' is not a finite number")
      }
      values.append(value)
    }
    self.values = values
    self.image = image
    self.place = place
  }

  /// The class by name, also with underlines for blanks, as the tools demand it, or by index.
  ///
  /// - Throws: ``EvaluationError/unknownClass(_:source:suggestion:)``.
  func classIndex(in names: [String]) throws -> Int {
    if let index = names.firstIndex(of: className) { return index }
    func joined(_ name: String) -> String { name.replacing(" ", with: "_") }
    if let index = names.firstIndex(where: { joined($0) == joined(className) }) { return index }
    if let index = Int(className), names.indices.contains(index) { return index }
    throw EvaluationError.unknownClass(
      className, source: place,
      suggestion: EvaluatedImage.suggestion(for: className, among: names))
  }
}
