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

  /// Annotations that no list divides.
  private struct Group {
    /// Every annotation with the part that folders tell.
    let entries: [(part: String, entry: Entry)]
    let parts: [String]
    /// Whether folders have the names of usual splits.
    let isDivided: Bool

    /// `isTested`: test images are told elsewhere.
    init(_ entries: [(part: String, entry: Entry)], isDivided: Bool, isTested: Bool = false) {
      self.entries = isDivided ? entries : entries.map { (SplitChoice.whole, $0.entry) }
      self.isDivided = isDivided
      parts = Set(self.entries.map(\.part) + (isTested ? ["test"] : [])).sorted()
    }

    /// The annotations of a split, nil if there is none of that name.
    func entries(of split: String, by shares: SplitShares) throws -> [Entry]? {
      if !isDivided {
        let below = entries.map(\.entry).filter { $0.id.hasPrefix(split + "/") }
        if !below.isEmpty { return below }
      }
      let place = entries.first?.entry.folder.url.path ?? ""
      switch try SplitChoice(split, of: parts, by: shares)?.checked(place: place) {
      case nil: return nil
      case .parts(let names):
        return entries.filter { names.contains($0.part) }.map(\.entry)
      case .share(let share, let name, let shares):
        let base = entries.filter { $0.part == name }
        return shares.indices(of: share, count: base.count, using: shares.random)
          .map { base[$0].entry }
      }
    }
  }

  /// nil if the set has no such split.
  ///
  /// `valid`, `validation` and `dev` are `val`, `training` and `testing` what they say. In this order:
  /// the list of that name (`trainval` may be two); `all` for every annotation; folders of that name;
  /// without lists and such folders the seeded ``SplitShares``. Where there is a folder `train` and
  /// none `val`, the choice is among the images of `train`. Test images that a list or a folder
  /// tells are all that there are.
  ///
  /// - Throws: ``DataError`` for a list that cannot be read or that contradicts the folders, and for a
  ///   share of nothing.
  static func entries(
    of folders: [VOCFolder], split: String, shares: SplitShares
  ) throws -> [Entry]? {
    if let group = common(folders) { return try group.entries(of: split, by: shares) }
    let isTested = isTested(folders)
    let found = try folders.compactMap { folder in
      folder.lists.isEmpty
        ? try group(folder, isTested: isTested).entries(of: split, by: shares)
        : try listed(folder, split)
    }
    return found.isEmpty ? nil : found.flatMap(\.self)
  }

  /// What a split is made of where no list says it.
  static func choices(
    of folders: [VOCFolder], split: String, shares: SplitShares
  ) -> [SplitChoice] {
    let isTested = isTested(folders)
    let groups =
      common(folders).map { [$0] }
      ?? folders.filter(\.lists.isEmpty).map { group($0, isTested: isTested) }
    return groups.compactMap { SplitChoice(split, of: $0.parts, by: shares) }
  }

  /// The whole set, if folders alone divide it.
  private static func common(_ folders: [VOCFolder]) -> Group? {
    guard folders.contains(where: { $0.part != nil }), folders.allSatisfy(\.lists.isEmpty) else {
      return nil
    }
    return Group(
      folders.flatMap { folder in
        folder.annotations.keys.sorted().map {
          (part: folder.part ?? folder.url.lastPathComponent, entry: Entry(folder: folder, id: $0))
        }
      }, isDivided: true)
  }

  /// Whether a list or a folder tells test images.
  private static func isTested(_ folders: [VOCFolder]) -> Bool {
    folders.contains {
      $0.lists.isEmpty
        ? $0.annotations.keys.contains { part(of: $0) == "test" } : $0.lists["test"] != nil
    }
  }

  /// One folder without lists.
  private static func group(_ folder: VOCFolder, isTested: Bool) -> Group {
    let entries = folder.annotations.keys.sorted().map {
      (part: part(of: $0), entry: Entry(folder: folder, id: $0))
    }
    return Group(
      entries, isDivided: entries.contains { SplitChoice.usual.contains($0.part) },
      isTested: isTested)
  }

  private static func listed(_ folder: VOCFolder, _ split: String) throws -> [Entry]? {
    let name = SplitChoice.canonical(split)
    if name == "all", folder.lists[name] == nil {
      return folder.annotations.keys.sorted().map { Entry(folder: folder, id: $0) }
    }
    if let list = folder.lists[split] ?? folder.lists[name] {
      return try read(list, name, of: folder)
    }
    guard name == "trainval", let train = folder.lists["train"], let val = folder.lists["val"]
    else { return nil }
    return try read(train, name, of: folder) + read(val, name, of: folder)
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

  /// The names of the splits that ``entries(of:split:shares:)`` knows.
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
      .union(["train", "val", "trainval", "test", "all"]).sorted()
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
