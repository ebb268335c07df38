package import Detection

// Edits change single lines of the text, so that comments stay.
extension ConfigurationFile {
  /// The cfg with one value changed or added.
  ///
  /// - Parameters:
  ///   - key: A key that the section may have.
  ///   - value: Its new value.
  ///   - index: Of the section in ``sections``; 0 is `[net]`.
  /// - Returns: The changed cfg.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func setting(
    _ key: String, to value: String, inSection index: Int = 0
  ) throws(DarknetError) -> ConfigurationFile {
    precondition(sections.indices.contains(index), "no section \(index)")
    return try setting([(index, key, value)])
  }

  /// The cfg for another input size.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func settingInputSize(
    width: Int, height: Int
  ) throws(DarknetError) -> ConfigurationFile {
    try setting([(0, "width", "\(width)"), (0, "height", "\(height)")])
  }

  /// The cfg for another number of classes: `classes` of every head, and `filters` of the
  /// convolution before it; or of a classifier the outputs of the layer before `[softmax]` or
  /// `[logistic]`, and those of its branch.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` if a head does not follow a
  ///   convolution, or if there is neither head nor classifier.
  package func settingClassCount(_ count: Int) throws(DarknetError) -> ConfigurationFile {
    var edits: [(Int, String, String)] = []
    if let softmax = sections.lastIndex(where: { ["softmax", "logistic"].contains($0.name) }),
      !sections.contains(where: { HeadReader.kinds.contains($0.name) })
    {
      let section = sections[softmax]
      let keys = ["convolutional": "filters", "connected": "output"]
      guard softmax > 0, let key = keys[sections[softmax - 1].name] else {
        throw section.error(
          "the classes of [\(section.name)] cannot be changed: it does not follow [convolutional] or "
            + "[connected]")
      }
      edits.append((softmax - 1, key, "\(count)"))
      if section["uncertainty"] != nil {
        // Counted back from the section, or by layers, of which [net] is none.
        let layer = try section.integer("uncertainty", in: -1_000_000...1_000_000)
        edits.append((layer < 0 ? softmax + layer : layer + 1, "filters", "\(count)"))
      }
      return try setting(edits)
    }
    for index in try headIndices() {
      let section = sections[index]
      guard index > 0, sections[index - 1].name == "convolutional" else {
        throw section.error(
          "the classes of [\(section.name)] cannot be changed: it does not follow [convolutional]")
      }
      let head = try HeadReader(section).head().with(classCount: count)
      edits.append((index, "classes", "\(count)"))
      edits.append((index - 1, "filters", "\(head.channelCount)"))
    }
    return try setting(edits)
  }

  /// The cfg with other anchors in every head, as many as before.
  ///
  /// - Parameter anchors: In the unit of the heads: pixels of the input, in `[region]` grid cells.
  /// - Returns: The changed cfg.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` without heads.
  package func settingAnchors(_ anchors: [AnchorBox]) throws(DarknetError) -> ConfigurationFile {
    try setting(try headIndices().map { ($0, "anchors", Self.anchorList(anchors)) })
  }

  /// The cfg whose first layers are not trained: `stopbackward=1` of the last of them.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` unless some layers are left.
  package func freezing(layers count: Int) throws(DarknetError) -> ConfigurationFile {
    let all = sections.count - 1
    guard (1..<all).contains(count) else {
      throw .configuration(
        file: fileName, line: 0,
        reason: "\(count) layers cannot be frozen: there are \(all), and the last ones must learn")
    }
    return try setting("stopbackward", to: "1", inSection: count)
  }

  /// The cfg that belongs to a weights file of all layers, as they are written.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func loadingAllLayers() throws(DarknetError) -> ConfigurationFile {
    var edit = LayerEdit(self)
    for index in sections.indices {
      for key in ["dontload", "dontloadscales"] { edit.set(key, to: nil, in: index) }
    }
    return try edit.apply()
  }

  /// Anchors as the value of `anchors=`.
  package static func anchorList(_ anchors: [AnchorBox]) -> String {
    func text(_ size: Float) -> String {
      let whole = size.rounded()
      return size == whole && abs(size) < 1e6 ? "\(Int(whole))" : "\(size)"
    }
    return anchors.map { "\(text($0.width)),\(text($0.height))" }.joined(separator: ",  ")
  }

  private func headIndices() throws(DarknetError) -> [Int] {
    let indices = sections.indices.filter { HeadReader.kinds.contains(sections[$0].name) }
    guard !indices.isEmpty else {
      throw .configuration(file: fileName, line: 0, reason: "has no [yolo] or [region] head")
    }
    return indices
  }

  /// The cfg with some values changed or added.
  func setting(
    _ edits: [(section: Int, key: String, value: String)]
  ) throws(DarknetError) -> ConfigurationFile {
    var lines: [String?] = text.utf8
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    for edit in edits {
      let section = sections[edit.section]
      let line = "\(edit.key)=\(edit.value)"
      if let entry = section[edit.key] {
        lines[entry.line - 1] = line
        for repeated in entry.repeats { lines[repeated - 1] = nil }
      } else {
        // The line numbers of other edits stay valid: the new line shares that of the header.
        lines[section.line - 1] = (lines[section.line - 1] ?? "") + "\n\(line)"
      }
    }
    return try ConfigurationFile(
      text: lines.compactMap { $0 }.joined(separator: "\n"), fileName: fileName, lenient: lenient)
  }
}
