package import Detection
package import Foundation
import Geometry

/// Annotated images of one or several VOC-format folders.
package struct VOCDataset: Sendable {
  /// One image with its usable objects.
  package struct Item: Sendable {
    /// The file's name without extension, with folders in front where that is ambiguous.
    package let id: String
    /// The image file.
    package let image: URL
    /// The annotation file.
    package let annotation: URL
    /// The image's size as the annotation says it, nil if it does not.
    package let size: VOCAnnotation.Size?
    /// Objects of known classes with a box of some area; pixels of the upright image.
    package let truths: [GroundTruth]
    /// What the file says about each of ``truths``, in the same order.
    package let objects: [VOCAnnotation.Object]
  }

  /// L class names; ``GroundTruth/classIndex`` counts them.
  package let classNames: [String]
  /// The images that can be used, in the order of the split.
  package let items: [Item]
  /// What was left out of ``items`` and why.
  package let problems: [DataProblem]

  /// Reads the annotations (not the images) of one split of every source.
  ///
  /// Unusable images and objects are left out and listed in ``problems``; an image without objects
  /// stays, as a picture of nothing.
  ///
  /// - Parameters:
  ///   - sources: Folders; each one's own split comes before `split`.
  ///   - split: The split of sources that name none: `train`, `val`, `trainval`, `test`, `all`.
  ///   - classNames: The classes to find; nil collects those of the annotations, sorted.
  ///   - valFraction: Share of the images in `val` where a folder has no lists, 0...1.
  ///   - seed: Chooses them.
  /// - Throws: ``DataError`` for a folder without annotations, an unknown split, or if nothing is
  ///   left.
  package init(
    sources: [VOCSource], split: String, classNames: [String]? = nil, valFraction: Float = 0.1,
    seed: UInt64 = 1
  ) throws {
    var reader = ItemReader()
    for source in sources {
      try reader.read(source, split: source.split ?? split, valFraction: valFraction, seed: seed)
    }
    let names = classNames ?? reader.collectedNames
    items = reader.items(classNames: names)
    problems = reader.problems
    self.classNames = names
    if items.isEmpty {
      let folder = sources.map(\.folder.path).joined(separator: ", ")
      throw DataError.empty(
        folder: folder,
        reason: DataProblem.summary(of: problems).first ?? "split '\(split)' is empty")
    }
    if names.isEmpty {
      throw DataError.empty(
        folder: sources.map(\.folder.path).joined(separator: ", "), reason: "no objects")
    }
  }
}

/// Collects files and annotations first, since the class names may depend on all of them.
private struct ItemReader {
  private struct Draft {
    let id: String
    let qualifiedID: String
    let image: URL
    let file: URL
    let annotation: VOCAnnotation
  }

  private(set) var problems: [DataProblem] = []
  private var drafts: [Draft] = []
  private var seen: Set<URL> = []

  mutating func read(
    _ source: VOCSource, split: String, valFraction: Float, seed: UInt64
  ) throws {
    let folders = try VOCFolder.discover(at: source.folder)
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
        folder: source.folder.path, split: split,
        available: Set(folders.flatMap(VOCSplit.names)).sorted())
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
        Draft(
          id: entry.id, qualifiedID: folder.url.lastPathComponent + "/" + entry.id, image: image,
          file: file, annotation: annotation))
    } catch DataError.malformedAnnotation(_, let line, let reason) {
      report(file, line, .malformedAnnotation, reason)
    } catch {
      report(file, nil, .malformedAnnotation, "\(error)")
    }
  }

  var collectedNames: [String] {
    Set(drafts.flatMap { $0.annotation.objects.map(\.name) }).sorted()
  }

  mutating func items(classNames: [String]) -> [VOCDataset.Item] {
    var index: [String: Int] = [:]
    for (i, name) in classNames.enumerated() { index[name] = i }
    var uses: [String: Int] = [:]
    for draft in drafts { uses[draft.id, default: 0] += 1 }
    return drafts.map { draft in
      var truths: [GroundTruth] = []
      var objects: [VOCAnnotation.Object] = []
      for object in draft.annotation.objects {
        guard let classIndex = index[object.name] else {
          problems.append(.unknownClass(object, file: draft.file))
          continue
        }
        guard object.hasArea else {
          problems.append(.zeroArea(object, file: draft.file))
          continue
        }
        truths.append(
          GroundTruth(box: object.box, classIndex: classIndex, isDifficult: object.isDifficult))
        objects.append(object)
      }
      return VOCDataset.Item(
        id: uses[draft.id] == 1 ? draft.id : draft.qualifiedID, image: draft.image,
        annotation: draft.file, size: draft.annotation.size, truths: truths, objects: objects)
    }
  }
}

extension VOCFolder {
  /// The image of an id; of several, the one that the annotation names, or else the first.
  func image(of id: String, annotation: VOCAnnotation) -> URL? {
    if let candidates = images[id] {
      return candidates.first { $0.lastPathComponent == annotation.filename } ?? candidates.first
    }
    // An annotation may have another name than its image if it says so.
    guard let filename = annotation.filename else { return nil }
    let name = URL(filePath: filename).lastPathComponent
    let folder = id.lastIndex(of: "/").map { String(id[...$0]) } ?? ""
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    return images[folder + stem]?.first { $0.lastPathComponent == name }
  }
}

extension DataProblem {
  static func unreadableImage(_ image: URL, _ error: any Error) -> DataProblem {
    let prefix = image.path + ": "
    let text = "\(error)"
    return DataProblem(
      file: image.path, kind: .unreadableImage,
      text: text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
  }

  static func unknownClass(_ object: VOCAnnotation.Object, file: URL) -> DataProblem {
    DataProblem(
      file: file.path, line: object.line, kind: .unknownClass,
      text: "'\(object.name)' is not in the list of classes")
  }

  static func zeroArea(_ object: VOCAnnotation.Object, file: URL) -> DataProblem {
    let (xMin, yMin, xMax, yMax) = object.box.vocCorners
    return DataProblem(
      file: file.path, line: object.line, kind: .zeroArea,
      text: "'\(object.name)' from (\(xMin), \(yMin)) to (\(xMax), \(yMax))")
  }
}
