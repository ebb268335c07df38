import Foundation

extension ClassifiedFiles {
  /// Darknet's description of a classification set: `train`, `valid` and `test` name lists of
  /// pictures, `labels` the texts that paths contain, `names` what people call them.
  ///
  /// Darknet takes every label that occurs anywhere in a path, so that "rain" is in "train/7.png".
  /// Here a label is a whole folder name, or else a part of the file's name between `_`, `.` and `-`;
  /// with `substrings` it may, if neither fits, be anywhere as in Darknet.
  ///
  /// - Parameters:
  ///   - file: The `.data` file; paths are relative to it or to the folder above.
  ///   - substrings: Whether a label may be any part of a path.
  /// - Throws: ``DataError`` for a missing key or list, and for a path that no label or more than one
  ///   fits, with the path and the labels.
  init(darknet file: URL, substrings: Bool = false) throws {
    let keys = try Self.keys(of: file)
    let folder = file.deletingLastPathComponent()
    let places = [folder, folder.deletingLastPathComponent()]
    func lines(of key: String) throws -> [String]? {
      guard let path = keys[key] else { return nil }
      let candidates = places.map { Self.file(path, in: $0) }
      guard let list = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
      else {
        throw DataError.folder(file.path, reason: "\(key) = \(path): no such file here or above")
      }
      do {
        return try String(contentsOf: list, encoding: .utf8).split(whereSeparator: \.isNewline)
          .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      } catch {
        throw DataError.unreadable(list.path, error)
      }
    }
    guard let labels = try lines(of: "labels") else {
      throw DataError.folder(
        file.path, reason: "no labels = FILE, which says what the paths of each class contain")
    }
    if let twice = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).first(where: {
      $0.value > 1
    }) {
      throw DataError.folder(file.path, reason: "label '\(twice.key)' is listed twice")
    }
    let names = try lines(of: "names") ?? labels
    guard names.count == labels.count, Set(names).count == names.count else {
      throw DataError.folder(
        file.path, reason: "\(names.count) names for \(labels.count) labels, or one of them twice")
    }
    let matcher = LabelMatcher(labels: labels, substrings: substrings)
    var rows: [(path: String, label: String, split: String)] = []
    for (key, split) in [("train", "train"), ("valid", "val"), ("test", "test")] {
      for path in try lines(of: key) ?? [] {
        let found = matcher.labels(of: path)
        guard let index = found.first, found.count == 1 else {
          let texts = found.map { "'\(labels[$0])'" }.joined(separator: " and ")
          throw DataError.folder(
            file.path,
            reason: "\(path): " + (found.isEmpty ? "no label fits" : "\(texts) fit")
              + "; a label is a folder or a part of the file's name"
              + (substrings ? "" : ", or any text of the path with --darknet-labels"))
        }
        rows.append((path, names[index], split))
      }
    }
    guard !rows.isEmpty else {
      throw DataError.folder(file.path, reason: "names no pictures: no train, valid or test")
    }
    self.init(
      layout: file.lastPathComponent, format: .darknetList, classNames: names, rows: rows,
      places: places)
  }

  /// `key = value` lines; `#` begins a comment.
  private static func keys(of file: URL) throws -> [String: String] {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    var keys: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: "=", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard fields.count == 2, !fields[0].hasPrefix("#") else { continue }
      keys[fields[0]] = fields[1]
    }
    return keys
  }
}

/// Finds which label a path has.
struct LabelMatcher {
  let labels: [String]
  /// Whether a label may be any part of a path.
  let substrings: Bool
  private let indices: [String: Int]

  init(labels: [String], substrings: Bool) {
    self.labels = labels
    self.substrings = substrings
    indices = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
  }

  /// The labels of a path by the first rule that any fits; more than one is a mistake.
  func labels(of path: String) -> [Int] {
    let components = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).map(String.init)
    let folders = Set(components.dropLast().compactMap { indices[$0] })
    if !folders.isEmpty { return folders.sorted() }
    let name = components.last ?? ""
    let bounded = labels.indices.filter { Self.contains(name, labels[$0]) }
    if !bounded.isEmpty || !substrings { return bounded }
    return labels.indices.filter { path.contains(labels[$0]) }
  }

  /// Whether a text stands in a file's name between separators.
  private static func contains(_ name: String, _ text: String) -> Bool {
    func isEdge(_ character: Character?) -> Bool {
      character.map { "_.-".contains($0) } ?? true
    }
    return name.ranges(of: text).contains { range in
      isEdge(range.lowerBound == name.startIndex ? nil : name[name.index(before: range.lowerBound)])
        && isEdge(range.upperBound == name.endIndex ? nil : name[range.upperBound])
    }
  }
}
