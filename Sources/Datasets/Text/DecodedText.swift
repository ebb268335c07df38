import Foundation

/// The text of a file that some tool wrote in some encoding.
struct DecodedText: Equatable {
  /// What the bytes say, without byte order mark.
  let text: String
  /// What had to be guessed against or without the file's word, for people; nil if nothing.
  let guess: String?

  /// Why bytes are no text.
  struct Failure: Error, Equatable {
    /// The line of the first wrong byte, from 1.
    let line: Int
    let reason: String
  }

  /// Decodes a file's bytes.
  ///
  /// A byte order mark is believed first, then zeros that only UTF-16 has, then the declaration,
  /// then UTF-8. What is none of it and declares nothing is taken as Latin-1, in which every byte is
  /// a letter.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - declared: The name of an encoding that the file gives itself.
  /// - Throws: ``Failure``.
  init(_ bytes: [UInt8], declared: String? = nil) throws(Failure) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      self.init(try Self.utf8(bytes.dropFirst(3)))
    } else if bytes.starts(with: [0xFF, 0xFE]) {
      self.init(try Self.utf16(bytes.dropFirst(2), isBigEndian: false))
    } else if bytes.starts(with: [0xFE, 0xFF]) {
      self.init(try Self.utf16(bytes.dropFirst(2), isBigEndian: true))
    } else if bytes.count > 1, bytes[0] != 0, bytes[1] == 0 {
      self.init(try Self.utf16(bytes[...], isBigEndian: false))
    } else if bytes.count > 1, bytes[0] == 0, bytes[1] != 0 {
      self.init(try Self.utf16(bytes[...], isBigEndian: true))
    } else {
      try self.init(unmarked: bytes, declared: declared)
    }
  }

  private init(_ text: String, guess: String? = nil) {
    self.text = text
    self.guess = guess
  }

  private init(unmarked bytes: [UInt8], declared: String?) throws(Failure) {
    let name = declared?.lowercased() ?? ""
    let valid = String(validating: bytes, as: UTF8.self)
    // UTF-16 would have had zeros: the text was made in memory and saved otherwise.
    if name.isEmpty || name == "utf-8" || name == "utf8" || name.hasPrefix("utf-16") {
      if let valid {
        self.init(valid)
      } else if declared == nil {
        let line = Self.line(of: Self.firstInvalid(bytes[...]), in: bytes[...])
        self.init(
          Self.latin1(bytes),
          guess: "line \(line) is not UTF-8 and no encoding is declared; read as Latin-1")
      } else {
        self.init(try Self.utf8(bytes[...]))
      }
      return
    }
    if let converter = TextConverter(from: name) {
      switch converter.convert(bytes) {
      case .success(let text): self.init(text)
      case .failure(let place):
        guard let valid else {
          throw Failure(
            line: Self.line(of: place.offset, in: bytes[...]),
            reason: "bytes that are not \(declared ?? name), the declared encoding")
        }
        self.init(valid, guess: "\(declared ?? name) is declared, but it is UTF-8; read as that")
      }
    } else if let valid {
      self.init(valid, guess: "the encoding '\(declared ?? name)' is not known; read as UTF-8")
    } else {
      throw Failure(line: 1, reason: "the encoding '\(declared ?? name)' is not known")
    }
  }

  private static func latin1(_ bytes: [UInt8]) -> String {
    String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  private static func utf8(_ bytes: ArraySlice<UInt8>) throws(Failure) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    throw Failure(
      line: line(of: firstInvalid(bytes), in: bytes), reason: "bytes that are not UTF-8")
  }

  private static func utf16(
    _ bytes: ArraySlice<UInt8>, isBigEndian: Bool
  ) throws(Failure) -> String {
    let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { i in
      let (first, second) = (UInt16(bytes[i]), UInt16(bytes[i + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    if let text = String(validating: units, as: UTF16.self), bytes.count % 2 == 0 { return text }
    let text = String(decoding: units, as: UTF16.self)
    let end = text.firstIndex(of: "\u{FFFD}") ?? text.endIndex
    throw Failure(
      line: 1 + text[..<end].count(where: \.isNewline),
      reason: bytes.count % 2 == 0
        ? "bytes that are not UTF-16" : "the UTF-16 ends inside a letter: cut off")
  }

  /// The index of the first byte that UTF-8 does not allow; the end if there is none.
  private static func firstInvalid(_ bytes: ArraySlice<UInt8>) -> Int {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = bytes.startIndex
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .emptyInput, .error: return offset
      }
    }
  }

  private static func line(of index: Int, in bytes: ArraySlice<UInt8>) -> Int {
    1 + bytes[..<min(index, bytes.endIndex)].count { $0 == UInt8(ascii: "\n") }
  }
}
