import Foundation
import Geometry
import Images

/// Reads the annotations (not the images) of VOC-format folders.
///
/// Unusable images and objects are left out and listed in ``problems``; an image without objects
/// stays, as a picture of nothing.
struct VOCReader {
  private(set) var drafts: [ObjectDraft] = []
  private(set) var problems: [DataProblem] = []
  private var seen: Set<URL> = []

  /// The classes of the objects, sorted.
  var classNames: [String] {
    Set(drafts.flatMap { $0.objects.map(\.className) }).sorted()
  }

  mutating func read(
    _ folders: [VOCFolder], at path: String, split: String, valFraction: Float, seed: UInt64
  ) throws {
    var found = false
    for folder in folders {
      guard
        let entries = try VOCSplit.entries(
          of: folder, split: split, valFraction: valFraction, seed: seed)
      else { continue }
      found = true
      for entry in entries { read(entry, of: folder) }
    }
    if !found {
      throw DataError.unknownSplit(
        folder: path, split: split, available: Set(folders.flatMap(VOCSplit.names)).sorted())
    }
  }

  private mutating func read(_ entry: VOCSplit.Entry, of folder: VOCFolder) {
    func report(_ file: URL, _ line: Int?, _ kind: DataProblem.Kind, _ text: String) {
      problems.append(DataProblem(file: file.path, line: line, kind: kind, text: text))
    }
    guard let file = folder.annotations[entry.id] else {
      return report(
        entry.list ?? folder.url, entry.line, .missingAnnotation, "no annotation of '\(entry.id)'")
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
      drafts.append(
        ObjectDraft(
          id: entry.id, qualifiedID: folder.url.lastPathComponent + "/" + entry.id,
          image: .file(image), size: annotation.size?.pixels,
          objects: annotation.objects.map { ObjectDraft.Object($0, file: file.path) }))
    } catch DataError.malformedAnnotation(_, let line, let reason) {
      report(file, line, .malformedAnnotation, reason)
    } catch {
      report(file, nil, .malformedAnnotation, "\(error)")
    }
  }
}

extension ObjectDraft.Object {
  init(_ object: VOCAnnotation.Object, file: String) {
    let (xMin, yMin, xMax, yMax) = object.box.vocCorners
    self.init(
      className: object.name, box: object.box, isDifficult: object.isDifficult, file: file,
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
