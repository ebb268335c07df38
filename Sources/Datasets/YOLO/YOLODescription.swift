import Foundation

/// What a YOLO `data.yaml` says: class names, and where the images of each split lie.
struct YOLODescription: Sendable {
  let file: URL
  let classNames: [String]
  /// Folders and lists of images by split, in the order train, val, test.
  private(set) var sources: [(split: String, places: [URL])] = []

  /// Reads a file.
  ///
  /// - Throws: ``DataError`` naming file and line.
  init(contentsOf file: URL) throws {
    self.file = file
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    let content = try YAMLReader.read(text, file: file.path)
    func problem(_ value: YAMLValue, _ reason: String) -> DataError {
      .malformedAnnotation(file: file.path, line: value.line, reason: reason)
    }
    classNames = try Self.names(content, problem)
    for key in ["train", "val", "valid", "validation", "test"] {
      guard let value = content[key], value.content != .scalar("") else { continue }
      let entries: [YAMLValue]
      switch value.content {
      case .scalar: entries = [value]
      case .list(let values): entries = values
      case .dictionary: throw problem(value, "\(key): a path or a list of paths is needed")
      }
      let places = try entries.map { entry in
        guard case .scalar(let path) = entry.content else {
          throw problem(entry, "\(key): a path is needed")
        }
        return try Self.place(path, root: content["path"], file: file) { looked in
          problem(
            entry,
            "\(key): no folder or list '\(path)'; looked for \(looked.joined(separator: ", "))")
        }
      }
      sources.append((SplitChoice.canonical(key), places))
    }
    if sources.isEmpty {
      throw DataError.malformedAnnotation(
        file: file.path, line: nil, reason: "neither train, val nor test says where images are")
    }
  }

  private static func names(
    _ content: YAMLValue, _ problem: (YAMLValue, String) -> DataError
  ) throws -> [String] {
    guard let value = content["names"] else { throw problem(content, "no class names: 'names'") }
    func text(_ value: YAMLValue) throws -> String {
      guard case .scalar(let text) = value.content, !text.isEmpty else {
        throw problem(value, "names: a class needs a name")
      }
      return text
    }
    var names: [String]
    switch value.content {
    case .list(let values): names = try values.map(text)
    case .dictionary(let entries):
      names = try entries.enumerated().map { index, entry in
        guard Int(entry.key) == index else {
          throw problem(entry.value, "names: '\(entry.key)' where \(index) is due")
        }
        return try text(entry.value)
      }
    case .scalar: throw problem(value, "names: a list, or a number and a name a line, is needed")
    }
    if let twice = Dictionary(grouping: names, by: { $0 }).first(where: { $1.count > 1 })?.key {
      throw problem(value, "names: '\(twice)' twice")
    }
    if let count = content["nc"], case .scalar(let text) = count.content,
      Int(text) != names.count
    {
      throw problem(count, "nc: is \(text), but there are \(names.count) names")
    }
    return names
  }

  /// Relative to `path`, or to the file's folder; Roboflow's `../train` means `train`.
  private static func place(
    _ path: String, root: YAMLValue?, file: URL, _ missing: ([String]) -> DataError
  ) throws -> URL {
    let here = file.deletingLastPathComponent()
    var roots = [here]
    if case .scalar(let text) = root?.content, !text.isEmpty {
      roots = (text.hasPrefix("/") ? [URL(filePath: text)] : [here.appending(path: text)]) + roots
    }
    var candidates =
      path.hasPrefix("/") ? [URL(filePath: path)] : roots.map { $0.appending(path: path) }
    if path.hasPrefix("../") { candidates.append(here.appending(path: String(path.dropFirst(3)))) }
    let places = candidates.map(\.standardizedFileURL)
    if let found = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      return found
    }
    throw missing(places.map(\.path).reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
  }
}
