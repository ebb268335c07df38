package import Foundation

/// A Darknet cfg: sections with their `key=value` lines, every one checked to be known.
///
/// Two files are equal if they have the same sections, keys and values in the same order; comments
/// and line numbers do not count.
package struct ConfigurationFile: Sendable, Equatable {
  /// As it appears in messages.
  package let fileName: String
  /// The file as it was read, comments included, to be saved with a run; without byte order mark,
  /// and with line feeds where carriage returns alone ended the lines.
  package let text: String
  /// The sections in order, `[net]` first.
  package let sections: [ConfigurationSection]
  /// What was let pass, each with file and line.
  package let warnings: [String]
  /// Entries that this tool understands and does not act on.
  package let ignoredKeys: [IgnoredKey]
  let lenient: Bool

  /// Parses the text of a cfg.
  ///
  /// - Parameters:
  ///   - text: The file's text; any line ending.
  ///   - fileName: For messages.
  ///   - lenient: Unknown keys and sections, and keys that are repeated with another value that would
  ///     make another network, become ``warnings``: unknown ones are left out, of repeated ones the
  ///     first is used. Values that would change the results if they were ignored stay errors.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package init(text: String, fileName: String, lenient: Bool = false) throws(DarknetError) {
    let text = Self.normalized(text)
    let lexer = try ConfigurationLexer(text, fileName: fileName, lenient: lenient)
    var checker = SchemaChecker(lenient: lenient)
    for section in lexer.sections { try checker.check(section) }
    self.fileName = fileName
    self.text = text
    self.lenient = lenient
    sections = checker.sections
    warnings = lexer.warnings + checker.warnings
    func has(_ kinds: Set<String>) -> Bool {
      checker.sections.contains { kinds.contains($0.name) }
    }
    var used =
      has(HeadReader.kinds)
      ? [] : has(["heatmap"]) ? SectionSchema.heatmapNetKeys : SectionSchema.classifierNetKeys
    if let net = checker.sections.first { used.formUnion(OptimizerRule.Name.usedKeys(net)) }
    ignoredKeys = checker.ignored.filter { $0.section != "net" || !used.contains($0.key) }
  }

  /// Reads a cfg of at most 4 MiB.
  ///
  /// - Throws: ``DarknetError``.
  package init(contentsOf url: URL, lenient: Bool = false) throws(DarknetError) {
    let name = url.relativePath
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      let exists = FileManager.default.fileExists(atPath: url.path)
      throw .file(name, reason: exists ? "cannot be read" : "no such file")
    }
    guard data.count <= 4 << 20 else {
      throw .file(name, reason: "\(data.count) bytes is too long for a cfg; is it a weights file?")
    }
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
    let wide =
      marks.contains { data.starts(with: $0) } ? String(data: data, encoding: .utf16) : nil
    try self.init(
      text: wide ?? String(decoding: data, as: UTF8.self), fileName: name, lenient: lenient)
  }

  private static func normalized(_ text: String) -> String {
    var bytes = Array(text.utf8)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if !bytes.contains(UInt8(ascii: "\n")) {
      bytes = bytes.map { $0 == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : $0 }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The same sections, keys and values; see the type.
  package static func == (a: Self, b: Self) -> Bool {
    a.sections.elementsEqual(b.sections) { a, b in
      a.name == b.name
        && a.entries.elementsEqual(b.entries) { $0.key == $1.key && $0.value == $1.value }
    }
  }

  /// An equal cfg in canonical form, without comments.
  package func serialized() -> String {
    sections.map { section in
      "[\(section.name)]\n" + section.entries.map { "\($0.key)=\($0.value)\n" }.joined()
    }.joined(separator: "\n")
  }
}
