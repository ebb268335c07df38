import Files
import Foundation
import Geometry
import Keypoints

/// Persons, or other things with keypoints, of a COCO file.
///
/// `categories` name the keypoints, and as `skeleton` pairs of them, counted from 1; `annotations` have
/// `keypoints` of x, y and v each: 0 not labelled, 1 hidden, 2 visible; of a file that never says 2, 1 means
/// labelled alone. Coordinates count pixels from 0 and mean their centres. Dictionaries in place of lists
/// and a list for each keypoint are read as well. A box is [left, top, width, height]; as corners
/// [left, top, right, bottom] it is read if that was said, or if it can be nothing else: all
/// boxes are corners of a box inside their picture, and half of them would reach out of it otherwise.
struct COCOKeypoints {
  /// A person.
  struct Person {
    /// Which of ``pictures``.
    let picture: Int
    let truth: KeypointTruth
    /// Its number in the list of annotations.
    let number: Int
  }

  let layout: KeypointLayout
  private(set) var pictures: [(name: String, size: PixelSize?)] = []
  private(set) var persons: [Person] = []
  private(set) var problems: [DataProblem] = []
  private let file: String

  private typealias Content = COCOKeypointContent

  /// Reads a file's content.
  ///
  /// - Parameters:
  ///   - data: The content.
  ///   - file: Its name for messages.
  ///   - hasCorners: Whether boxes are corners; nil: as the boxes themselves prove.
  /// - Throws: `FileError` naming the place, for a file without keypoints, and for categories of different
  ///   ones.
  init(_ data: Data, file: String, hasCorners: Bool? = nil) throws {
    self.file = file
    let content: Content = try JSONProblem.decoding(data, file: file)
    let annotations = content.annotations.elements
    var indices: [FileIdentifier: Int] = [:]
    for picture in content.images.elements.sorted(by: { $0.id < $1.id }) {
      guard indices.updateValue(pictures.count, forKey: picture.id) == nil else {
        throw FileError(path: file, reason: "image \(picture.id) twice")
      }
      pictures.append((picture.file_name, Self.size(picture)))
    }
    let categories = content.categories?.elements ?? []
    layout = try Self.layout(categories, annotations: annotations, file: file)
    let withKeypoints = Set(
      categories.filter { !($0.keypoints ?? []).isEmpty }.map(\.id))
    let saysVisible = annotations.contains {
      $0.keypoints?.values.contains { $0.last == 2 } ?? false
    }
    let isCorners =
      hasCorners ?? Self.proveCorners(annotations, pictures: pictures, indices: indices)
    if hasCorners == nil, isCorners {
      note(
        .guessedBoxes, "boxes are corners, [left, top, right, bottom]: as sizes they would not fit")
    }
    for (number, annotation) in annotations.enumerated() {
      let category = annotation.category_id
      if !withKeypoints.isEmpty, let category, !withKeypoints.contains(category) { continue }
      do {
        guard let picture = indices[annotation.image_id] else {
          throw Unusable("no image \(annotation.image_id)")
        }
        persons.append(
          Person(
            picture: picture,
            truth: try truth(
              annotation, number: number, saysVisible: saysVisible, isCorners: isCorners),
            number: number))
      } catch let unusable as Unusable {
        note(.invalidObject, "annotations[\(number)]: \(unusable.reason)")
      }
    }
    if let note = SideNames.note(of: layout, file: file) { problems.append(note) }
  }

  /// An annotation that is left out.
  private struct Unusable: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  private mutating func note(_ kind: DataProblem.Kind, _ text: String) {
    problems.append(DataProblem(file: file, kind: kind, text: text))
  }

  private mutating func truth(
    _ annotation: Content.Annotation, number: Int, saysVisible: Bool, isCorners: Bool
  ) throws -> KeypointTruth {
    let triples = annotation.keypoints
    let values = triples?.values ?? []
    guard triples?.isWhole ?? true, values.isEmpty || values.count == layout.count else {
      throw Unusable(
        "\(values.count) keypoints\(triples?.isWhole ?? true ? "" : " and a rest"), "
          + "there are \(layout.count)")
    }
    var points: [LabelledKeypoint] = []
    for (index, value) in values.enumerated() {
      let flag = value.count > 2 ? value[2] : 2
      guard flag > 0 else { continue }
      let position = Point(value[0] + 0.5, value[1] + 0.5)
      guard position.isPlace else {
        note(.invalidKeypoint, "annotations[\(number)]: '\(layout.names[index])' has no place")
        continue
      }
      points.append(
        LabelledKeypoint(
          index: index, position: position, isOccluded: saysVisible && flag == 1))
    }
    let box = try annotation.bbox.flatMap { try Self.box($0, isCorners: isCorners) }
    let isCrowd = (annotation.iscrowd ?? 0) != 0 || (annotation.ignore ?? 0) != 0
    return KeypointTruth(
      layout: layout, points: points,
      region: box.flatMap(PersonRegion.around)
        ?? PersonRegion.square(around: points.map(\.position), atLeast: 0),
      sizes: ReferenceSizes(
        area: annotation.area.flatMap { $0 > 0 ? $0 : nil } ?? box.map { Double($0.area) },
        box: box,
        isIgnored: isCrowd || points.isEmpty || annotation.num_keypoints == 0))
  }

  private static func box(_ values: [Double], isCorners: Bool) throws -> Box? {
    if values.isEmpty { return nil }
    let sides =
      isCorners && values.count == 4
      ? [values[0], values[1], values[2] - values[0], values[3] - values[1]] : values
    guard let box = Box(coco: sides) else { throw Unusable("needs a \"bbox\" of four numbers") }
    if let reason = box.sizeProblem { throw Unusable(reason) }
    return box.area > 0 ? box : nil
  }

  private static func size(_ picture: Content.Picture) -> PixelSize? {
    guard let width = picture.width.flatMap({ Int(exactly: $0) }),
      let height = picture.height.flatMap({ Int(exactly: $0) }), width > 0, height > 0
    else { return nil }
    return PixelSize(width: width, height: height)
  }

  /// Whether boxes can be nothing but corners.
  private static func proveCorners(
    _ annotations: [Content.Annotation], pictures: [(name: String, size: PixelSize?)],
    indices: [FileIdentifier: Int]
  ) -> Bool {
    // A pixel for tools that count from 1 or round up.
    let slack = 1.0
    var count = 0
    var reachOut = 0
    for annotation in annotations {
      guard let box = annotation.bbox, box.count == 4 else { continue }
      guard let index = indices[annotation.image_id], let size = pictures[index].size else {
        return false
      }
      let (width, height) = (Double(size.width) + slack, Double(size.height) + slack)
      guard box[2] > box[0], box[3] > box[1], box[2] <= width, box[3] <= height else {
        return false
      }
      count += 1
      if box[0] + box[2] > width || box[1] + box[3] > height { reachOut += 1 }
    }
    return count > 0 && 2 * reachOut >= count
  }

  /// The one list of keypoints that all categories share; numbers for names that the file lacks.
  private static func layout(
    _ categories: [Content.Category], annotations: [Content.Annotation], file: String
  ) throws -> KeypointLayout {
    let named = categories.filter { !($0.keypoints ?? []).isEmpty }
    guard let first = named.first, let names = first.keypoints else {
      let counts = Set(annotations.compactMap { $0.keypoints?.values.count }.filter { $0 > 0 })
      guard let count = counts.first, counts.count == 1 else {
        throw FileError(
          path: file,
          reason: counts.isEmpty
            ? "no category and no annotation has \"keypoints\""
            : "no category names keypoints, and annotations have \(counts.sorted()) of them")
      }
      return try KeypointLayout.named((0..<count).map(String.init))
    }
    if let other = named.first(where: { $0.keypoints != names }) {
      throw FileError(
        path: file,
        reason: "categories \(first.id) and \(other.id) have different keypoints; "
          + "give a file for each of them")
    }
    let edges = try (first.skeleton ?? []).map { edge in
      guard edge.count == 2 else {
        throw FileError(path: file, reason: "category \(first.id): an edge of \(edge.count) ends")
      }
      return (edge[0], edge[1])
    }
    let ends = edges.flatMap { [$0.0, $0.1] }
    // COCO counts from 1; who writes a 0 counts from 0.
    let base = ends.contains(0) ? 0 : 1
    do {
      return try KeypointLayout.named(
        names, edges: edges.map { KeypointLayout.Edge($0.0 - base, $0.1 - base) })
    } catch let error as KeypointError {
      throw FileError(path: file, reason: "category \(first.id): \(error)")
    }
  }
}

extension KeypointSet {
  /// Persons of COCO files, one for each split; their keypoints must be the same.
  ///
  /// - Parameters:
  ///   - files: Their splits and places.
  ///   - hasCorners: As of ``COCOKeypoints/init(_:file:hasCorners:)``.
  /// - Throws: `FileError`, ``DataError``.
  init(coco files: [(split: String, file: URL)], hasCorners: Bool? = nil) throws {
    var layout: KeypointLayout?
    var entries: [(split: String, entry: Entry)] = []
    var problems: [DataProblem] = []
    for (split, file) in files {
      let content = try COCOKeypoints(
        Foundation.Data(reading: file), file: file.path, hasCorners: hasCorners)
      problems += content.problems
      if let layout, layout.names != content.layout.names {
        throw FileError(
          path: file.path, reason: "other keypoints than those of \(files[0].file.path)")
      }
      layout = layout ?? content.layout
      let folder = try COCOImageFolder(content.pictures.map(\.name), json: file)
      for person in content.persons {
        let (name, size) = content.pictures[person.picture]
        entries.append(
          (
            split,
            Entry(
              name: name, image: folder.url(of: name), size: size,
              annotation: .known(person.truth), file: file.path,
              place: "annotations[\(person.number)]")
          ))
      }
    }
    guard let layout else { throw DataError.empty(folder: "", reason: "no file") }
    try self.init(
      source: files.map(\.file.path).joined(separator: ", "), format: .cocoKeypoints,
      layout: layout, entries: entries, problems: problems)
  }
}
