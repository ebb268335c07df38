import Files
import Foundation
import Geometry
import Keypoints

/// Our own JSON of keypoints, which holds all that other formats hold.
///
///     {"format": "keypoints 1", "units": "pixels",
///      "names": ["left eye", "right eye", "nose"],
///      "flip": [[0, 1]], "skeleton": [[0, 2], [1, 2]], "sigmas": [0.025, 0.025, 0.026],
///      "images": [{"file": "images/a.jpg", "width": 640, "height": 480, "split": "train",
///        "persons": [{"keypoints": [[310.5, 200.5, 2], [0, 0, 0], [330.5, 215.5, 1]],
///          "region": [200, 100, 250, 250], "box": [220, 120, 200, 210], "area": 30000,
///          "head": 60, "ignored": false}]}]}
///
/// Positions are pixels in continuous edges, counted from 0: the middle of the first pixel is (0.5, 0.5).
/// The third number is COCO's: 0 or `null` not labelled, 1 hidden, 2 visible. Boxes and regions are left,
/// top, width, height; what a network sees of the picture is `region`, or 1.25 times `box`, or all of it.
/// Keypoints are counted from 0; `flip` and `skeleton` may name them. Of objects' centres a picture has, in place
/// of `persons`:
///
///     "centers": [{"kind": 0, "x": 12.5, "y": 7.5, "width": 9, "height": 8, "occluded": true}]
///
/// Only `names`, `images`, `file` and the keypoints or centres must be there.
package struct KeypointFile: Codable {
  /// What the first key says.
  static let format = "keypoints 1"
  /// The only unit.
  static let units = "pixels"

  var format: String?
  var units: String?
  let names: [String]
  var flip: [[Reference]]?
  var skeleton: [[Reference]]?
  var sigmas: [Double]?
  var images: [Picture]

  /// A picture.
  struct Picture: Codable {
    let file: String
    var width: WholePixels?
    var height: WholePixels?
    var split: String?
    var persons: [Person]?
    var centers: [Center]?
  }

  /// A person; boxes are left, top, width, height.
  struct Person: Codable {
    /// K of them, x, y and v each; empty or nil: not labelled.
    var keypoints: [[Double?]?]
    var region: [Double]?
    var box: [Double]?
    var area: Double?
    var head: Double?
    var ignored: Bool?
  }

  /// An object.
  struct Center: Codable {
    var kind: Reference
    var x: Double
    var y: Double
    var width: Double?
    var height: Double?
    var occluded: Bool?
  }

  /// A keypoint by its number or its name.
  enum Reference: Codable, Hashable {
    case index(Int)
    case name(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let name = try? container.decode(String.self) {
        self = .name(name)
      } else {
        self = .index(try WholeNumber(from: decoder).value)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .index(let index): try container.encode(index)
      case .name(let name): try container.encode(name)
      }
    }

    /// Which of these names it is; nil if it is none.
    func index(in names: [String]) -> Int? {
      switch self {
      case .index(let index): names.indices.contains(index) ? index : nil
      case .name(let name): names.firstIndex(of: name)
      }
    }
  }

  /// A length in whole pixels.
  struct WholePixels: Codable {
    let value: Int

    init(_ value: Int) { self.value = value }

    init(from decoder: any Decoder) throws { value = try WholeNumber(from: decoder).value }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }
  }
}

extension KeypointFile {
  /// The layout that the file describes.
  ///
  /// - Throws: `FileError`.
  func layout(file: String) throws -> KeypointLayout {
    if let format, format != Self.format {
      throw FileError(path: file, reason: "format '\(format)', expected '\(Self.format)'")
    }
    if let units, units != Self.units {
      throw FileError(path: file, reason: "units '\(units)', expected '\(Self.units)'")
    }
    func pairs(_ lists: [[Reference]]?, _ key: String) throws -> [(Int, Int)] {
      try (lists ?? []).enumerated().map { number, list in
        let indices = list.compactMap { $0.index(in: names) }
        guard list.count == 2, indices.count == 2 else {
          throw FileError(path: file, reason: "\(key)[\(number)]: expected two of the names")
        }
        return (indices[0], indices[1])
      }
    }
    do {
      return try KeypointLayout(
        names: names, pairs: flip == nil ? SideNames.pairs(of: names) : pairs(flip, "flip"),
        edges: pairs(skeleton, "skeleton").map { KeypointLayout.Edge($0.0, $0.1) },
        deviations: sigmas)
    } catch let error as KeypointError {
      throw FileError(path: file, reason: "\(error)")
    }
  }

  /// The truths of a picture.
  ///
  /// - Throws: `FileError` naming the place.
  func truths(
    _ number: Int, layout: KeypointLayout, file: String, problems: inout [DataProblem]
  ) throws -> [KeypointTruth] {
    let picture = images[number]
    var truths: [KeypointTruth] = []
    for (index, person) in (picture.persons ?? []).enumerated() {
      let place = "images[\(number)].persons[\(index)]"
      guard person.keypoints.count == layout.count else {
        throw FileError(
          path: file,
          reason: "\(place): \(person.keypoints.count) keypoints, there are \(layout.count)")
      }
      func box(_ values: [Double]?, _ key: String) throws -> Box? {
        guard let values else { return nil }
        guard let box = Box(coco: values), PersonRegion.usable(box) != nil else {
          throw FileError(
            path: file, reason: "\(place).\(key): expected left, top, width, height")
        }
        return box
      }
      let points = person.keypoints.enumerated().compactMap { keypoint, values in
        point(values, index: keypoint, place: place, file: file, problems: &problems)
      }
      func size(_ value: Double?, _ key: String) throws -> Double? {
        if let value, !(value > 0) {
          throw FileError(path: file, reason: "\(place).\(key): \(value) is not above 0")
        }
        return value
      }
      let outline = try box(person.box, "box")
      truths.append(
        KeypointTruth(
          layout: layout, points: points,
          region: try box(person.region, "region") ?? outline.flatMap(PersonRegion.around),
          sizes: ReferenceSizes(
            head: try size(person.head, "head"), area: try size(person.area, "area"), box: outline,
            isIgnored: person.ignored ?? false))
      )
    }
    if let centers = picture.centers {
      if !truths.isEmpty {
        throw FileError(path: file, reason: "images[\(number)]: both persons and centers")
      }
      let points = try centers.enumerated().map { index, center in
        let position = Point(center.x, center.y)
        guard let kind = center.kind.index(in: names), position.isPlace else {
          throw FileError(
            path: file,
            reason: "images[\(number)].centers[\(index)]: "
              + (position.isPlace ? "no such kind" : "no place of a picture"))
        }
        let extent: Point? =
          if let width = center.width, let height = center.height { Point(width, height) } else {
            nil
          }
        return LabelledKeypoint(
          index: kind, position: position, isOccluded: center.occluded ?? false,
          extent: extent)
      }
      truths.append(KeypointTruth(layout: layout, points: points))
    }
    return truths
  }

  private func point(
    _ values: [Double?]?, index: Int, place: String, file: String, problems: inout [DataProblem]
  ) -> LabelledKeypoint? {
    guard let values, !values.isEmpty, values.contains(where: { $0 != nil }) else { return nil }
    let flag = values.count > 2 ? values[2] ?? 0 : 2
    guard flag > 0 else { return nil }
    guard values.count >= 2, let x = values[0], let y = values[1], Point(x, y).isPlace else {
      problems.append(
        DataProblem(
          file: file, kind: .invalidKeypoint, text: "\(place): '\(names[index])' has no place"))
      return nil
    }
    return LabelledKeypoint(index: index, position: Point(x, y), isOccluded: flag == 1)
  }
}

extension KeypointSet {
  /// A set in our own JSON.
  ///
  /// - Throws: `FileError`, ``DataError``.
  init(keypointFile file: URL) throws {
    let content: KeypointFile = try JSONProblem.decoding(
      Foundation.Data(reading: file), file: file.path)
    if content.images.isEmpty { throw FileError(path: file.path, reason: "\"images\" is empty") }
    let layout = try content.layout(file: file.path)
    let folder = try COCOImageFolder(content.images.map(\.file), json: file)
    var entries: [(split: String, entry: Entry)] = []
    var problems: [DataProblem] = []
    for (number, picture) in content.images.enumerated() {
      var size: PixelSize?
      if let width = picture.width?.value, let height = picture.height?.value, width > 0, height > 0
      {
        size = PixelSize(width: width, height: height)
      }
      let truths = try content.truths(
        number, layout: layout, file: file.path, problems: &problems)
      let split = picture.split.map(SplitChoice.canonical) ?? SplitChoice.split(ofFile: file)
      for (index, truth) in truths.enumerated() {
        entries.append(
          (
            split,
            Entry(
              name: picture.file, image: folder.url(of: picture.file), size: size,
              annotation: .known(truth), file: file.path,
              place: "images[\(number)]" + (picture.persons == nil ? "" : ".persons[\(index)]"))
          ))
      }
    }
    if content.flip == nil, let note = SideNames.note(of: layout, file: file.path) {
      problems.append(note)
    }
    try self.init(
      source: file.path, format: .keypointFile, layout: layout,
      areCenters: content.images.contains { $0.centers != nil }, entries: entries,
      problems: problems)
  }
}
