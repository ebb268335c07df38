import Files
import Foundation

/// The ids of one split of a set.
struct VOCSplit {
  /// An id of a folder, and where a list names it.
  struct Entry {
    let folder: VOCFolder
    let id: String
    var list: URL?
    var line: Int?
    /// What else the list could mean.
    var others: [String] = []

    /// Why there is nothing of this id, for people.
    var missing: String {
      others.isEmpty
        ? "no annotation of '\(id)'"
        : "the list can mean '\(id)' or '\(others[0])'; write the folder, too"
    }
  }

  /// nil if the set has no such split.
  ///
  /// `valid`, `validation` and `dev` are `val`, `training` and `testing` what they say. In this order:
  /// the list of that name (`trainval` may be two); `all` for every annotation; folders of that name;
  /// without lists and such folders a random choice, where `val` gets `valFraction` of the
  /// annotations (rounded, at least one and not all), `train` the others, `trainval` everything.
  /// Where there is a folder `train` and none `val`, the choice is among the images of `train`.
  ///
  /// - Throws: ``DataError`` for a list that cannot be read or that contradicts the folders.
  static func entries(
    of folders: [VOCFolder], split: String, valFraction: Float, seed: UInt64
  ) throws -> [Entry]? {
    if folders.contains(where: { $0.part != nil }), folders.allSatisfy(\.lists.isEmpty) {
      let all = folders.flatMap { folder in
        folder.annotations.keys.sorted().map {
          (part: folder.part ?? folder.url.lastPathComponent, entry: Entry(folder: folder, id: $0))
        }
      }
      return choose(all, split: split, valFraction: valFraction, seed: seed)
    }
    let found = try folders.compactMap {
      try entries(of: $0, split: split, valFraction: valFraction, seed: seed)
    }
    return found.isEmpty ? nil : found.flatMap(\.self)
  }

  private static func entries(
    of folder: VOCFolder, split: String, valFraction: Float, seed: UInt64
  ) throws -> [Entry]? {
    let name = SplitChoice.canonical(split)
    let ids = folder.annotations.keys.sorted()
    if !folder.lists.isEmpty {
      if name == "all", folder.lists[name] == nil {
        return ids.map { Entry(folder: folder, id: $0) }
      }
      if let list = folder.lists[split] ?? folder.lists[name] {
        return try read(list, name, of: folder)
      }
      guard name == "trainval", let train = folder.lists["train"], let val = folder.lists["val"]
      else { return nil }
      return try read(train, name, of: folder) + read(val, name, of: folder)
    }
    let parted = ids.map { (part: part(of: $0), entry: Entry(folder: folder, id: $0)) }
    if parted.contains(where: { SplitChoice.usual.contains($0.part) }) {
      return choose(parted, split: split, valFraction: valFraction, seed: seed)
    }
    let below = ids.filter { $0.hasPrefix(split + "/") }
    if !below.isEmpty { return below.map { Entry(folder: folder, id: $0) } }
    return choose(
      parted.map { (SplitChoice.whole, $0.entry) }, split: split, valFraction: valFraction,
      seed: seed)
  }

  private static func choose(
    _ entries: [(part: String, entry: Entry)], split: String, valFraction: Float, seed: UInt64
  ) -> [Entry]? {
    switch SplitChoice(split, of: Set(entries.map(\.part)).sorted()) {
    case nil: return nil
    case .parts(let names):
      return entries.filter { names.contains($0.part) }.map(\.entry)
    case .share(let name, let isValidation):
      let base = entries.filter { $0.part == name }
      return SplitChoice.seeded(
        count: base.count, fraction: valFraction, isValidation: isValidation,
        using: SplitChoice.random(seed: seed)
      ).map { base[$0].entry }
    }
  }

  /// `train`, `val` or `test` if a folder of the path is called so.
  static func usualPart(_ path: some Sequence<Substring>) -> String? {
    path.lazy.map { SplitChoice.canonical(String($0)) }.first(where: SplitChoice.usual.contains)
  }

  /// Which part an id belongs to by its folders: a usual one, or else the outermost.
  static func part(of id: String) -> String {
    let folders = id.split(separator: "/").dropLast()
    return usualPart(folders) ?? folders.first.map(String.init) ?? SplitChoice.whole
  }

  /// The names of the splits that ``entries(of:split:valFraction:seed:)`` knows.
  static func names(of folders: [VOCFolder]) -> [String] {
    if folders.contains(where: { $0.part != nil }), folders.allSatisfy(\.lists.isEmpty) {
      return SplitChoice.names(
        of: Set(folders.map { $0.part ?? $0.url.lastPathComponent }).sorted())
    }
    return Set(folders.flatMap(names)).sorted()
  }

  private static func names(of folder: VOCFolder) -> [String] {
    if !folder.lists.isEmpty {
      // Names like dog_train belong to one class.
      return folder.lists.keys.filter { !$0.contains("_") }.sorted() + ["all"]
    }
    let parts = Set(folder.annotations.keys.map(part))
    if !parts.isDisjoint(with: SplitChoice.usual) { return SplitChoice.names(of: parts.sorted()) }
    return Set(parts).subtracting([SplitChoice.whole])
      .union(["train", "val", "trainval", "all"]).sorted()
  }

  /// Reads a list; what a training list shares with the folder `test` contradicts.
  static func read(_ list: URL, _ name: String, of folder: VOCFolder) throws -> [Entry] {
    let entries = try VOCList(list, ids: VOCIDs(folder.annotations.keys)).entries.map {
      Entry(folder: folder, id: $0.id, list: list, line: $0.line, others: $0.others)
    }
    guard SplitChoice.usual.contains(name) else { return entries }
    for entry in entries {
      let part = part(of: entry.id)
      guard (part == "test") != (name == "test"), SplitChoice.usual.contains(part),
        let line = entry.line
      else { continue }
      throw DataError.ambiguous(
        folder.url.path, first: "'\(entry.id)' of \(part) (its folder)",
        second: "of \(name) (\(RecognizedDataset.relative(list, to: folder.url)):\(line))",
        remedy: "move the list away or give the folders one by one")
    }
    return entries
  }
}
