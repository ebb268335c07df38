import Files
import Foundation

/// The ids of one split of a folder.
struct VOCSplit {
  /// An id, and where a list names it.
  struct Entry {
    let id: String
    var list: URL?
    var line: Int?
  }

  /// nil if the folder has no such split.
  ///
  /// In this order: ImageSets/Main/SPLIT.txt; `all` for every annotation; without lists a subfolder
  /// of that name, then a random choice, where `val` gets `valFraction` of the annotations
  /// (rounded, at least one and not all), `train` the others, `trainval` everything.
  static func entries(
    of folder: VOCFolder, split: String, valFraction: Float, seed: UInt64
  ) throws -> [Entry]? {
    if let list = folder.splitLists[split] { return try read(list) }
    let ids = folder.annotations.keys.sorted()
    if split == "all" { return ids.map { Entry(id: $0) } }
    guard folder.splitLists.isEmpty else { return nil }
    let below = ids.filter { $0.hasPrefix(split + "/") }
    if !below.isEmpty { return below.map { Entry(id: $0) } }
    guard let chosen = choose(ids, split: split, valFraction: valFraction, seed: seed) else {
      return nil
    }
    return chosen.map { Entry(id: $0) }
  }

  /// The names of the splits that ``entries(of:split:valFraction:seed:)`` knows.
  static func names(of folder: VOCFolder) -> [String] {
    if !folder.splitLists.isEmpty {
      // Names like dog_train belong to one class.
      return folder.splitLists.keys.filter { !$0.contains("_") }.sorted() + ["all"]
    }
    let subfolders = folder.annotations.keys.compactMap { id in
      id.firstIndex(of: "/").map { String(id[..<$0]) }
    }
    return Set(subfolders).union(["train", "val", "trainval", "all"]).sorted()
  }

  private static func choose(
    _ ids: [String], split: String, valFraction: Float, seed: UInt64
  ) -> [String]? {
    if split == "trainval" { return ids }
    guard split == "train" || split == "val" else { return nil }
    return SplitChoice.seeded(
      count: ids.count, fraction: valFraction, isValidation: split == "val",
      using: SplitChoice.random(seed: seed)
    ).map { ids[$0] }
  }

  private static func read(_ list: URL) throws -> [Entry] {
    let text: String
    do {
      text = try String(contentsOf: list, encoding: .utf8)
    } catch {
      throw DataError.folder(list.path, reason: "cannot be read: \(FileProblem.reason(error))")
    }
    var entries: [Entry] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated() {
      // Lists of one class have a second column.
      guard let id = line.split(whereSeparator: \.isWhitespace).first else { continue }
      entries.append(Entry(id: String(id), list: list, line: index + 1))
    }
    return entries
  }
}
