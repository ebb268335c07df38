/// Layers put into a cfg or taken out of it; what other layers read stays what it was.
struct LayerEdit {
  /// New sections, to come before a section; their text and number of layers.
  private var insertions: [Int: (text: String, layers: Int)] = [:]
  /// Sections that go, by what readers of them get instead: a layer.
  private var removals: [Int: Int] = [:]
  /// New values of keys; nil: the line goes.
  private var values: [(section: Int, key: String, value: String?)] = []
  /// New names of sections.
  private var names: [Int: String] = [:]
  private let file: ConfigurationFile

  /// The keys that name layers.
  private static let references = ["layers", "from", "uncertainty", "expected_iou", "box_variance"]

  init(_ file: ConfigurationFile) { self.file = file }

  /// Puts `layers` layers before a section.
  mutating func insert(_ text: String, layers: Int, before section: Int) {
    insertions[section] = (text, layers)
  }

  /// Takes a section out; layers that read it read the given one.
  mutating func remove(_ section: Int, readersGet layer: Int) { removals[section] = layer }

  /// Sets a key; nil takes its line out.
  mutating func set(_ key: String, to value: String?, in section: Int) {
    values.append((section, key, value))
  }

  /// Gives a section another name.
  mutating func rename(_ section: Int, to name: String) { names[section] = name }

  /// The layer's index afterwards.
  private func newIndex(_ layer: Int) -> Int {
    var layer = layer
    while let other = removals[layer + 1] { layer = other }
    guard layer >= 0 else { return layer }
    let before = (1...layer + 1).reduce(0) { sum, section in
      sum + (insertions[section]?.layers ?? 0)
    }
    return layer + before - removals.keys.count { $0 <= layer }
  }

  /// The changed cfg.
  func apply() throws(DarknetError) -> ConfigurationFile {
    var lines: [String?] = file.text.utf8
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    var added: [Int: String] = [:]
    for (index, section) in file.sections.enumerated() {
      for key in LayerEdit.references {
        guard removals[index] == nil, let entry = section[key],
          !values.contains(where: { $0.section == index && $0.key == key })
        else { continue }
        if let changed = try reference(section, key, layer: index - 1) {
          lines[entry.line - 1] = "\(key)=\(changed)"
          for repeated in entry.repeats { lines[repeated - 1] = nil }
        }
      }
    }
    for (index, name) in names { lines[file.sections[index].line - 1] = "[\(name)]" }
    for edit in values {
      let section = file.sections[edit.section]
      if let entry = section[edit.key] {
        lines[entry.line - 1] = edit.value.map { "\(edit.key)=\($0)" }
        for repeated in entry.repeats { lines[repeated - 1] = nil }
      } else if let value = edit.value {
        let last = section.entries.last?.line ?? section.line
        added[last, default: ""] += "\n\(edit.key)=\(value)"
      }
    }
    for (line, text) in added { lines[line - 1] = (lines[line - 1] ?? "") + text }
    let starts = file.sections.map { start(of: $0, in: lines) }
    for (index, _) in removals {
      let end = index + 1 < starts.count ? starts[index + 1] : lines.count
      for line in starts[index]..<end { lines[line] = nil }
    }
    for (index, insertion) in insertions {
      lines[starts[index]] = insertion.text + (lines[starts[index]] ?? "")
    }
    return try ConfigurationFile(
      text: lines.compactMap { $0 }.joined(separator: "\n"), fileName: file.fileName,
      lenient: file.lenient)
  }

  /// A key's layers afterwards; nil if they have the same numbers.
  private func reference(
    _ section: ConfigurationSection, _ key: String, layer: Int
  ) throws(DarknetError) -> String? {
    let old = try section.integers(key, in: -1_000_000...1_000_000)
    let new = old.map { number in
      number < 0 ? newIndex(layer + number) - newIndex(layer) : newIndex(number)
    }
    return new == old ? nil : new.map(String.init).joined(separator: ",")
  }

  /// The line at which a section and the comment right above it begin, 0-based.
  private func start(of section: ConfigurationSection, in lines: [String?]) -> Int {
    var line = section.line - 1
    while line > 0, let above = lines[line - 1], above.hasPrefix("#") || above.hasPrefix(";") {
      line -= 1
    }
    return line
  }
}
