import Files
import Foundation

extension ClassifiedFiles {
  private static let pathNames = ["path", "file", "filename", "image"]
  private static let labelNames = ["label", "class", "category"]
  private static let splitNames = ["split", "set", "subset"]

  /// A table of pictures and classes: CSV with a header of `path`, `label` and perhaps `split`.
  ///
  /// Paths are relative to the file. Classes are sorted, by value if all of them are whole numbers.
  /// Pictures that do not exist are left out and listed.
  ///
  /// - Throws: ``DataError`` for a file that cannot be read, lacks a column, or has a line of another
  ///   number of fields.
  init(table file: URL) throws {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: file)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    let records = CommaSeparatedValues.records([UInt8](bytes)).filter { $0.fields != [""] }
    let header = (records.first?.fields ?? []).map {
      $0.trimmingCharacters(in: .whitespaces.union(["\u{FEFF}"])).lowercased()
    }
    func column(_ names: [String]) -> Int? { header.firstIndex(where: names.contains) }
    guard let path = column(Self.pathNames), let label = column(Self.labelNames) else {
      throw DataError.malformedAnnotation(
        file: file.path, line: 1,
        reason: "expected a header with path and label, and perhaps split")
    }
    let split = column(Self.splitNames)
    var rows: [(path: String, label: String, split: String)] = []
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw DataError.malformedAnnotation(
          file: file.path, line: record.line,
          reason: "\(record.fields.count) fields, the header has \(header.count)")
      }
      let fields = record.fields.map { $0.trimmingCharacters(in: .whitespaces) }
      guard !fields[path].isEmpty, !fields[label].isEmpty else {
        throw DataError.malformedAnnotation(
          file: file.path, line: record.line, reason: "a path or label is missing")
      }
      rows.append(
        (fields[path], fields[label], split.map { SplitChoice.canonical(fields[$0]) } ?? ""))
    }
    let names = Set(rows.map(\.label)).sorted {
      if let first = Int($0), let second = Int($1), first != second { return first < second }
      return $0 < $1
    }
    let root = file.deletingLastPathComponent()
    self.init(
      layout: file.lastPathComponent, format: .classTable, classNames: names,
      rows: rows.map { ($0.path, $0.label, $0.split) }, places: [root])
  }

  /// Pictures by path, class and split, where paths are found in one of several folders.
  init(
    layout: String, format: DatasetFormat, classNames: [String],
    rows: [(path: String, label: String, split: String)], places: [URL]
  ) {
    let labels = Dictionary(
      classNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var parts: [Part] = []
    var problems: [DataProblem] = []
    var seen: [String: String] = [:]
    for (path, label, split) in rows {
      let candidates = places.map { Self.file(path, in: $0) }
      guard let file = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
      else {
        problems.append(
          DataProblem(
            file: candidates.first?.path ?? path, kind: .missingImage, text: "named in \(layout)"))
        continue
      }
      if let other = seen[path] {
        problems.append(
          DataProblem(
            file: file.path, kind: .duplicateEntry,
            text: other == label
              ? "named twice in \(layout)" : "named as '\(other)' and as '\(label)' in \(layout)"))
        continue
      }
      seen[path] = label
      let entry = Entry(id: path, file: file, label: labels[label] ?? 0)
      if let index = parts.firstIndex(where: { $0.name == split }) {
        parts[index].entries.append(entry)
      } else {
        parts.append(Part(name: split, entries: [entry]))
      }
    }
    self.layout = layout
    self.format = format
    self.classNames = classNames
    self.parts = parts
    self.problems = problems
  }

  /// A path of a list, from a folder if it is relative.
  static func file(_ path: String, in folder: URL) -> URL {
    path.hasPrefix("/")
      ? URL(filePath: path, directoryHint: .notDirectory)
      : folder.appending(path: path, directoryHint: .notDirectory)
  }
}
