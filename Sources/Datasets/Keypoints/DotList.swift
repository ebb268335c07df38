import Files
import Foundation
import Geometry
import Keypoints

/// CSV of objects' centres: a header of `image`, `x`, `y` and perhaps `class` and `split`, and a row for each
/// object; of a picture without objects a row without x and y.
///
/// Coordinates count pixels from 0 and mean their centres.
struct DotList {
  private static let imageNames = ["image", "path", "file", "filename", "name"]
  private static let classNames = ["class", "label", "category"]
  private static let splitNames = ["split", "set", "subset"]

  /// Names of the classes, sorted.
  private(set) var names: [String]
  /// Pictures in the order of their first rows.
  private(set) var pictures:
    [(path: String, split: String, points: [LabelledKeypoint], line: Int)] =
      []
  private(set) var problems: [DataProblem] = []

  /// Whether a file's first rows are those of such a list.
  static func matches(_ records: [CommaSeparatedValues.Record]) -> Bool {
    let header = Self.header(records)
    return header.contains("x") && header.contains("y")
      && header.contains(where: imageNames.contains)
  }

  private static func header(_ records: [CommaSeparatedValues.Record]) -> [String] {
    (records.first?.fields ?? []).map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
  }

  init(_ records: [CommaSeparatedValues.Record], file: String) throws {
    let header = Self.header(records)
    func column(_ names: [String]) -> Int? { header.firstIndex(where: names.contains) }
    guard let image = column(Self.imageNames), let x = column(["x"]), let y = column(["y"]) else {
      throw DataError.malformedAnnotation(
        file: file, line: 1, reason: "expected a header of image, x, y, and perhaps class and split"
      )
    }
    let (label, split) = (column(Self.classNames), column(Self.splitNames))
    let rows = records.dropFirst()
    for record in rows where record.fields.count != header.count {
      throw DataError.malformedAnnotation(
        file: file, line: record.line,
        reason: "\(record.fields.count) fields, the header has \(header.count)")
    }
    func text(_ record: CommaSeparatedValues.Record, _ column: Int) -> String {
      record.fields[column].trimmingCharacters(in: .whitespaces)
    }
    let found = label.map { label in Set(rows.map { text($0, label) }.filter { !$0.isEmpty }) }
    names = found.map { $0.sorted() } ?? []
    if names.isEmpty { names = [KeypointSet.dotName] }
    let classes = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    var indices: [String: Int] = [:]
    for record in rows {
      let path = text(record, image)
      if path.isEmpty {
        throw DataError.malformedAnnotation(
          file: file, line: record.line, reason: "no picture is named")
      }
      let part = split.map { SplitChoice.canonical(text(record, $0)) } ?? SplitChoice.whole
      let index = indices[path] ?? pictures.count
      if index == pictures.count {
        indices[path] = index
        pictures.append((path, part, [], record.line))
      } else if pictures[index].split != part {
        throw DataError.malformedAnnotation(
          file: file, line: record.line,
          reason: "'\(path)' is in \(part), above in \(pictures[index].split)")
      }
      let name = label.map { text(record, $0) } ?? names[0]
      guard
        let point = try CellReader.point(
          record, x: x, y: y, index: classes[name] ?? 0, name: name, file: file,
          problems: &problems)
      else { continue }
      if classes[name] == nil {
        throw DataError.malformedAnnotation(
          file: file, line: record.line, reason: "an object without class")
      }
      pictures[index].points.append(point)
    }
  }
}

extension KeypointSet {
  /// A list of objects' centres.
  ///
  /// - Throws: ``DataError``, `FileError`.
  init(dotList file: URL) throws {
    let list = try DotList(CellReader.records(file), file: file.path)
    // Kinds of objects do not change places in a mirrored picture, whatever they are called.
    let layout = try KeypointLayout(names: list.names)
    if list.pictures.isEmpty { throw DataError.empty(folder: file.path, reason: "no row") }
    let folder = try COCOImageFolder(list.pictures.map(\.path), json: file)
    try self.init(
      source: file.path, format: .dotList, layout: layout, areCenters: true,
      entries: list.pictures.map { picture in
        (
          picture.split,
          Entry(
            name: picture.path, image: folder.url(of: picture.path),
            annotation: .known(KeypointTruth(layout: layout, points: picture.points)),
            file: file.path, line: picture.line)
        )
      }, problems: list.problems)
  }
}
