/// Comma-separated values by RFC 4180, with a line feed alone at the end of a line.
package enum CommaSeparatedValues {
  /// One line with its line feed; fields that need it are quoted.
  package static func line(_ fields: [String]) -> String {
    fields.map(escaped).joined(separator: ",") + "\n"
  }

  /// A record of a text.
  package struct Record: Equatable {
    package var fields: [String]
    /// The line of the text that it begins in, counted from 1.
    package var line: Int
    /// Where it ends in the text's UTF-8, its line feed included.
    package var end: Int
    /// False for what follows the last line feed.
    package var isComplete: Bool
  }

  /// The records of a text; what follows the last line feed outside quotes is incomplete.
  package static func records(_ text: [UInt8]) -> [Record] {
    var records: [Record] = []
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var line = 1
    var firstLine = 1
    func finishField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    func finishRecord(at end: Int, isComplete: Bool) {
      finishField()
      records.append(Record(fields: fields, line: firstLine, end: end, isComplete: isComplete))
      fields = []
      firstLine = line
    }
    var i = 0
    while i < text.count {
      let byte = text[i]
      i += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      switch byte {
      case UInt8(ascii: "\"") where isQuoted && i < text.count && text[i] == byte:
        field.append(byte)
        i += 1
      case UInt8(ascii: "\""):
        isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted:
        finishField()
      case UInt8(ascii: "\n") where !isQuoted:
        // A carriage return right before is the other half of RFC 4180's line end.
        if i > 1, text[i - 2] == UInt8(ascii: "\r") { field.removeLast() }
        finishRecord(at: i, isComplete: true)
      default:
        field.append(byte)
      }
    }
    if !fields.isEmpty || !field.isEmpty { finishRecord(at: text.count, isComplete: false) }
    return records
  }

  private static func escaped(_ field: String) -> String {
    guard field.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return field }
    let parts = field.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.joined(separator: "\"\"") + "\""
  }
}
