import Files
import Foundation
import Geometry
import Keypoints

/// DeepLabCut's labels, `CollectedData_*.csv`: header rows `scorer`, perhaps `individuals`, `bodyparts` and
/// `coords`, and a row for each picture.
///
/// Coordinates count pixels from 0 and mean their centres; an empty cell is not labelled. Of several
/// individuals each is a person of its own, and parts that are not everybody's are left out.
struct DeepLabCutTable {
  /// An individual in a picture.
  struct Row {
    /// Folders and name of the picture, of the project.
    let path: String
    let points: [LabelledKeypoint]
    let line: Int
  }

  /// Names of the body parts.
  private(set) var names: [String]
  private(set) var rows: [Row] = []
  private(set) var hasIndividuals = false
  private(set) var problems: [DataProblem] = []

  /// Whether a file's first rows are those of such a table.
  static func matches(_ records: [CommaSeparatedValues.Record]) -> Bool {
    let heads = records.prefix(4).map { $0.fields.first ?? "" }
    return heads.starts(with: ["scorer", "bodyparts", "coords"])
      || heads == ["scorer", "individuals", "bodyparts", "coords"]
  }

  /// A column of coordinates.
  private struct Column {
    let individual: String
    let part: String
    let x: Int
    let y: Int
  }

  init(_ records: [CommaSeparatedValues.Record], file: String) throws {
    func refuse(_ line: Int, _ reason: String) -> DataError {
      .malformedAnnotation(file: file, line: line, reason: reason)
    }
    guard Self.matches(records) else {
      throw refuse(1, "expected the header rows scorer, bodyparts and coords")
    }
    let isSeveral = records[1].fields.first == "individuals"
    let header = records.prefix(isSeveral ? 4 : 3).map(\.fields)
    let width = header[0].count
    for record in records where record.fields.count != width {
      throw refuse(
        record.line, "\(record.fields.count) fields, the first line has \(width)")
    }
    let (parts, kinds) = (header[header.count - 2], header[header.count - 1])
    let columns = try Self.columns(
      individuals: isSeveral ? header[1] : kinds.map { _ in "" }, parts: parts, kinds: kinds
    ) { refuse(header.count, $0) }
    // Folders and name may stand in one column or in three.
    let first = columns.map(\.x).min() ?? 0
    let individuals = columns.map(\.individual).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    func partNames(_ individual: String) -> [String] {
      columns.filter { $0.individual == individual }.map(\.part)
    }
    // DeepLabCut calls "single" what belongs to nobody.
    let persons = individuals.count > 1 ? individuals.filter { $0 != "single" } : individuals
    names = partNames(persons.first ?? "")
    for person in persons where partNames(person) != names {
      throw refuse(
        header.count, "individuals '\(persons[0])' and '\(person)' have different body parts")
    }
    hasIndividuals = persons.count > 1
    if persons.count < individuals.count {
      problems.append(
        DataProblem(
          file: file, line: 2, kind: .unknownClass,
          text: "\(partNames("single").count) body parts that belong to no individual"))
    }
    for record in records.dropFirst(header.count) {
      let path = record.fields[..<first].filter { !$0.isEmpty }.joined(separator: "/")
      if path.isEmpty { throw refuse(record.line, "no picture is named") }
      for person in persons {
        let points = try columns.filter { $0.individual == person }.enumerated().compactMap {
          try CellReader.point(
            record, x: $1.x, y: $1.y, index: $0, name: $1.part, file: file, problems: &problems)
        }
        // Not every individual is in every picture.
        if hasIndividuals, points.isEmpty { continue }
        rows.append(
          Row(path: path.replacing("\\", with: "/"), points: points, line: record.line))
      }
    }
  }

  private static func columns(
    individuals: [String], parts: [String], kinds: [String], refuse: (String) -> DataError
  ) throws -> [Column] {
    var columns: [Column] = []
    var index = kinds.firstIndex { ["x", "y", "likelihood"].contains($0) } ?? kinds.count
    guard index < kinds.count else { throw refuse("no column of x and y") }
    while index < kinds.count {
      guard index + 1 < kinds.count, kinds[index] == "x", kinds[index + 1] == "y",
        parts[index] == parts[index + 1], individuals[index] == individuals[index + 1]
      else {
        throw refuse("column \(index + 1) is no x with its y behind it")
      }
      columns.append(
        Column(
          individual: individuals[index], part: parts[index], x: index, y: index + 1))
      index += 2
      if index < kinds.count, kinds[index] == "likelihood" { index += 1 }
    }
    return columns
  }
}

/// Keypoints in cells of tables.
enum CellReader {
  /// The keypoint of two cells, whose numbers count pixels from 0 and mean their centres; nil if one of
  /// them is empty or NaN.
  ///
  /// - Throws: ``DataError/malformedAnnotation(file:line:reason:)`` for what is no number.
  static func point(
    _ record: CommaSeparatedValues.Record, x: Int, y: Int, index: Int, name: String, file: String,
    problems: inout [DataProblem]
  ) throws -> LabelledKeypoint? {
    let values = try [x, y].map { column -> Double? in
      let text = record.fields[column].trimmingCharacters(in: .whitespaces)
      if text.isEmpty { return nil }
      guard let value = Double(text) else {
        throw DataError.malformedAnnotation(
          file: file, line: record.line, reason: "'\(name)': '\(text)' is not a number")
      }
      return value.isNaN ? nil : value
    }
    guard let x = values[0], let y = values[1] else {
      if values[0] != nil || values[1] != nil {
        problems.append(
          DataProblem(
            file: file, line: record.line, kind: .invalidKeypoint,
            text: "'\(name)' has one coordinate alone"))
      }
      return nil
    }
    let position = Point(x + 0.5, y + 0.5)
    guard position.isPlace else {
      problems.append(
        DataProblem(
          file: file, line: record.line, kind: .invalidKeypoint,
          text: "'\(name)' is nowhere near a picture"))
      return nil
    }
    return LabelledKeypoint(index: index, position: position)
  }

  /// The records of a file without empty lines.
  ///
  /// - Throws: ``DataError`` for a file that the system does not give.
  static func records(_ file: URL) throws -> [CommaSeparatedValues.Record] {
    let bytes = [UInt8](try Foundation.Data(reading: file))
    // A byte order mark belongs to no field.
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    return CommaSeparatedValues.records(Array(bytes[start...])).filter {
      $0.fields.contains { !$0.trimmingCharacters(in: .whitespaces).isEmpty }
    }
  }
}

extension KeypointSet {
  /// DeepLabCut's tables, one for each video; their body parts must be the same.
  ///
  /// - Throws: ``DataError``, `KeypointError` as `FileError`.
  init(deepLabCut files: [URL]) throws {
    var names: [String]?
    var entries: [(split: String, entry: Entry)] = []
    var problems: [DataProblem] = []
    let tables = try files.map { file in
      (file: file, table: try DeepLabCutTable(CellReader.records(file), file: file.path))
    }
    names = tables.first?.table.names
    if let other = tables.first(where: { $0.table.names != names }) {
      throw FileError(
        path: other.file.path, reason: "other body parts than those of \(files[0].path)")
    }
    let layout = try Self.layout(names ?? [], file: files.first?.path ?? "")
    for (file, table) in tables {
      problems += table.problems
      let here = file.deletingLastPathComponent()
      // Paths begin at the project, two folders above, or at the table, or are names alone.
      let places = [here.appending(path: "../.."), here].map(\.standardizedFileURL)
      for row in table.rows {
        let last = row.path.split(separator: "/").last.map(String.init) ?? row.path
        let candidates = places.map { $0.appending(path: row.path) } + [here.appending(path: last)]
        let image =
          candidates.first { FileManager.default.fileExists(atPath: $0.path) } ?? candidates[0]
        entries.append(
          (
            SplitChoice.whole,
            Entry(
              name: row.path, image: image,
              annotation: .known(
                KeypointTruth(
                  layout: layout, points: row.points,
                  region: table.hasIndividuals
                    ? PersonRegion.square(around: row.points.map(\.position), atLeast: 0) : nil)),
              file: file.path, line: row.line)
          ))
      }
    }
    if let note = SideNames.note(of: layout, file: files.first?.path ?? "") {
      problems.append(note)
    }
    try self.init(
      source: files.map(\.path).joined(separator: ", "), format: .deepLabCut, layout: layout,
      entries: entries, problems: problems)
  }

  /// A layout of names that a file has.
  ///
  /// - Throws: `FileError`.
  static func layout(_ names: [String], file: String) throws -> KeypointLayout {
    do {
      return try KeypointLayout.named(names)
    } catch {
      throw FileError(path: file, reason: "\(error)")
    }
  }
}
