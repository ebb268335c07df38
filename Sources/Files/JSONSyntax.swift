/// Finds the first place where bytes are not JSON, which Foundation's decoder keeps to itself.
struct JSONSyntax {
  /// A place and what is wrong there.
  struct Fault: Error, Equatable {
    /// From 1.
    let line: Int
    /// From 1, in bytes.
    let column: Int
    let reason: String
  }

  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0

  /// The first fault of a document, nil if it is JSON whose numbers fit into a Double.
  static func fault(in bytes: some Sequence<UInt8>) -> Fault? {
    var parser = JSONSyntax(bytes: Array(bytes))
    do {
      try parser.document()
      return nil
    } catch {
      return error
    }
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark is not JSON's, but readers pass over it.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  private mutating func document() throws(Fault) {
    skipSpace()
    if place == bytes.count { throw fault("the file is empty") }
    try value()
    skipSpace()
    if place < bytes.count { throw fault("something follows the end of the document") }
  }

  private mutating func value() throws(Fault) {
    skipSpace()
    guard let first = peek else { throw fault("the file ends where a value should be") }
    switch first {
    case UInt8(ascii: "{"): try members(of: "an object", end: UInt8(ascii: "}"), areNamed: true)
    case UInt8(ascii: "["): try members(of: "a list", end: UInt8(ascii: "]"), areNamed: false)
    case UInt8(ascii: "\""): try string()
    default: try word()
    }
  }

  private mutating func members(
    of what: String, end: UInt8, areNamed: Bool
  ) throws(Fault) {
    depth += 1
    // Foundation's decoder stops at 512.
    if depth > 512 { throw fault("more than 512 levels") }
    place += 1
    skipSpace()
    if peek == end {
      place += 1
    } else {
      while true {
        if areNamed { try name() }
        try value()
        skipSpace()
        guard let next = peek else { throw fault("the file ends inside \(what)") }
        if next != end && next != UInt8(ascii: ",") {
          throw fault("\(shown) stands where a comma or the end of \(what) should be")
        }
        place += 1
        if next == end { break }
      }
    }
    depth -= 1
  }

  private mutating func name() throws(Fault) {
    skipSpace()
    guard let first = peek else { throw fault("the file ends inside an object") }
    guard first == UInt8(ascii: "\"") else {
      throw fault("\(shown) stands where a name in quotes should be")
    }
    try string()
    skipSpace()
    guard peek == UInt8(ascii: ":") else {
      throw fault(peek == nil ? "the file ends inside an object" : "a colon is missing")
    }
    place += 1
  }

  private mutating func string() throws(Fault) {
    let start = place
    place += 1
    while let byte = peek {
      if byte == UInt8(ascii: "\"") {
        place += 1
        return
      }
      if byte < 0x20 { break }
      place += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    place = start
    throw fault("a text has no closing quote")
  }

  /// A number, `true`, `false` or `null`.
  private mutating func word() throws(Fault) {
    let start = place
    while let byte = peek, !" \t\r\n,:]}[{\"".utf8.contains(byte) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if ["true", "false", "null"].contains(text) { return }
    let end = place
    place = start
    let isNumber = text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil
    guard isNumber else {
      throw fault("\(text.isEmpty ? shown : "'\(text.prefix(40))'") is not a value of JSON")
    }
    guard Double(text)?.isFinite == true else {
      throw fault("\(text.prefix(40)) is more than a number can hold")
    }
    place = end
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private var shown: String {
    "'\(String(decoding: bytes[place..<min(place + 1, bytes.count)], as: UTF8.self))'"
  }

  private mutating func skipSpace() {
    while let byte = peek, " \t\r\n".utf8.contains(byte) { place += 1 }
  }

  private func fault(_ reason: String) -> Fault {
    let before = bytes[..<min(place, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return Fault(
      line: 1 + before.count { $0 == UInt8(ascii: "\n") }, column: 1 + before.count - lineStart,
      reason: reason)
  }
}
