import Foundation
import Geometry
import Images

/// Reads the annotations (not the images) of VOC-format folders.
///
/// Unusable images and objects are left out and listed in ``problems``; an image without objects
/// stays, as a picture of nothing.
struct VOCReader {
  let rules: ReadingRules
  private(set) var drafts: [ObjectDraft] = []
  private(set) var problems: [DataProblem] = []
  private var seen: Set<URL> = []

  init(_ rules: ReadingRules) { self.rules = rules }

  /// The classes of the objects, sorted.
  var classNames: [String] {
    Set(drafts.flatMap { $0.objects.map(\.className) }).sorted()
  }

  mutating func read(_ folders: [VOCFolder], at path: String, split: String) throws {
    guard let entries = try VOCSplit.entries(of: folders, split: split, shares: rules.shares)
    else {
      throw DataError.unknownSplit(
        folder: path, split: split, available: VOCSplit.names(of: folders))
    }
    let tested = try testImages(of: folders, besides: split)
    for entry in entries {
      if let file = entry.folder.annotations[entry.id], tested.contains(file) {
        problems.append(
          DataProblem(
            file: (entry.list ?? file).path, line: entry.line, kind: .testImage,
            text: "'\(entry.id)' is in the list of test images, too"))
      } else {
        read(entry)
      }
    }
  }

  /// The annotations that lists keep for testing, if what is read is for training.
  private func testImages(of folders: [VOCFolder], besides split: String) throws -> Set<URL> {
    guard ["train", "trainval"].contains(SplitChoice.canonical(split)) else { return [] }
    return try folders.reduce(into: []) { files, folder in
      guard let list = folder.lists["test"] else { return }
      files.formUnion(
        try VOCSplit.read(list, "test", of: folder).compactMap { folder.annotations[$0.id] })
    }
  }

  private mutating func read(_ entry: VOCSplit.Entry) {
    let folder = entry.folder
    func report(_ file: URL, _ line: Int?, _ kind: DataProblem.Kind, _ text: String) {
      problems.append(DataProblem(file: file.path, line: line, kind: kind, text: text))
    }
    guard let file = folder.annotations[entry.id], entry.others.isEmpty else {
      return report(
        entry.list ?? folder.url, entry.line, .missingAnnotation, entry.missing)
    }
    guard seen.insert(file).inserted else {
      return report(
        entry.list ?? file, entry.line, .duplicateEntry, "'\(entry.id)' is listed twice")
    }
    do {
      let annotation = try VOCAnnotation.read(file)
      problems += annotation.problems
      guard let image = folder.image(of: entry.id, annotation: annotation) else {
        return report(file, nil, .missingImage, "no image '\(entry.id)'")
      }
      let sized =
        annotation.size == nil
        ? nil
        : ImageHeader.peek(image).flatMap { header in
          AnnotatedSize(annotation, header: header, rule: rules.annotatedSize).map { ($0, header) }
        }
      if let (size, _) = sized, !annotation.objects.isEmpty {
        if let problem = size.problem(file: file.path) { problems.append(problem) }
        if size.remedy == .refuse { return }
      }
      drafts.append(
        ObjectDraft(
          id: entry.id, qualifiedID: folder.url.lastPathComponent + "/" + entry.id,
          folder: folder.url, image: .file(image),
          size: sized.map { PixelSize(width: $1.width, height: $1.height) }
            ?? annotation.size?.pixels,
          objects: annotation.objects.map {
            ObjectDraft.Object($0, file: file.path, box: sized?.0.placed($0.box))
          }))
    } catch DataError.malformedAnnotation(_, let line, let reason) {
      report(file, line, .malformedAnnotation, reason)
    } catch {
      report(file, nil, .malformedAnnotation, "\(error)")
    }
  }
}

extension ObjectDraft.Object {
  /// An object with its box in the picture; nil: that is the annotated one.
  init(_ object: VOCAnnotation.Object, file: String, box: Box? = nil) {
    let (xMin, yMin, xMax, yMax) = object.box.vocCorners
    self.init(
      className: object.name, box: box ?? object.box, isDifficult: object.isDifficult, file: file,
      line: object.line, place: "from (\(xMin), \(yMin)) to (\(xMax), \(yMax))",
      hasArea: object.hasArea)
  }
}

extension VOCFolder {
  /// The image of an id; of several, the one that the annotation names, or else the first.
  func image(of id: String, annotation: VOCAnnotation) -> URL? {
    if let candidates = images[id] {
      return candidates.first { $0.lastPathComponent == annotation.filename }
        ?? candidates.min {
          PictureExtensions.rank($0.lastPathComponent)
            < PictureExtensions.rank($1.lastPathComponent)
        }
    }
    // An annotation may have another name than its image if it says so.
    guard let filename = annotation.filename else { return nil }
    let name = URL(filePath: filename).lastPathComponent
    let folder = id.lastIndex(of: "/").map { String(id[...$0]) } ?? ""
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    return images[folder + stem]?.first { $0.lastPathComponent == name }
  }
}
