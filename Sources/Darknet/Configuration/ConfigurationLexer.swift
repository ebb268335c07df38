/// Darknet's cfg grammar: blanks count nowhere, `#` and `;` open comments.
///
/// Darknet knows comments at the start of a line only; behind a value its numbers end at them, as
/// OpenCV's do.
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
      let content = rawLine.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: ";") }
      let line = content.filter { !Self.blanks.contains($0) }
      guard let first = line.first else { continue }
      if first == UInt8(ascii: "[") {
        try open(line, number)
      } else {
        try add(line, number)
        try checkGaps(content, number)
      }
    }
    if sections.isEmpty { throw error(0, "no section; a cfg starts with [net]") }
  }

  // Space, tab, carriage return.
  private static let blanks: [UInt8] = [32, 9, 13]

  private func error(_ line: Int, _ reason: String) -> DarknetError {
    .configuration(file: fileName, line: line, reason: reason)
  }

  /// Numbers with nothing but blanks between them, which Darknet reads as one.
  private mutating func checkGaps(
    _ line: Substring.UTF8View.SubSequence, _ number: Int
  ) throws(DarknetError) {
    let words = line.drop { $0 != UInt8(ascii: "=") }.dropFirst()
      .split(whereSeparator: Self.blanks.contains)
    let digits: ClosedRange<UInt8> = 48...57
    for (word, next) in zip(words, words.dropFirst()) {
      guard let last = word.last, let first = next.first, digits.contains(last),
        digits.contains(first) || first == UInt8(ascii: ".")
      else { continue }
      let text = [word, next].map { quoted(String(decoding: $0, as: UTF8.self)) }
      let gap = "a blank and no comma between '\(text[0])' and '\(text[1])'"
      guard lenient else { throw error(number, gap) }
      warnings.append("\(fileName):\(number): \(gap); read without the blank, as Darknet does")
    }
  }

  private mutating func open(_ line: [UInt8], _ number: Int) throws(DarknetError) {
    let name = String(decoding: line.dropFirst().dropLast(), as: UTF8.self)
    guard line.count > 2, line.last == UInt8(ascii: "]") else {
      let text = quoted(String(decoding: line, as: UTF8.self))
      throw error(number, "'\(text)' is no section; write [name]")
    }
    sections.append(
      ConfigurationSection(
        name: known(name, number), line: number, entries: [], fileName: fileName))
  }

  /// The section's full name; leniently also of one in another case, which Darknet does not know.
  private mutating func known(_ name: String, _ number: Int) -> String {
    func resolved(_ name: String) -> String? {
      SectionSchema.aliases[name] ?? (SectionSchema.all[name] == nil ? nil : name)
    }
    if let known = resolved(name) { return known }
    let all = Array(SectionSchema.all.keys) + SectionSchema.aliases.keys
    guard lenient, let other = all.first(where: { $0.lowercased() == name.lowercased() }),
      let known = resolved(other)
    else { return name }
    warnings.append("\(fileName):\(number): [\(quoted(name))] is read as [\(known)]")
    return known
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
    guard let earlier = sections[section].entries.firstIndex(where: { $0.key == key }) else {
      sections[section].entries.append(.init(key: key, value: value, line: number))
      return
    }
    let (name, first) = (sections[section].name, sections[section].entries[earlier])
    let both =
      "\(quoted(key))= is set twice in [\(name)]: \(quoted(first.value)) at line \(first.line), "
      + "\(quoted(value)) here"
    if !lenient, Self.isAmbiguous(key, first.value, value, in: name) {
      throw error(number, "\(both); delete one: Darknet reads the first, other tools the last")
    }
    warnings.append("\(fileName):\(number): \(both); the first is used, as by Darknet")
    sections[section].entries[earlier].repeats.append(number)
  }

  /// Whether two values make two networks.
  ///
  /// Darknet's own files have keys of training twice.
  private static func isAmbiguous(
    _ key: String, _ first: String, _ second: String, in section: String
  ) -> Bool {
    if first == second { return false }
    if let a = Double(first), let b = Double(second), a == b { return false }
    return section != "net" || ["width", "height", "channels"].contains(key)
  }
}
