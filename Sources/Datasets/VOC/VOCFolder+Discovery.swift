import Foundation

extension VOCFolder {
  /// The folder or folders of annotated images at a path.
  ///
  /// In this order: annotation and image folders (Annotations, JPEGImages; annotations, images; and
  /// other usual names); folders of such folders (a devkit of years, one for each split, several
  /// sources), a VOCdevkit first, down to the third level; XML beside images, at any depth.
  ///
  /// - Throws: ``DataError``.
  static func discover(at url: URL) throws -> [VOCFolder] {
    guard isFolder(url) else { throw DataError.noSuchFolder(url.path) }
    if let folder = try VOCFolder(parallelFoldersIn: url) { return [folder] }
    var level = [url]
    for _ in 1...3 {
      level = try level.flatMap { folder in
        try list(folder).map { folder.appending(path: $0) }.filter(isFolder)
      }
      let found = try level.compactMap { try VOCFolder(parallelFoldersIn: $0, isNested: true) }
      if !found.isEmpty { return found.map { $0.with(root: url) } }
      if let devkit = level.first(where: { $0.lastPathComponent == "VOCdevkit" }) {
        return try discover(at: devkit)
      }
      // Wide trees are no devkits.
      if level.count > 1000 { break }
    }
    let folder = try VOCFolder(filesBesideEachOtherIn: url)
    if folder.annotations.isEmpty { throw DataError.noAnnotations(url.path) }
    return [folder]
  }

  /// Takes the split from the folder's own path below what was given.
  private func with(root: URL) -> VOCFolder {
    var result = self
    let path = RecognizedDataset.relative(url, to: root)
    result.part = VOCSplit.usualPart(path.split(separator: "/"))
    return result
  }

  /// Folders and lists at a path that belong to none of the folders found there.
  static func unused(at url: URL, by folders: [VOCFolder]) throws -> [String] {
    let lists = folders.flatMap { folder in
      let place = RecognizedDataset.relative(folder.url, to: url)
      return folder.unusedLists.map { folder.url.path == url.path ? $0 : "\(place)/\($0)" }
    }
    let hasLists = folders.contains { !$0.lists.isEmpty }
    if hasLists || folders.contains(where: { $0.url.path == url.path }) { return lists }
    let others = try list(url).filter { name in
      let place = url.appending(path: name)
      if isFolder(place) {
        let path = place.path + "/"
        return !folders.contains { ($0.url.path + "/").hasPrefix(path) }
      }
      return listName(name, isAnywhere: true) != nil
    }
    return lists + others.map { isFolder(url.appending(path: $0)) ? $0 + "/" : $0 }
  }
}
