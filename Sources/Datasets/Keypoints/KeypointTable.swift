import Files
import Foundation
import Geometry
import Keypoints

/// CSV with a row for each picture: its name, then x and y of each keypoint in pixels, counted from 0 and
/// meaning their centres; an empty cell is not labelled.
///
/// With a header, columns `a_x` and `a_y` belong to a keypoint `a`, and a column `split` may name splits;
/// other headers, and files without one, have keypoints that are called by their numbers.
struct KeypointTable {
  private static let pathNames = ["", "name", "path", "file", "filename", "image", "image_name"]
  private static let splitNames = ["split", "set", "subset"]

  private(set) var names: [String]
  private(set) var rows: [(path: String, split: String, points: [LabelledKeypoint], line: Int)] = []
  private(set) var problems: [DataProblem] = []

  /// Whether a file's first rows are those of such a table.
  static func matches(_ records: [CommaSeparatedValues.Record]) -> Bool {
    guard let first = records.first?.fields, first.count >= 3 else { return false }
    if isHeader(first) {
      let last = first.last?.lowercased() ?? ""
      // A face of Kaggle's is recognised so that it can be refused.
      return pairs(first) != nil || last == "image" && pairs(["name"] + first.dropLast()) != nil
    }
    return first.count % 2 == 1 && VOCFolder.imageExtensions.contains(VOCFolder.kind(first[0]))
  }

  /// The columns of keypoints, and that of the split.
  private struct Columns {
    var points: [(name: String, x: Int, y: Int)] = []
    var split: Int?
  }

  init(_ records: [CommaSeparatedValues.Record], file: String) throws {
    func refuse(_ line: Int, _ reason: String) -> DataError {
      .malformedAnnotation(file: file, line: line, reason: reason)
    }
    guard let first = records.first else { throw refuse(1, "the file is empty") }
    let hasHeader = Self.isHeader(first.fields)
    if hasHeader, first.fields.last?.lowercased() == "image",
      Self.pathNames.dropFirst().allSatisfy({ $0 != first.fields[0].lowercased() })
    {
      throw DataError.foreignFormat(
        file, format: "pictures inside a CSV (Kaggle's faces)",
        remedy: "write them to files and name them in the first column")
    }
    let columns: Columns
    if hasHeader {
      guard let pairs = Self.pairs(first.fields) else {
        throw refuse(
          first.line, "expected a header of name, a_x, a_y, b_x, b_y, … or name, x0, y0, x1, y1, …")
      }
      columns = pairs
    } else {
      guard first.fields.count % 2 == 1, first.fields.count > 2 else {
        throw refuse(
          first.line, "\(first.fields.count) fields, expected a name and x and y of each keypoint")
      }
      columns = Self.numbered(Array(1..<first.fields.count))
    }
    names = columns.points.map(\.name)
    for record in records.dropFirst(hasHeader ? 1 : 0) {
      guard record.fields.count == first.fields.count else {
        throw refuse(
          record.line, "\(record.fields.count) fields, the first line has \(first.fields.count)")
      }
      let path = record.fields[0].trimmingCharacters(in: .whitespaces)
      if path.isEmpty { throw refuse(record.line, "no picture is named") }
      let points = try columns.points.enumerated().compactMap {
        try CellReader.point(
          record, x: $1.x, y: $1.y, index: $0, name: $1.name, file: file, problems: &problems)
      }
      let split = columns.split.map {
        SplitChoice.canonical(record.fields[$0].trimmingCharacters(in: .whitespaces))
      }
      rows.append((path, split ?? SplitChoice.whole, points, record.line))
    }
  }

  private static func isHeader(_ fields: [String]) -> Bool {
    let names = fields.map { $0.trimmingCharacters(in: .whitespaces) }
    // Pandas' index column has no name, and its columns numbers for names.
    return pathNames.contains(names[0].lowercased())
      || names.dropFirst().contains { !$0.isEmpty && Double($0) == nil }
  }

  /// The columns that a header tells; nil if some are neither x nor y.
  private static func pairs(_ header: [String]) -> Columns? {
    let names = header.map { $0.trimmingCharacters(in: .whitespaces) }
    guard pathNames.contains(names[0].lowercased()) else { return nil }
    let split = names.firstIndex { splitNames.contains($0.lowercased()) }
    let others = names.indices.dropFirst().filter { $0 != split }
    guard !others.isEmpty, others.count % 2 == 0 else { return nil }
    let areNumbered =
      others.allSatisfy { Int(names[$0]) != nil }
      || others.allSatisfy { names[$0].lowercased().wholeMatch(of: /[xy]_?\d+/) != nil }
    var columns = areNumbered ? numbered(Array(others)) : Columns()
    columns.split = split
    if areNumbered { return columns }
    for (x, y) in stride(from: 0, to: others.count, by: 2).map({ (others[$0], others[$0 + 1]) }) {
      guard let name = base(names[x], axis: "x"), name == base(names[y], axis: "y") else {
        return nil
      }
      columns.points.append((name, x, y))
    }
    return columns
  }

  private static func numbered(_ columns: [Int]) -> Columns {
    Columns(
      points: stride(from: 0, to: columns.count, by: 2).map {
        ("\($0 / 2)", columns[$0], columns[$0 + 1])
      })
  }

  /// `a` of `a_x`, `a.x`, `a-x` or `a x`; nil for other names.
  private static func base(_ name: String, axis: Character) -> String? {
    guard name.count > 2, name.last?.lowercased() == String(axis),
      "_.- ".contains(name.dropLast().last ?? "?")
    else { return nil }
    return String(name.dropLast(2))
  }
}

extension KeypointSet {
  /// Tables of pictures and their keypoints, one file or one for each split; their keypoints must be
  /// the same.
  ///
  /// - Throws: ``DataError``, `FileError`.
  init(tables files: [URL]) throws {
    let tables = try files.map { file in
      (file: file, table: try KeypointTable(CellReader.records(file), file: file.path))
    }
    let names = tables.first?.table.names ?? []
    if let other = tables.first(where: { $0.table.names != names }) {
      throw FileError(
        path: other.file.path, reason: "other keypoints than those of \(files[0].path)")
    }
    let layout = try Self.layout(names, file: files.first?.path ?? "")
    var entries: [(split: String, entry: Entry)] = []
    var problems = tables.flatMap(\.table.problems)
    for (file, table) in tables where !table.rows.isEmpty {
      let split = SplitChoice.split(ofFile: file)
      let folder = try COCOImageFolder(table.rows.map(\.path), json: file)
      for row in table.rows {
        entries.append(
          (
            row.split == SplitChoice.whole ? split : row.split,
            Entry(
              name: row.path, image: folder.url(of: row.path),
              annotation: .known(KeypointTruth(layout: layout, points: row.points)),
              file: file.path, line: row.line)
          ))
      }
    }
    if let note = SideNames.note(of: layout, file: files.first?.path ?? "") {
      problems.append(note)
    }
    try self.init(
      source: files.map(\.path).joined(separator: ", "), format: .keypointTable, layout: layout,
      entries: entries, problems: problems)
  }
}
