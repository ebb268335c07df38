/// Darknet's cfg grammar: blanks count nowhere, `#` and `;` open comments at the start of a line.
struct ConfigurationLexer {
  let fileName: String
  let lenient: Bool
  private(set) var sections: [ConfigurationSection] = []
  private(set) var warnings: [String] = []

  init(_ text: String, fileName: String, lenient: Bool) throws(DarknetError) {
    self.fileName = fileName
    self.lenient = lenient
    var number = 0
    // By bytes: in Swift "\r\n" is one character, and a combining mark may follow a "=".
    for rawLine in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      number += 1
      let line = rawLine.filter { !Self.blanks.contains($0) }
      guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else {
        continue
      }
      if first == UInt8(ascii: "[") {
        try open(line, number)
      } else {
        try add(line, number)
      }
    }
    if sections.isEmpty { throw error(0, "no section; a cfg starts with [net]") }
  }

  // Space, tab, carriage return.
  private static let blanks: [UInt8] = [32, 9, 13]

  private func error(_ line: Int, _ reason: String) -> DarknetError {
    .configuration(file: fileName, line: line, reason: reason)
  }

  private mutating func open(_ line: [UInt8], _ number: Int) throws(DarknetError) {
    let name = String(decoding: line.dropFirst().dropLast(), as: UTF8.self)
    guard line.count > 2, line.last == UInt8(ascii: "]") else {
      let text = quoted(String(decoding: line, as: UTF8.self))
      throw error(number, "'\(text)' is no section; write [name]")
    }
    sections.append(
      ConfigurationSection(
        name: SectionSchema.aliases[name] ?? name, line: number, entries: [], fileName: fileName))
  }

  private mutating func add(_ line: [UInt8], _ number: Int) throws(DarknetError) {
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      let text = quoted(String(decoding: line, as: UTF8.self))
      throw error(number, "'\(text)' is neither [section], key=value nor a # comment")
    }
    let key = String(decoding: line[..<equals], as: UTF8.self)
    let value = String(decoding: line[(equals + 1)...], as: UTF8.self)
    if value.isEmpty { throw error(number, "\(quoted(key))= has no value") }
    guard let section = sections.indices.last else {
      throw error(
        number, "\(quoted(key))= stands before the first section; a cfg starts with [net]")
    }
    if let earlier = sections[section][key] {
      let both =
        "\(quoted(key))= is set twice in [\(sections[section].name)]: "
        + "\(quoted(earlier.value)) at line \(earlier.line), \(quoted(value)) here"
      guard lenient else { throw error(number, "\(both); delete one") }
      warnings.append("\(fileName):\(number): \(both); the first is used")
    } else {
      sections[section].entries.append(.init(key: key, value: value, line: number))
    }
  }
}
