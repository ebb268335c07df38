import Files
import Foundation
import Images

/// One folder of annotated images, whatever its layout.
struct VOCFolder {
  /// The folder that stands for the set, as given or one of several below it.
  let url: URL
  /// All annotations, by id: the path below the folder, without extension.
  private(set) var annotations: [String: URL] = [:]
  /// All images, by id; normally one each.
  private(set) var images: [String: [URL]] = [:]
  /// The files that list the ids of a split, by its name.
  var lists: [String: URL] = [:]
  /// Files that may be meant as lists, and why they are not used.
  var unusedLists: [String] = []
  /// The split that the folder itself is, told by its name: `train`, `val`, `test`.
  var part: String?
  /// Where annotations and images lie, for people.
  let layout: String

  static let imageExtensions = PictureExtensions.all
  /// Names of folders that hold annotations; the later ones only if there is XML in them.
  static let annotationNames = [
    "annotations", "annotation", "xmls", "xml", "anns", "ann", "labels", "label", "bboxes",
  ]
  /// Names of folders that hold images.
  static let imageNames = [
    "jpegimages", "images", "imgs", "image", "img", "jpegs", "pictures", "photos",
  ]

  /// A folder with a folder of annotations and one of images; nil if it has none of annotations.
  ///
  /// - Throws: ``DataError/noImages(_:)``; ``DataError/ambiguous(_:first:second:remedy:)`` for two
  ///   folders of either kind.
  init?(parallelFoldersIn url: URL, isNested: Bool = false) throws {
    let subfolders = try Self.list(url).map { url.appending(path: $0) }.filter(Self.isFolder)
    func candidates(_ names: [String]) -> [URL] {
      names.flatMap { name in subfolders.filter { $0.lastPathComponent.lowercased() == name } }
    }
    let possible = candidates(Self.annotationNames)
    let withXML = try possible.filter { try Self.holds(["xml"], $0, depth: 0) }
    let classic = possible.first { Self.annotationNames.prefix(4).contains(Self.lowercased($0)) }
    guard var annotationFolder = withXML.first ?? (isNested ? nil : classic) else { return nil }
    try Self.requireOne(withXML, of: "annotations", in: url)
    // annotations/xmls, as of the Oxford pets.
    let inner = try Self.list(annotationFolder).filter {
      ["xmls", "xml"].contains($0.lowercased())
    }
    if let inner = inner.first {
      let direct = try Self.list(annotationFolder).contains { $0.lowercased().hasSuffix(".xml") }
      if !direct { annotationFolder = annotationFolder.appending(path: inner) }
    }
    let imageFolders = candidates(Self.imageNames)
    let withImages = try imageFolders.filter { try Self.holds(Self.imageExtensions, $0, depth: 0) }
    let areBeside = try Self.list(url).contains { Self.imageExtensions.contains(Self.kind($0)) }
    guard let imageFolder = withImages.first ?? (areBeside ? url : imageFolders.first) else {
      throw DataError.noImages(url.path)
    }
    try Self.requireOne(withImages, of: "images", in: url)
    self.url = url
    let place = RecognizedDataset.relative(annotationFolder, to: url)
    let isApart = imageFolder.path != url.path
    layout = isApart ? "\(place)/ and \(imageFolder.lastPathComponent)/" : "\(place)/ beside images"
    if isApart {
      try collect(imageFolder, "", depth: 0)
    } else {
      try collect(url, "", depth: 4)
      annotations = [:]
    }
    try collect(annotationFolder, "", depth: 0)
    matchByName()
    try findLists(beside: [annotationFolder, imageFolder])
  }

  /// A folder of XML files and images, at any depth.
  init(filesBesideEachOtherIn url: URL) throws {
    self.url = url
    layout = "XML beside the images"
    try collect(url, "", depth: 0)
    matchByName()
    if !annotations.isEmpty { try findLists(beside: []) }
  }

  private static func lowercased(_ url: URL) -> String { url.lastPathComponent.lowercased() }

  /// Two names of one folder, as links make them, are one.
  private static func requireOne(_ folders: [URL], of what: String, in url: URL) throws {
    guard let first = folders.first,
      let second = folders.first(where: {
        $0.resolvingSymlinksInPath().path != first.resolvingSymlinksInPath().path
      })
    else { return }
    throw DataError.ambiguous(
      url.path, first: "VOC with the \(what) of \(first.lastPathComponent)/",
      second: "with those of \(second.lastPathComponent)/", remedy: "move one of them away")
  }

  /// Whether a file of one of the kinds lies somewhere in a folder.
  private static func holds(_ kinds: Set<String>, _ folder: URL, depth: Int) throws -> Bool {
    let names = try list(folder)
    if names.contains(where: { kinds.contains(kind($0)) }) { return true }
    guard depth < 4 else { return false }
    return try names.map { folder.appending(path: $0) }.contains {
      try isFolder($0) && holds(kinds, $0, depth: depth + 1)
    }
  }

  static func kind(_ name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 ? (parts.last ?? "").lowercased() : ""
  }

  private mutating func collect(_ folder: URL, _ prefix: String, depth: Int) throws {
    for name in try VOCFolder.list(folder) {
      let file = folder.appending(path: name)
      let kind = Self.kind(name)
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

  /// Joins what has one name in different folders, where that can be read in one way only.
  private mutating func matchByName() {
    func name(_ id: String) -> Substring { id.split(separator: "/").last ?? id[...] }
    let lone = annotations.keys.filter { images[$0] == nil }
    if lone.isEmpty { return }
    let free = Dictionary(
      grouping: images.keys.filter { annotations[$0] == nil }, by: name)
    for (name, ids) in Dictionary(grouping: lone, by: name) {
      guard let id = ids.first, ids.count == 1, let found = free[name], found.count == 1 else {
        continue
      }
      images[id] = images.removeValue(forKey: found[0])
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
