package import Files
import Foundation
import Geometry
package import Keypoints

/// Leeds Sports Pose and its extension: `joints.mat` (Johnson and Everingham 2010, 2011).
///
/// LSP is 3 x 14 x N, its third row says what is occluded; LSPET is 14 x 3 x N, its third column says what
/// is labelled. Both count pixels from 1.
package struct LeedsJoints: Sendable {
  /// Whether it is the extension.
  package let isExtension: Bool
  /// The 14 joints.
  package let layout: KeypointLayout
  /// The persons in the order of the file, one a picture.
  ///
  /// LSP looks at the whole picture. In LSPET, whose persons are about 150 pixels long, the region is a
  /// square about the box of the labelled joints, 1.25 times its longer side and 100 pixels at least.
  package let persons: [KeypointTruth]
  /// Joints of LSP without a place, by person.
  let invalid: [(person: Int, joint: Int)]

  private static let leastSide = 100.0

  /// Reads the variable `joints`.
  ///
  /// - Throws: `FileError` for another shape or type.
  package init(_ mat: MATLABFile, file: String) throws {
    let array = try mat.require("joints", file: file)
    layout = try KeypointLayout.leeds()
    let shape = array.shape
    guard let numbers = array.numbers, shape.count == 3,
      shape[0] == 3 && shape[1] == 14 || shape[0] == 14 && shape[1] == 3
    else {
      throw FileError(
        path: file,
        reason: "'joints' is \(shape.map(String.init).joined(separator: " x "))"
          + "\(array.numbers == nil ? " and no numbers" : ""); LSP has 3 x 14 x N, LSPET 14 x 3 x N"
      )
    }
    let isExtension = shape[0] == 14
    self.isExtension = isExtension
    var invalid: [(person: Int, joint: Int)] = []
    var persons: [KeypointTruth] = []
    for person in 0..<shape[2] {
      func value(_ row: Int, _ joint: Int) -> Double {
        numbers[42 * person + (isExtension ? joint + 14 * row : row + 3 * joint)]
      }
      let points = (0..<14).compactMap { joint -> LabelledKeypoint? in
        let flag = value(2, joint)
        if isExtension, !(flag > 0) { return nil }
        let position = Point(value(0, joint) - 0.5, value(1, joint) - 0.5)
        guard position.isPlace else {
          invalid.append((person, joint))
          return nil
        }
        return LabelledKeypoint(
          index: joint, position: position, isOccluded: !isExtension && flag > 0)
      }
      persons.append(
        KeypointTruth(
          layout: layout, points: points,
          region: isExtension
            ? PersonRegion.square(around: points.map(\.position), atLeast: Self.leastSide) : nil))
    }
    self.persons = persons
    self.invalid = invalid
  }
}

extension KeypointSet {
  /// How many of LSP's pictures are for training; the others are for testing.
  private static let leedsTraining = 1000

  /// LSP or LSPET with its pictures, which are numbered from 1.
  ///
  /// LSP is divided as its authors do. Of LSPET, which nobody has divided, ten per cent each are `val` and
  /// `test`, by a hash of the picture's name: always the same, whether all pictures are there or not.
  ///
  /// - Throws: `FileError`, ``DataError``.
  init(leeds file: URL) throws {
    let joints = try LeedsJoints(MATLABFile(contentsOf: file), file: file.path)
    let (pictures, folder) = try Self.numberedPictures(beside: file)
    var problems: [DataProblem] = []
    let digits = joints.isExtension ? 5 : 4
    let names = joints.persons.indices.map { index in
      pictures[index + 1]
        ?? "im\(String(repeating: "0", count: max(0, digits - "\(index + 1)".count)))\(index + 1).jpg"
    }
    let splits =
      joints.isExtension
      ? Self.hashedSplits(names.map(Self.stem))
      : names.indices.map { $0 < Self.leedsTraining ? "train" : "test" }
    problems += joints.invalid.map { person, joint in
      DataProblem(
        file: file.path, kind: .invalidKeypoint,
        text: "person \(person + 1): '\(joints.layout.names[joint])' is no pair of numbers")
    }
    // Every picture missing is another mistake than some.
    if pictures.isEmpty {
      throw DataError.imagesNotFound(
        file.path, name: names.first ?? "", places: ["images", "."])
    }
    try self.init(
      source: file.path, format: joints.isExtension ? .leedsExtension : .leeds,
      layout: joints.layout,
      entries: zip(splits, zip(names, joints.persons)).enumerated().map { index, row in
        (
          row.0,
          Entry(
            name: row.1.0, image: folder.appending(path: row.1.0),
            annotation: .known(row.1.1), file: file.path, place: "person \(index + 1)")
        )
      }, problems: problems)
  }

  /// Pictures by the number in their name, and their folder: `images` beside the file, or the file's.
  private static func numberedPictures(beside file: URL) throws -> ([Int: String], URL) {
    let here = file.deletingLastPathComponent()
    let inner = here.appending(path: "images", directoryHint: .isDirectory)
    let folder = VOCFolder.isFolder(inner) ? inner : here
    var pictures: [Int: String] = [:]
    for name in try VOCFolder.list(folder)
    where VOCFolder.imageExtensions.contains(VOCFolder.kind(name)) {
      if let number = Int(stem(name).drop { !$0.isNumber }) { pictures[number] = name }
    }
    return (pictures, folder)
  }

  /// `train`, `val` or `test` for each name: the names are ordered by a hash, the first eight tenths are
  /// `train`, the next is `val`.
  static func hashedSplits(_ names: [String]) -> [String] {
    func hash(_ name: String) -> UInt64 {
      // FNV-1a, whose high bits depend on short names too little by itself.
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
      return hash ^ hash >> 33
    }
    let order = names.indices.map { (hash: hash(names[$0]), index: $0) }
      .sorted { ($0.hash, $0.index) < ($1.hash, $1.index) }
    var splits = names.map { _ in "train" }
    for (rank, item) in order.enumerated() {
      let tenth = 10 * rank / max(1, names.count)
      if tenth >= 8 { splits[item.index] = tenth == 8 ? "val" : "test" }
    }
    return splits
  }
}
