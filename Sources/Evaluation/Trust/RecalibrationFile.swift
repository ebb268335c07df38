import Files
package import Foundation

extension RecalibrationModel {
  /// Reads the file of ``json()``.
  ///
  /// - Throws: `FileError`.
  package init(contentsOf url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw FileError(path: url.relativePath, reason: "cannot be read")
    }
    self = try RecalibrationModel.parse(data, file: url.lastPathComponent)
  }

  /// The model as JSON.
  ///
  /// - Returns: The document, keys sorted.
  /// - Throws: Never for a fitted model.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a file of ``json()``.
  ///
  /// - Parameters:
  ///   - data: The file's content.
  ///   - file: Its name for messages.
  /// - Returns: The model.
  /// - Throws: `FileError`.
  package static func parse(_ data: Data, file: String) throws -> RecalibrationModel {
    let model: RecalibrationModel = try JSONProblem.decoding(data, file: file)
    for (name, map) in model.classes.sorted(by: { $0.key < $1.key }) + [("pooled", model.pooled)]
    where !map.isValid {
      throw FileError(
        path: file, reason: "the map of '\(name)' does not keep the order of confidences in 0...1")
    }
    return model
  }
}

extension RecalibrationMap {
  /// Whether the map gives probabilities and keeps the order.
  fileprivate var isValid: Bool {
    switch self {
    case .temperature(let temperature): temperature.isFinite && temperature > 0
    case .platt(let slope, let offset): slope.isFinite && slope >= 0 && offset.isFinite
    case .isotonic(let map):
      !map.confidences.isEmpty && map.confidences.count == map.probabilities.count
        && (map.confidences + map.probabilities).allSatisfy { (0...1).contains($0) }
        && zip(map.confidences, map.confidences.dropFirst()).allSatisfy { $0 < $1 }
        && zip(map.probabilities, map.probabilities.dropFirst()).allSatisfy { $0 <= $1 }
    }
  }
}
