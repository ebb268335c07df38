import Files
import Foundation
import Images

/// One folder of annotated images, whatever its layout.
struct VOCFolder {
  /// The folder that stands for the set, as given or a year of a devkit.
  let url: URL
  /// All annotations, by id: the path below the folder, without extension.
  private(set) var annotations: [String: URL] = [:]
  /// All images, by id; normally one each.
  private(set) var images: [String: [URL]] = [:]
  /// Where `SPLIT.txt` may be; nil if the layout has no such files.
  private(set) var splitLists: [String: URL] = [:]
  /// Where annotations and images lie, for people.
  let layout: String

  static let imageExtensions = PictureExtensions.all

  /// The folder or folders of annotated images at a path.
  ///
  /// In this order: annotation and image folders (Annotations, JPEGImages; annotations, images);
  /// a devkit of such folders, or a folder that holds a VOCdevkit; XML beside images, at any depth.
  static func discover(at url: URL) throws -> [VOCFolder] {
    guard isFolder(url) else { throw DataError.noSuchFolder(url.path) }
    if let folder = try VOCFolder(parallelFoldersIn: url) { return [folder] }
    let names = try list(url)
    let years = try names.map { url.appending(path: $0) }.filter(isFolder)
      .compactMap { try VOCFolder(parallelFoldersIn: $0) }
    if !years.isEmpty { return years }
    if names.contains("VOCdevkit") { return try discover(at: url.appending(path: "VOCdevkit")) }
    let folder = try VOCFolder(filesBesideEachOtherIn: url)
    if folder.annotations.isEmpty { throw DataError.noAnnotations(url.path) }
    return [folder]
  }

  private init?(parallelFoldersIn url: URL) throws {
    let names = try VOCFolder.list(url)
    func folder(_ candidates: [String]) -> URL? {
      for candidate in candidates {
        for name in names where name.lowercased() == candidate {
          let folder = url.appending(path: name)
          if VOCFolder.isFolder(folder) { return folder }
        }
      }
      return nil
    }
    guard let annotationFolder = folder(["annotations", "annotation", "xmls", "xml"]) else {
      return nil
    }
    guard let imageFolder = folder(["jpegimages", "images", "imgs"]) else {
      throw DataError.noImages(url.path)
    }
    self.url = url
    layout = "\(annotationFolder.lastPathComponent)/ and \(imageFolder.lastPathComponent)/"
    try collect(annotationFolder, "", depth: 0)
    try collect(imageFolder, "", depth: 0)
    let lists = url.appending(path: "ImageSets").appending(path: "Main")
    guard VOCFolder.isFolder(lists) else { return }
    for name in try VOCFolder.list(lists) where name.hasSuffix(".txt") {
      splitLists[String(name.dropLast(4))] = lists.appending(path: name)
    }
  }

  private init(filesBesideEachOtherIn url: URL) throws {
    self.url = url
    layout = "XML beside the images"
    try collect(url, "", depth: 0)
  }

  private mutating func collect(_ folder: URL, _ prefix: String, depth: Int) throws {
    for name in try VOCFolder.list(folder) {
      let file = folder.appending(path: name)
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      let kind = parts.count > 1 ? (parts.last ?? "").lowercased() : ""
      let id = prefix + name.dropLast(kind.count + 1)
      if kind == "xml" {
        annotations[id] = file
      } else if VOCFolder.imageExtensions.contains(kind) {
        images[id, default: []].append(file)
      } else if depth < 4, kind.isEmpty || VOCFolder.isFolder(file) {
        if VOCFolder.isFolder(file) { try collect(file, prefix + name + "/", depth: depth + 1) }
      }
    }
  }

  /// Names in a folder without hidden ones, sorted.
  static func list(_ folder: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw DataError.folder(folder.path, reason: FileProblem.reason(error))
    }
  }

  static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
