import Foundation

/// One-line descriptions of what is wrong with a JSON file.
enum JSONProblem {
  /// A file's content.
  ///
  /// - Throws: ``EvaluationError/malformedFile(file:reason:)``.
  static func decoding<Content: Decodable>(_ data: Data, file: String) throws -> Content {
    do {
      return try JSONDecoder().decode(Content.self, from: data)
    } catch let error as DecodingError {
      throw EvaluationError.malformedFile(file: file, reason: description(of: error))
    }
  }

  /// Place and cause, such as `images[3].detections[0]: no key "box"`.
  static func description(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return place(context) + "no key \"\(key.stringValue)\""
    case .valueNotFound(_, let context), .typeMismatch(_, let context):
      return place(context) + "a value of another kind is needed here"
    case .dataCorrupted(let context):
      let cause = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey]
      let text = (cause as? String) ?? context.debugDescription
      return place(context) + "not valid JSON: " + text.replacing("\n", with: " ")
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
