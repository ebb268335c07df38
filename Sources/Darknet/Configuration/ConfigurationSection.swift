/// A `[name]` of a cfg with its `key=value` lines.
package struct ConfigurationSection: Sendable {
  /// One `key=value` line.
  package struct Entry: Sendable, Hashable {
    /// Without blanks.
    package let key: String
    /// Without blanks, never empty.
    package let value: String
    /// 1-based line of the file.
    package let line: Int
    /// Lines that set the key again and do not count.
    package internal(set) var repeats: [Int] = []
  }

  /// The section's name, aliases resolved: `conv` is `convolutional`.
  package let name: String
  /// 1-based line of `[name]`.
  package let line: Int
  /// The entries in the order of the file, each key once.
  package internal(set) var entries: [Entry]
  /// For messages.
  let fileName: String

  /// The entry of a key, nil if the section does not have it.
  package subscript(key: String) -> Entry? { entries.first { $0.key == key } }

  /// An error about a line of the file; nil: the section's own.
  func error(_ reason: String, line: Int? = nil) -> DarknetError {
    .configuration(file: fileName, line: line ?? self.line, reason: reason)
  }

  private func error(_ entry: Entry, _ reason: String) -> DarknetError {
    error(
      "\(quoted(entry.key))=\(quoted(entry.value)) in [\(name)]: \(reason)", line: entry.line)
  }

  private func required(_ key: String) throws(DarknetError) -> Entry {
    guard let entry = self[key] else { throw error("[\(name)] has no \(key)=") }
    return entry
  }
}

// MARK: - Typed values
extension ConfigurationSection {
  /// A whole number.
  ///
  /// - Parameters:
  ///   - key: What is asked for.
  ///   - fallback: The value of an absent key; nil: the key must be there.
  ///   - range: What is allowed.
  /// - Returns: The value.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 0...1_000_000_000
  ) throws(DarknetError) -> Int {
    if let fallback, self[key] == nil { return fallback }
    let entry = try required(key)
    return try integer(entry.value, of: entry, in: range)
  }

  /// A finite number.
  ///
  /// - Parameters:
  ///   - key: What is asked for.
  ///   - fallback: The value of an absent key; nil: the key must be there.
  ///   - range: What is allowed.
  /// - Returns: The value.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func number(
    _ key: String, default fallback: Float? = nil, in range: ClosedRange<Float> = 0...1e9
  ) throws(DarknetError) -> Float {
    if let fallback, self[key] == nil { return fallback }
    let entry = try required(key)
    return try number(entry.value, of: entry, in: range)
  }

  /// 0 or 1.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` for anything else.
  package func flag(_ key: String, default fallback: Bool) throws(DarknetError) -> Bool {
    try integer(key, default: fallback ? 1 : 0, in: 0...1) == 1
  }

  /// Whole numbers separated by commas; empty if the key is absent.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func integers(
    _ key: String, in range: ClosedRange<Int> = 0...1_000_000_000
  ) throws(DarknetError) -> [Int] {
    guard let entry = self[key] else { return [] }
    var values: [Int] = []
    for part in parts(entry) { values.append(try integer(part, of: entry, in: range)) }
    return values
  }

  /// Finite numbers separated by commas; empty if the key is absent.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func numbers(
    _ key: String, in range: ClosedRange<Float> = 0...1e9
  ) throws(DarknetError) -> [Float] {
    guard let entry = self[key] else { return [] }
    var values: [Float] = []
    for part in parts(entry) { values.append(try number(part, of: entry, in: range)) }
    return values
  }

  /// One of the raw values of an enumeration.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``, which lists them.
  package func choice<Choice>(
    _ key: String, default fallback: Choice
  ) throws(DarknetError) -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    guard let entry = self[key] else { return fallback }
    if let choice = Choice(rawValue: entry.value) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw error(entry, "unknown; use one of \(names.joined(separator: ", "))")
  }

  /// The parts between commas; Darknet's own files have a comma at the end of some lists.
  private func parts(_ entry: Entry) -> [String] {
    var parts = entry.value.utf8.split(
      separator: UInt8(ascii: ","), omittingEmptySubsequences: false
    )
    .map { String(decoding: $0, as: UTF8.self) }
    if parts.count > 1, parts.last == "" { parts.removeLast() }
    return parts
  }

  private func integer(
    _ text: String, of entry: Entry, in range: ClosedRange<Int>
  ) throws(DarknetError) -> Int {
    guard let value = Int(text) ?? whole(text) else {
      throw error(entry, notANumber(text, of: entry, "a whole number"))
    }
    guard range.contains(value) else {
      throw error(entry, "must be in \(range.lowerBound)...\(range.upperBound)")
    }
    return value
  }

  /// `192.0` is whole for every reader; of `1e3` and `1.5` Darknet reads the 1 only.
  private func whole(_ text: String) -> Int? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
    return Int(String(decoding: parts[0], as: UTF8.self))
  }

  private func number(
    _ text: String, of entry: Entry, in range: ClosedRange<Float>
  ) throws(DarknetError) -> Float {
    guard let value = Float(text), !value.isNaN else {
      throw error(entry, notANumber(text, of: entry, "a number"))
    }
    guard value.isFinite, range.contains(value) else {
      throw error(entry, "must be in \(range.lowerBound)...\(range.upperBound)")
    }
    return value
  }

  private func notANumber(_ text: String, of entry: Entry, _ kind: String) -> String {
    text == entry.value ? "not \(kind)" : "'\(quoted(text))' is not \(kind)"
  }
}
