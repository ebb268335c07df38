/// The keys that a section may have and what becomes of each.
struct SectionSchema: Sendable {
  /// What becomes of a key.
  enum Use: Sendable {
    /// It is used, or has nothing to say here.
    case accepted
    /// It changes training in other tools and nothing here; reported unless its value is neutral.
    case ignored(neutral: String?, reason: String)
    /// It would change the network's results, and only this value of it is supported.
    case fixed(String?, reason: String)
  }

  let keys: [String: Use]
  /// Why the section cannot be used, nil if it can.
  var unsupported: String?

  /// The shorter names of sections.
  static let aliases = [
    "conv": "convolutional", "max": "maxpool", "avg": "avgpool", "soft": "softmax",
    "conn": "connected", "network": "net",
  ]

  /// A section that Darknet has and this tool has not.
  static func unsupported(_ reason: String) -> SectionSchema {
    SectionSchema(keys: [:], unsupported: reason)
  }

  /// A layer's section: its keys and those that any layer may have.
  static func layer(_ groups: [String: Use]...) -> SectionSchema {
    SectionSchema(keys: groups.reduce(anyLayer) { $0.merging($1) { $1 } })
  }

  static func accepted(_ names: String) -> [String: Use] { uses(names, .accepted) }

  static func ignored(_ names: String, neutral: String? = nil, _ reason: String) -> [String: Use] {
    uses(names, .ignored(neutral: neutral, reason: reason))
  }

  static func fixed(_ names: String, _ value: String?, _ reason: String) -> [String: Use] {
    uses(names, .fixed(value, reason: reason))
  }

  private static func uses(_ names: String, _ use: Use) -> [String: Use] {
    var keys: [String: Use] = [:]
    for name in names.split(separator: " ") { keys[String(name)] = use }
    return keys
  }

  private static let anyLayer: [String: Use] = [
    accepted("stopbackward onlyforward learning_rate dont_update burnin_update train_only_bn"),
    accepted("dontload dontloadscales truth"),
    ignored("smooth", neutral: "0", "classes are trained without smoothing"),
    ignored("clip", neutral: "0", "gradients are clipped for the whole network or not at all"),
    fixed("dontsave numload", "0", "the weights file would have another layout"),
  ].reduce([:]) { $0.merging($1) { $1 } }
}

/// Holds the sections of a cfg against their schemas.
struct SchemaChecker {
  let lenient: Bool
  private(set) var sections: [ConfigurationSection] = []
  private(set) var warnings: [String] = []
  private(set) var ignored: [IgnoredKey] = []

  init(lenient: Bool) { self.lenient = lenient }

  mutating func check(_ section: ConfigurationSection) throws(DarknetError) {
    guard let schema = SectionSchema.all[section.name] else {
      let hint = suggestion(
        for: section.name, among: Array(SectionSchema.all.keys) + SectionSchema.aliases.keys)
      try complain(
        section.error(
          "unknown section [\(quoted(section.name))]\(didYouMean(hint.map { "[\($0)]" }))"),
        "left out, not counted as a layer")
      return
    }
    if let reason = schema.unsupported {
      throw section.error("[\(section.name)] is not supported: \(reason)")
    }
    var kept = section
    kept.entries = []
    for entry in section.entries where try check(entry, of: section, schema) {
      kept.entries.append(entry)
    }
    sections.append(kept)
  }

  /// False if the entry is to be left out.
  private mutating func check(
    _ entry: ConfigurationSection.Entry, of section: ConfigurationSection, _ schema: SectionSchema
  ) throws(DarknetError) -> Bool {
    switch schema.keys[entry.key] {
    case nil:
      let hint = suggestion(for: entry.key, among: schema.keys.keys).map { "\($0)=" }
      try complain(
        section.error(
          "unknown key \(quoted(entry.key))= in [\(section.name)]\(didYouMean(hint))",
          line: entry.line), "left out")
      return false
    case .accepted: break
    case .ignored(let neutral, let reason):
      if !isEqual(entry.value, neutral) {
        ignored.append(
          IgnoredKey(
            section: section.name, sectionLine: section.line, line: entry.line, key: entry.key,
            value: entry.value, reason: reason))
      }
    case .fixed(let value, let reason):
      if !isEqual(entry.value, value) {
        let remedy = value.map { "; only \(entry.key)=\($0) is" } ?? ""
        throw section.error(
          "\(entry.key)=\(quoted(entry.value)) in [\(section.name)] is not supported (\(reason))"
            + remedy, line: entry.line)
      }
    }
    return true
  }

  private mutating func complain(_ error: DarknetError, _ consequence: String) throws(DarknetError)
  {
    guard lenient else { throw error }
    warnings.append("\(error); \(consequence)")
  }

  private func didYouMean(_ hint: String?) -> String { hint.map { "; did you mean \($0)?" } ?? "" }

  private func isEqual(_ a: String, _ b: String?) -> Bool {
    guard let b else { return false }
    if a == b { return true }
    guard let x = Double(a), let y = Double(b) else { return false }
    return x == y
  }
}
