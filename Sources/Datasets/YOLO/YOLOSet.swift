import Detection
import Files
import Foundation
import Geometry
import Images

/// Images with YOLO's label files: by a `data.yaml`, or folders `images` and `labels`.
struct YOLOSet: Sendable {
  /// An image and where its labels are, if it has any.
  struct Entry: Sendable {
    let id: String
    let image: URL
    /// nil: nothing is in the image.
    let labels: URL?
  }

  /// The images of one split.
  struct Part: Sendable {
    let name: String
    let entries: [Entry]
    /// Label files without image.
    let orphans: [URL]
  }

  let url: URL
  /// What describes it, for people.
  let layout: String
  /// nil: nothing says them.
  let classNames: [String]?
  let parts: [Part]

  /// A set described by a YAML file.
  init(description: YOLODescription) throws {
    url = description.file
    layout = description.file.lastPathComponent
    classNames = description.classNames
    let root = description.file.deletingLastPathComponent()
    parts = try description.sources.map { split, places in
      try Self.part(split, places, root: root)
    }
  }

  /// A set of folders; nil if there are none.
  ///
  /// A folder of a split may stand above or below `images`.
  init?(folder: URL) throws {
    let names = try VOCFolder.list(folder)
    func isPair(_ folder: URL) -> Bool {
      VOCFolder.isFolder(folder.appending(path: "images"))
        && VOCFolder.isFolder(folder.appending(path: "labels"))
    }
    var places: [(split: String, folder: URL)] = []
    if isPair(folder) {
      let images = folder.appending(path: "images")
      let splits = try VOCFolder.list(images).filter {
        VOCFolder.isFolder(images.appending(path: $0))
      }
      places = splits.map { (SplitChoice.canonical($0), images.appending(path: $0)) }
      if places.isEmpty { places = [(SplitChoice.whole, images)] }
      layout = "images/ and labels/"
    } else {
      places = names.filter { isPair(folder.appending(path: $0)) }.map {
        (SplitChoice.canonical($0), folder.appending(path: $0).appending(path: "images"))
      }
      layout = "SPLIT/images/ and SPLIT/labels/"
    }
    if places.isEmpty { return nil }
    url = folder
    classNames = try Self.names(in: folder, names)
    parts = try places.map { split, place in try Self.part(split, [place], root: folder) }
  }

  /// `classes.txt` or a `.names` file, beside or in the folder of labels.
  private static func names(in folder: URL, _ names: [String]) throws -> [String]? {
    let candidates =
      (["classes.txt"] + names.filter { $0.hasSuffix(".names") } + ["labels/classes.txt"])
      .map { folder.appending(path: $0) }
    guard let file = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
    else { return nil }
    do {
      return try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    } catch {
      throw DataError.unreadable(file.path, error)
    }
  }

  private static func part(_ name: String, _ places: [URL], root: URL) throws -> Part {
    var images: [URL] = []
    var labelFolders: [URL] = []
    for place in places {
      if VOCFolder.isFolder(place) {
        images += try VOCFolder.imageFiles(below: place)
        labelFolders.append(labels(of: place.appending(path: "x")).deletingLastPathComponent())
      } else {
        images += try list(place, root: root)
      }
    }
    let stems = images.map { $0.deletingPathExtension().lastPathComponent }
    let uses = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
    let entries = zip(images, stems).map { image, stem in
      let file = labels(of: image)
      let path = image.deletingPathExtension().path
      let qualified =
        path.hasPrefix(root.path + "/") ? String(path.dropFirst(root.path.count + 1)) : path
      return Entry(
        id: uses[stem] == 1 ? stem : qualified, image: image,
        labels: FileManager.default.fileExists(atPath: file.path) ? file : nil)
    }
    let used = Set(entries.compactMap { $0.labels?.standardizedFileURL.path })
    let orphans = try labelFolders.filter(VOCFolder.isFolder).flatMap { folder in
      try VOCFolder.list(folder).filter(YOLOLabels.isLabelFile)
        .map { folder.appending(path: $0) }.filter { !used.contains($0.standardizedFileURL.path) }
    }
    return Part(name: name, entries: entries, orphans: orphans)
  }

  /// The label file of an image: `labels` in place of the last `images` of its path, and `.txt`.
  private static func labels(of image: URL) -> URL {
    var parts = image.deletingPathExtension().path.split(
      separator: "/", omittingEmptySubsequences: false
    ).map(String.init)
    if let index = parts.dropLast().lastIndex(of: "images") { parts[index] = "labels" }
    return URL(filePath: parts.joined(separator: "/") + ".txt")
  }

  /// The images that a text file lists, relative to its folder, or to the set's.
  private static func list(_ file: URL, root: URL) throws -> [URL] {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    let here = file.deletingLastPathComponent()
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      let path = line.trimmingCharacters(in: .whitespaces)
      if path.isEmpty { return nil }
      if path.hasPrefix("/") { return URL(filePath: path) }
      let places = [here, root].map { $0.appending(path: path).standardizedFileURL }
      return places.first { FileManager.default.fileExists(atPath: $0.path) } ?? places[0]
    }
  }

  /// The pictures of some entries; those that do not exist or cannot be read are left out.
  ///
  /// - Throws: `FileError` for a line of a label file that cannot be read.
  func drafts(
    _ entries: [Entry], classNames: [String], problems: inout [DataProblem]
  ) throws -> [ObjectDraft] {
    try entries.compactMap { entry in
      let size: PixelSize
      do {
        size = try ImageSource.file(entry.image).readSize()
      } catch {
        let isThere = FileManager.default.fileExists(atPath: entry.image.path)
        problems.append(
          isThere
            ? .unreadableImage(.file(entry.image), error)
            : DataProblem(file: entry.image.path, kind: .missingImage, text: "no such image"))
        return nil
      }
      let labels = try entry.labels.map {
        try YOLOLabels(contentsOf: $0, name: $0.path, size: size, classCount: classNames.count)
      }
      return ObjectDraft(
        id: entry.id, qualifiedID: url.deletingPathExtension().lastPathComponent + "/" + entry.id,
        image: .file(entry.image), size: size,
        objects: zip(labels?.objects ?? [], labels?.lines ?? []).map { truth, line in
          ObjectDraft.Object(
            className: classNames[truth.classIndex], box: truth.box, isDifficult: false,
            file: entry.labels?.path ?? "", line: line, place: truth.box.measures,
            hasArea: truth.box.width > 0 && truth.box.height > 0)
        })
    }
  }
}

extension Box {
  /// `w x h at (x, y)` in pixels, for messages.
  var measures: String { String(format: "%g x %g at (%g, %g)", width, height, left, top) }
}

extension VOCFolder {
  /// Image files of a folder and those below it, sorted.
  static func imageFiles(below folder: URL) throws -> [URL] {
    try list(folder).flatMap { name -> [URL] in
      let file = folder.appending(path: name)
      if isFolder(file) { return try imageFiles(below: file) }
      return imageExtensions.contains(file.pathExtension.lowercased()) ? [file] : []
    }
  }
}
