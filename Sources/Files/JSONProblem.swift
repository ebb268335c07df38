package import Foundation

/// One-line descriptions of what is wrong with a JSON file.
package enum JSONProblem {
  /// A file's content.
  ///
  /// - Throws: `FileError`.
  package static func decoding<Content: Decodable>(_ data: Data, file: String) throws -> Content {
    do {
      return try JSONDecoder().decode(Content.self, from: data)
    } catch let error as DecodingError {
      throw FileError(path: file, reason: description(of: error, in: data))
    }
  }

  /// Place and cause, such as `images[3].detections[0]: no key "box"`, or line and column where it is
  /// no JSON.
  private static func description(of error: DecodingError, in data: Data) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return place(context) + "no key \"\(key.stringValue)\""
    case .valueNotFound(_, let context), .typeMismatch(_, let context):
      return place(context) + "a value of another kind is needed here"
    case .dataCorrupted(let context):
      if let fault = JSONSyntax.fault(in: data) {
        return "not valid JSON: line \(fault.line), column \(fault.column): \(fault.reason)"
      }
      return place(context) + context.debugDescription.replacing("\n", with: " ")
    @unknown default:
      return "not valid JSON"
    }
  }

  private static func place(_ context: DecodingError.Context) -> String {
    var path = ""
    for key in context.codingPath {
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += path.isEmpty ? key.stringValue : "." + key.stringValue
      }
    }
    return path.isEmpty ? "" : path + ": "
  }
}

/// An integer of a file, which Foundation's decoder would refuse without saying where.
package struct WholeNumber: Decodable {
  /// The number.
  package let value: Int

  /// Reads it; 1.0 is whole as well.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try container.decode(Double.self)
    guard let value = Int(exactly: number) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(number) is not a whole number")
    }
    self.value = value
  }
}
