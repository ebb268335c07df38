import Files
import Foundation
import Geometry
import Keypoints

/// Persons of the MPII Human Pose data set as lists in JSON.
///
/// In either of two dialects:
///
///     [{"img_paths", "objpos", "scale_provided", "joint_self": [[x, y, visible], …], "isValidation"}, …]
///     [{"image", "center", "scale", "joints": [[x, y], …], "joints_vis": [labelled, …]}, …]
///
/// Both count pixels from 1. In the first a joint with flag 0 is occluded, and unlabelled if it lies at
/// (0, 0) as well; the second does not say what is occluded.
struct MPIIList {
  /// A person.
  struct Person {
    let image: String
    let size: PixelSize?
    let truth: KeypointTruth
    /// Whether it is for validation; nil where the file's name says it.
    let isValidation: Bool?
  }

  private(set) var persons: [Person] = []
  private(set) var problems: [DataProblem] = []

  init(_ data: Data, file: String) throws {
    let rows: [Row] = try JSONProblem.decoding(data, file: file)
    let layout = try KeypointLayout.mpii()
    for (number, row) in rows.enumerated() {
      func refuse(_ reason: String) -> FileError {
        FileError(path: file, reason: "[\(number)]: \(reason)")
      }
      guard let image = row.img_paths ?? row.image else {
        throw refuse("no \"img_paths\" or \"image\"")
      }
      let joints = try Self.joints(row, count: layout.count, refuse: refuse)
      var points: [LabelledKeypoint] = []
      for (index, joint) in joints.enumerated() {
        guard let joint else { continue }
        guard joint.position.isPlace else {
          problems.append(
            DataProblem(
              file: file, kind: .invalidKeypoint,
              text: "[\(number)]: '\(layout.names[index])' is no pair of numbers"))
          continue
        }
        points.append(
          LabelledKeypoint(index: index, position: joint.position, isOccluded: joint.isOccluded))
      }
      let size: PixelSize? =
        if let width = row.img_width, let height = row.img_height,
          let columns = Int(exactly: width), let rows = Int(exactly: height), columns > 0, rows > 0
        { PixelSize(width: columns, height: rows) } else { nil }
      persons.append(
        Person(
          image: image, size: size,
          truth: KeypointTruth(
            layout: layout, points: points,
            region: Self.region(row, points: points)),
          isValidation: row.isValidation.map { $0.value != 0 }))
    }
  }

  private static func joints(
    _ row: Row, count: Int, refuse: (String) -> FileError
  ) throws -> [(position: Point, isOccluded: Bool)?] {
    guard let joints = row.joint_self ?? row.joints else {
      throw refuse("no \"joint_self\" or \"joints\"")
    }
    guard joints.count == count else { throw refuse("\(joints.count) joints, MPII has \(count)") }
    let isFirst = row.joint_self != nil
    if !isFirst, row.joints_vis?.count != count {
      throw refuse("\(row.joints_vis?.count ?? 0) values of \"joints_vis\" for \(count) joints")
    }
    return try joints.enumerated().map { index, values in
      guard values.count >= (isFirst ? 3 : 2) else {
        throw refuse("joint \(index) has \(values.count) numbers, expected \(isFirst ? 3 : 2)")
      }
      let flag = isFirst ? values[2] : row.joints_vis?[index] ?? 0
      let isAtOrigin = values[0] == 0 && values[1] == 0
      if !(flag > 0), !isFirst || isAtOrigin { return nil }
      return (Point(values[0] - 0.5, values[1] - 0.5), !(flag > 0))
    }
  }

  private static func region(_ row: Row, points: [LabelledKeypoint]) -> Box? {
    // A centre of -1 is none.
    guard let center = row.objpos ?? row.center, center.count >= 2, center[0] >= 0,
      let scale = row.scale_provided ?? row.scale, scale > 0,
      let square = PersonRegion.mpii(center: Point(center[0] - 0.5, center[1] - 0.5), scale: scale)
    else {
      return PersonRegion.square(around: points.map(\.position), atLeast: PersonRegion.unit / 2)
    }
    return square
  }

  /// Yes or no, as a truth value or a number.
  private struct Flag: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let isTrue = try? container.decode(Bool.self) {
        value = isTrue ? 1 : 0
      } else {
        value = try container.decode(Double.self)
      }
    }
  }

  // The properties have the files' names.
  private struct Row: Decodable {
    let img_paths: String?
    let image: String?
    let img_width: Double?
    let img_height: Double?
    let objpos: [Double]?
    let center: [Double]?
    let scale_provided: Double?
    let scale: Double?
    let joint_self: [[Double]]?
    let joints: [[Double]]?
    let joints_vis: [Double]?
    let isValidation: Flag?
  }
}

extension KeypointSet {
  /// Lists of MPII's persons: one file, which says of each person whether it is for validation, or a file
  /// for each split.
  ///
  /// - Throws: `FileError`, ``DataError``.
  init(mpii files: [URL]) throws {
    var entries: [(split: String, entry: Entry)] = []
    var problems: [DataProblem] = []
    for file in files {
      let list = try MPIIList(Foundation.Data(reading: file), file: file.path)
      problems += list.problems
      if list.persons.isEmpty { continue }
      let split = SplitChoice.split(ofFile: file)
      let folder = try COCOImageFolder(list.persons.map(\.image), json: file)
      for (number, person) in list.persons.enumerated() {
        let part = person.isValidation.map { $0 ? "val" : "train" } ?? split
        entries.append(
          (
            part,
            Entry(
              name: person.image, image: folder.url(of: person.image), size: person.size,
              annotation: .known(person.truth), file: file.path, place: "[\(number)]")
          ))
      }
    }
    try self.init(
      source: files.map(\.path).joined(separator: ", "), format: .mpii, layout: .mpii(),
      entries: entries, problems: problems)
  }
}

extension SplitChoice {
  /// The split that a word of a file's name tells; that of the whole set if none does.
  static func split(ofFile file: URL) -> String {
    let stem = file.deletingPathExtension().lastPathComponent
    return stem.split { !$0.isLetter }.map { canonical(String($0)) }.first(where: usual.contains)
      ?? whole
  }
}

extension Data {
  /// A file's content.
  ///
  /// - Throws: ``DataError`` for a file that the system does not give.
  init(reading file: URL) throws {
    do {
      try self.init(contentsOf: file)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
  }
}
