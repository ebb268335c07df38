import Files
import Foundation

/// Finds annotations of keypoints.
enum KeypointSources {
  /// What a JSON file holds.
  ///
  /// - Throws: `FileError`, ``DataError``.
  static func json(_ file: URL) throws -> RecognizedDataset.Content {
    guard let ends = JSONEnds(file) else { return .coco(try COCOSet(url: file, files: [file])) }
    if ends.isMPII { return .keypoints(try KeypointSet(mpii: [file])) }
    if ends.isKeypointFile { return .keypoints(try KeypointSet(keypointFile: file)) }
    return try coco(url: file, files: [file])
  }

  /// COCO files as boxes; those that do not serve for boxes as keypoints alone.
  ///
  /// - Throws: `FileError`, ``DataError``.
  static func coco(url: URL, files: [URL]) throws -> RecognizedDataset.Content {
    do {
      return .coco(try COCOSet(url: url, files: files))
    } catch let error as FileError {
      guard files.allSatisfy({ JSONEnds($0)?.has("keypoints") ?? false }) else { throw error }
      return .keypoints(try KeypointSet(coco: COCOSet.splits(of: files, at: url)))
    }
  }

  /// What a CSV file holds.
  ///
  /// - Throws: `FileError`, ``DataError``.
  static func csv(_ file: URL) throws -> RecognizedDataset.Content {
    switch try tableKind(file) {
    case .deepLabCut: .keypoints(try KeypointSet(deepLabCut: [file]))
    case .dotList: .keypoints(try KeypointSet(dotList: file))
    case .keypointTable: .keypoints(try KeypointSet(tables: [file]))
    default: .files(try ClassifiedFiles(table: file))
    }
  }

  /// The format of a CSV of keypoints; nil for another one.
  private static func tableKind(_ file: URL) throws -> DatasetFormat? {
    let records = try CellReader.records(file)
    if DeepLabCutTable.matches(records) { return .deepLabCut }
    if DotList.matches(records) { return .dotList }
    return KeypointTable.matches(records) ? .keypointTable : nil
  }

  /// The set of a folder that says itself what it is; nil if there is none.
  ///
  /// - Throws: `FileError`, ``DataError``; ``DataError/ambiguous(_:first:second:remedy:)`` for two sets.
  static func find(in folder: URL) throws -> KeypointSet? {
    let names = try VOCFolder.list(folder)
    func file(_ name: String) -> URL { folder.appending(path: name) }
    if names.contains("joints.mat") { return try KeypointSet(leeds: file("joints.mat")) }
    let lists = try jsons(in: folder, names).filter { JSONEnds($0)?.isMPII ?? false }
    if !lists.isEmpty { return try KeypointSet(mpii: withoutUnions(lists)) }
    let own = names.filter { VOCFolder.kind($0) == "json" }.map(file)
      .filter { JSONEnds($0)?.isKeypointFile ?? false }
    if let first = own.first {
      if own.count > 1 {
        throw DataError.ambiguous(
          folder.path, first: first.lastPathComponent, second: own[1].lastPathComponent,
          remedy: "give the path of one of them")
      }
      return try KeypointSet(keypointFile: first)
    }
    let tables = try deepLabCut(in: folder, names)
    if !tables.isEmpty { return try KeypointSet(deepLabCut: tables) }
    return try KeypointSet(dotsIn: folder)
  }

  /// The set of a folder's CSV files; nil if there is none.
  ///
  /// - Throws: `FileError`, ``DataError``; ``DataError/ambiguous(_:first:second:remedy:)`` for several lists.
  static func tables(in folder: URL) throws -> KeypointSet? {
    let files = try VOCFolder.list(folder).filter { VOCFolder.kind($0) == "csv" }
      .map { folder.appending(path: $0) }
    let kinds = try files.map { (file: $0, kind: try tableKind($0)) }
    let lists = kinds.filter { $0.kind == .dotList }.map(\.file)
    let tables = kinds.filter { $0.kind == .keypointTable }.map(\.file)
    if lists.count + (tables.isEmpty ? 0 : 1) > 1 {
      throw DataError.ambiguous(
        folder.path, first: lists[0].lastPathComponent,
        second: (lists.dropFirst() + tables)[0].lastPathComponent,
        remedy: "give the path of one of them")
    }
    if let list = lists.first { return try KeypointSet(dotList: list) }
    return tables.isEmpty ? nil : try KeypointSet(tables: tables)
  }

  /// JSON files of a folder, and of its folder of annotations.
  private static func jsons(in folder: URL, _ names: [String]) throws -> [URL] {
    let inner = names.filter { ["annot", "annotations"].contains($0.lowercased()) }
      .map { folder.appending(path: $0) }.filter(VOCFolder.isFolder)
    return try ([folder] + inner).flatMap { place in
      try VOCFolder.list(place).filter { VOCFolder.kind($0) == "json" }
        .map { place.appending(path: $0) }
    }
  }

  /// Files of splits without those that hold others' persons again.
  private static func withoutUnions(_ files: [URL]) -> [URL] {
    let parts = files.filter { SplitChoice.split(ofFile: $0) != SplitChoice.whole }
    return parts.isEmpty ? files : parts
  }

  private static func deepLabCut(in folder: URL, _ names: [String]) throws -> [URL] {
    func tables(_ place: URL) throws -> [URL] {
      try VOCFolder.list(place).filter {
        $0.hasPrefix("CollectedData") && VOCFolder.kind($0) == "csv"
      }.map { place.appending(path: $0) }
    }
    let here = try tables(folder)
    if !here.isEmpty { return here }
    let videos = folder.appending(path: "labeled-data")
    guard VOCFolder.isFolder(videos) else { return [] }
    return try VOCFolder.list(videos).map { videos.appending(path: $0) }
      .filter(VOCFolder.isFolder).flatMap(tables)
  }
}

/// The two ends of a JSON file, which tell a large one's keys without reading all of it.
struct JSONEnds {
  private let bytes: Data

  /// Reads 64 KiB at either end; nil if the file cannot be read.
  init?(_ file: URL) {
    guard let handle = try? FileHandle(forReadingFrom: file) else { return nil }
    defer { try? handle.close() }
    let span = 1 << 16
    guard var bytes = try? handle.read(upToCount: span) else { return nil }
    let end = (try? handle.seekToEnd()) ?? 0
    if end > UInt64(span) {
      try? handle.seek(toOffset: max(UInt64(span), end - UInt64(min(end, UInt64(span)))))
      bytes += (try? handle.read(upToCount: span)) ?? Data()
    }
    self.bytes = bytes
  }

  /// Whether it is a list.
  var isList: Bool { bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "[") }

  /// Whether a key occurs.
  func has(_ key: String) -> Bool { bytes.range(of: Data("\"\(key)\"".utf8)) != nil }

  /// Whether it has COCO's keys.
  var isCOCO: Bool { !isList && ["images", "categories", "annotations"].count(where: has) >= 2 }
  /// Whether it is a list of MPII's persons.
  var isMPII: Bool { isList && (has("joint_self") || has("joints_vis")) }
  /// Whether it has the keys of our own format, and not COCO's.
  var isKeypointFile: Bool {
    !isList && has("names") && has("images") && !has("annotations") && !has("categories")
  }
}
