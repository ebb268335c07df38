package import Keypoints

extension ConfigurationFile {
  /// The cfg for other keypoints: names, pairs, skeleton and σ of every `[heatmap]`, and as many maps.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` if the number changes and a `[heatmap]`
  ///   does not follow a convolution, or if there is none.
  package func settingKeypoints(_ layout: KeypointLayout) throws -> ConfigurationFile {
    let maps = sections.indices.filter { sections[$0].name == "heatmap" }
    guard !maps.isEmpty else {
      throw DarknetError.configuration(file: fileName, line: 0, reason: "has no [heatmap]")
    }
    let own = try NetworkBuilder.build(self).outputs.heatmaps
    guard own.contains(where: { $0.layout != layout || !$0.isNamed }) else { return self }
    var edit = LayerEdit(self)
    for (index, output) in zip(maps, own) {
      if output.layout.count != layout.count {
        try setCount(layout.count, of: index, in: &edit)
      }
      let names = Self.writtenNames(of: layout.names)
      func list(_ pairs: [(Int, Int)]) -> String? {
        pairs.isEmpty ? nil : pairs.map { "\($0):\($1)" }.joined(separator: ",")
      }
      edit.set("names", to: names.joined(separator: ","), in: index)
      edit.set("flip", to: list(layout.pairs), in: index)
      edit.set("skeleton", to: list(layout.edges.map { ($0.from, $0.to) }), in: index)
      edit.set(
        "sigmas",
        to: layout.deviations.map { $0.map { "\($0)" }.joined(separator: ",") }, in: index)
    }
    return try edit.apply()
  }

  /// Names as a cfg can hold them, still all different: a comma or a number sign would end one.
  package static func writtenNames(of names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      var written = String(
        name.map { $0.isWhitespace || $0 == "," || $0 == "#" || $0 == ";" ? "_" : $0 })
      while !taken.insert(written).inserted { written += "_" }
      return written
    }
  }

  /// Another number of maps, those of the branch as well.
  private func setCount(_ count: Int, of map: Int, in edit: inout LayerEdit) throws {
    let section = sections[map]
    guard map > 0, sections[map - 1].name == "convolutional" else {
      throw section.error(
        "the keypoints of [heatmap] cannot be changed: it does not follow [convolutional]")
    }
    edit.set("filters", to: "\(count)", in: map - 1)
    if section["keypoints"] != nil { edit.set("keypoints", to: "\(count)", in: map) }
    if section["uncertainty"] != nil {
      // Counted back from the section, or by layers, of which [net] is none.
      let layer = try section.integer("uncertainty", in: -1_000_000...1_000_000)
      edit.set("filters", to: "\(count)", in: layer < 0 ? map + layer : layer + 1)
    }
  }
}
