/// An id of a file, which tools write as a number or as text; `"7"` and `7` are different ids.
package enum FileIdentifier: Codable, Hashable, Sendable, Comparable, CustomStringConvertible {
  case number(Int)
  case text(String)

  /// Reads it; 1.0 is a whole number as well.
  ///
  /// - Throws: `DecodingError` for anything but a whole number or text.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .number(try WholeNumber(from: decoder).value)
    }
  }

  /// Writes it as the number or the text that it is.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  /// The same id in the other spelling, nil if there is none.
  package var respelled: FileIdentifier? {
    switch self {
    case .number(let number): .text("\(number)")
    case .text(let text): Int(text).map { .number($0) }
    }
  }

  /// As the file has it.
  package var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }

  /// Numbers by size, then texts.
  package static func < (a: FileIdentifier, b: FileIdentifier) -> Bool {
    switch (a, b) {
    case (.number(let a), .number(let b)): a < b
    case (.text(let a), .text(let b)): a < b
    case (.number, .text): true
    case (.text, .number): false
    }
  }
}
