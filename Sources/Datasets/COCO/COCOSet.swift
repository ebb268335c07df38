import Detection
import Foundation
import Geometry
import Images

/// COCO annotations with the folder of their images: one JSON, or a folder of one a split.
struct COCOSet: Sendable {
  /// One annotation file.
  struct Part: Sendable {
    /// `train`, `val`, `test`, another name, or that of the whole.
    let name: String
    let file: URL
    let annotations: COCOAnnotations
    let images: COCOImageFolder
  }

  let url: URL
  let parts: [Part]
  /// Files that annotate keypoints, which need not be those of the boxes.
  let keypointFiles: [URL]

  /// Annotation files that a folder holds: in `annotations`, one in each folder of a split, or in
  /// the folder itself; empty if it holds none.
  static func files(in folder: URL) throws -> [URL] {
    let names = try VOCFolder.list(folder)
    for name in names where name.lowercased() == "annotations" {
      let files = try jsons(in: folder.appending(path: name))
      if !files.isEmpty { return files }
    }
    let splits = try names.map { folder.appending(path: $0) }.filter(VOCFolder.isFolder)
      .flatMap { try jsons(in: $0) }.filter { $0.lastPathComponent == "_annotations.coco.json" }
    return try splits.isEmpty ? jsons(in: folder) : splits
  }

  private static func jsons(in folder: URL) throws -> [URL] {
    guard VOCFolder.isFolder(folder) else { return [] }
    let files = try VOCFolder.list(folder).filter { $0.lowercased().hasSuffix(".json") }
      .map { folder.appending(path: $0) }.filter { JSONEnds($0)?.isCOCO ?? false }
    // COCO's own download has captions, keypoints and boxes of the same images.
    let boxes = files.filter { $0.lastPathComponent.hasPrefix("instances_") }
    return boxes.isEmpty ? files : boxes
  }

  /// Reads one file, which is then the whole set, or those of a folder.
  ///
  /// - Throws: `FileError` for a broken file, ``DataError`` for images that are not found and for two
  ///   files of one split.
  init(url: URL, files: [URL]) throws {
    self.url = url
    keypointFiles = try Self.keypointFiles(beside: files, at: url)
    var parts: [Part] = []
    for (name, file) in try Self.splits(of: files, at: url) {
      let data: Foundation.Data
      do {
        data = try Foundation.Data(contentsOf: file)
      } catch {
        throw DataError.unreadable(file.path, error)
      }
      let annotations = try COCOAnnotations(data, file: file.path, isStrict: false)
      parts.append(
        Part(
          name: name, file: file, annotations: annotations,
          images: try COCOImageFolder(annotations.pictures.map(\.fileName), json: file)))
    }
    self.parts = parts
  }

  /// Files with the splits that they are.
  ///
  /// - Throws: ``DataError/ambiguous(_:first:second:remedy:)`` for two files of one split.
  static func splits(of files: [URL], at url: URL) throws -> [(split: String, file: URL)] {
    var splits: [(split: String, file: URL)] = []
    for file in files {
      // A file that is alone is the whole set, unless its name says which split of it.
      let split = Self.split(file)
      let isWhole = files.count == 1 && (file == url || !SplitChoice.usual.contains(split))
      let name = isWhole ? SplitChoice.whole : split
      if let other = splits.first(where: { $0.split == name }) {
        throw DataError.ambiguous(
          url.path, first: other.file.lastPathComponent, second: file.lastPathComponent,
          remedy: "give the path of one of them")
      }
      splits.append((name, file))
    }
    return splits
  }

  /// Which files beside those of a set, or among them, annotate keypoints.
  private static func keypointFiles(beside files: [URL], at url: URL) throws -> [URL] {
    func haveKeypoints(_ files: [URL]) -> [URL] {
      files.filter { JSONEnds($0)?.has("keypoints") ?? false }
    }
    if files == [url] { return haveKeypoints(files) }
    let folders = files.map { $0.deletingLastPathComponent() }.reduce(into: [URL]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return try folders.flatMap { folder in
      haveKeypoints(
        try VOCFolder.list(folder).filter { $0.lowercased().hasSuffix(".json") }
          .map { folder.appending(path: $0) }.filter { JSONEnds($0)?.isCOCO ?? false })
    }
  }

  /// The split that a file's name, or for Roboflow's its folder's, tells.
  private static func split(_ file: URL) -> String {
    if file.lastPathComponent == "_annotations.coco.json" {
      return SplitChoice.canonical(file.deletingLastPathComponent().lastPathComponent)
    }
    let stem = file.deletingPathExtension().lastPathComponent
    let words = stem.split { !$0.isLetter }.map { SplitChoice.canonical(String($0)) }
    return words.first(where: SplitChoice.usual.contains) ?? stem
  }

  /// Names of all parts' categories, in their order.
  var classNames: [String] {
    parts.flatMap(\.annotations.classNames).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }

  /// The pictures of a part; images that do not exist are left out.
  func drafts(_ part: Part, problems: inout [DataProblem]) -> [ObjectDraft] {
    problems += part.annotations.problems
    let names = part.annotations.classNames
    let prefix = part.file.deletingPathExtension().lastPathComponent
    return part.annotations.pictures.compactMap { picture in
      let image = part.images.url(of: picture.fileName)
      guard FileManager.default.fileExists(atPath: image.path) else {
        problems.append(
          DataProblem(
            file: part.file.path, kind: .missingImage,
            text: "no image '\(picture.fileName)' in \(part.images.text)"))
        return nil
      }
      return ObjectDraft(
        id: picture.id, qualifiedID: prefix + "/" + picture.id, image: .file(image),
        size: picture.size,
        objects: picture.objects.indices.map { i in
          let truth = picture.objects[i]
          let (box, number) = (truth.box, picture.numbers[i])
          return ObjectDraft.Object(
            className: names[truth.classIndex], box: box, isDifficult: truth.isDifficult,
            detail: picture.details[i], file: part.file.path, line: nil,
            place: "\(box.measures) (annotations[\(number)], image '\(picture.id)')",
            hasArea: box.width > 0 && box.height > 0)
        })
    }
  }
}

/// The folder that the file names of a COCO file are relative to.
struct COCOImageFolder: Sendable {
  private let root: URL
  /// The folder as seen from the JSON's, for people.
  let text: String

  /// Tries the places where images of a JSON usually lie.
  ///
  /// - Throws: ``DataError/imagesNotFound(_:name:places:)``.
  init(_ names: [String], json: URL) throws {
    let here = json.deletingLastPathComponent()
    let stem = json.deletingPathExtension().lastPathComponent
    let tail = stem.split(separator: "_").last.map(String.init) ?? stem
    var places = [
      ".", "images", "..", "../images", stem, "../\(stem)", tail, "../\(tail)", "images/\(tail)",
      "../images/\(tail)", "JPEGImages", "../JPEGImages",
    ]
    // Of `training_frames_keypoints` the pictures are in `training`.
    if let head = stem.split(separator: "_").first.map(String.init), head != stem, head != tail {
      places += [head, "images/\(head)"]
    }
    // A few images tell as much as all of many.
    let step = max(1, names.count / 20)
    let some = stride(from: 0, to: names.count, by: step).map { names[$0] }
    var best: (place: String, count: Int) = ("", 0)
    for place in places {
      let folder = here.appending(path: place)
      let count = some.count { name in
        FileManager.default.fileExists(atPath: folder.appending(path: name).path)
      }
      if count > best.count { best = (place, count) }
    }
    guard best.count > 0 else {
      throw DataError.imagesNotFound(json.path, name: names.first ?? "", places: places)
    }
    root = best.place == "." ? here : here.appending(path: best.place).standardizedFileURL
    text = best.place == "." ? "the same folder" : best.place + "/"
  }

  func url(of name: String) -> URL { root.appending(path: name) }
}
