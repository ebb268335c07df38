/// A value for a key in all sections of a name: `yolo.difficulty_weight=meanOne`.
package struct ConfigurationSetting: Hashable, Sendable, CustomStringConvertible {
  /// The sections' name.
  package let section: String
  /// A key that they may have.
  package let key: String
  /// Its value.
  package let value: String

  /// A value for a key in all sections of a name.
  package init(_ section: String, _ key: String, _ value: String) {
    self.section = section
    self.key = key
    self.value = value
  }

  /// Reads `section.key=value`; nil if it is not that.
  package init?(_ text: String) {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let names = sides[0].split(separator: ".", omittingEmptySubsequences: false)
    guard sides.count == 2, names.count == 2, !names.contains(""), !sides[1].isEmpty,
      !text.contains(where: \.isNewline)
    else { return nil }
    self.init(String(names[0]), String(names[1]), String(sides[1]))
  }

  /// `section.key=value`.
  package var description: String { "\(section).\(key)=\(value)" }
}

extension ConfigurationFile {
  /// Whether there is a section of this name.
  package func has(section name: String) -> Bool { sections.contains { $0.name == name } }

  /// The cfg with a value in all sections of a name; what a `[heatmap]` says of its branch only in those
  /// that have one, if there are any.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` if there is no such section, or it
  ///   does not know the key.
  package func applying(_ setting: ConfigurationSetting) throws(DarknetError) -> ConfigurationFile {
    var indices = sections.indices.filter { sections[$0].name == setting.section }
    if setting.section == "heatmap", SectionSchema.heatmapBranchKeys.contains(setting.key) {
      let branched = indices.filter { sections[$0]["uncertainty"] != nil }
      if !branched.isEmpty { indices = branched }
    }
    guard !indices.isEmpty else {
      throw .configuration(
        file: fileName, line: 0, reason: "has no [\(setting.section)] to set \(setting) in")
    }
    var file = self
    for index in indices {
      file = try file.setting(setting.key, to: setting.value, inSection: index)
    }
    return file
  }
}
