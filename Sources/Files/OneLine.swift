extension String {
  /// The text with `?` for every control character: what a file holds must not break a message in two.
  package var onOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? "?" : $0 }))
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool {
    switch value {
    case 0..<32, 127..<160, 0x2028, 0x2029: true
    default: false
    }
  }
}
