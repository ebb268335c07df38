import Files
import Foundation

/// The lines of a file that lists the images of a split.
struct VOCList {
  /// An id, or what stands in its place, and where.
  struct Entry {
    let id: String
    let line: Int
    /// What else it could mean.
    var others: [String] = []
  }

  /// A known id each, or what is written.
  private(set) var entries: [Entry] = []
  /// What was guessed of the file's encoding.
  let guess: String?

  /// Reads a list: ids, with or without extension, folders, quotes or a second column.
  ///
  /// A whole line that is an id is one, blanks or not.
  ///
  /// - Throws: ``DataError/folder(_:reason:)`` for a file that cannot be read or is no text.
  init(_ file: URL, ids: VOCIDs) throws {
    let text: String
    do {
      let decoded = try DecodedText([UInt8](Foundation.Data(contentsOf: file)))
      text = decoded.text
      guess = decoded.guess
    } catch let error as DecodedText.Failure {
      throw DataError.folder(file.path + ":\(error.line)", reason: error.reason)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated() {
      let written = line.trimmingCharacters(in: .whitespaces)
      if written.isEmpty { continue }
      let found = Self.readings(of: written).lazy.map { ids.matches($0) }.first { !$0.isEmpty }
      let first = written.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? written
      entries.append(
        Entry(
          id: found?.first ?? first, line: index + 1, others: Array((found ?? []).dropFirst())))
    }
  }

  /// What a line may name, the likeliest first.
  private static func readings(of line: String) -> [String] {
    var result = [line]
    // An escaped quote is part of the name.
    if let quote = line.first, quote == "\"" || quote == "'" {
      let inside = line.dropFirst().replacing("\\\(quote)", with: "\u{0}")
        .prefix { $0 != quote }.replacing("\u{0}", with: String(quote))
      result.append(String(inside))
    }
    for separator: Character in ["\t", ",", ";"] {
      let columns = line.split(separator: separator).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      if columns.count > 1 { result += columns.reversed().filter(isAnnotation) + columns.prefix(1) }
    }
    // `image xml`: of a pair the annotation tells.
    let columns = line.split(whereSeparator: \.isWhitespace).map(String.init)
    result += columns.dropFirst().filter(isAnnotation) + columns.prefix(1)
    return result
  }

  private static func isAnnotation(_ name: String) -> Bool { name.lowercased().hasSuffix(".xml") }
}

/// The ids of a folder, to be found by what lists write.
struct VOCIDs {
  private let known: Set<String>
  private let byName: [Substring: [String]]

  init(_ ids: some Collection<String>) {
    known = Set(ids)
    byName = Dictionary(grouping: ids.sorted()) { id in
      id.split(separator: "/").last ?? id[...]
    }
  }

  /// The ids that a text can mean: itself, without extension, without its leading folders; or those
  /// that end in it.
  func matches(_ written: String) -> [String] {
    if known.contains(written) { return [written] }
    var path = written.replacing("\\", with: "/").split(separator: "/").filter { $0 != "." }
    guard let name = path.popLast() else { return [] }
    var names = [name]
    if let dot = name.lastIndex(of: "."), dot != name.startIndex {
      names.append(name[..<dot])
    }
    for name in names {
      for start in path.indices.map({ $0 }) + [path.endIndex] {
        let id = (path[start...] + [name]).joined(separator: "/")
        if known.contains(id) { return [id] }
      }
      // The list's folders tell ids of the same name apart.
      let candidates = byName[name] ?? []
      if candidates.count < 2 || path.isEmpty {
        if !candidates.isEmpty { return candidates }
        continue
      }
      let shared = candidates.map { id in
        Set(id.split(separator: "/").dropLast()).intersection(path).count
      }
      let most = shared.max() ?? 0
      return zip(candidates, shared).filter { $1 == most }.map(\.0)
    }
    return []
  }
}

extension VOCFolder {
  /// The split that a file's name says it lists, nil if it is no such name.
  ///
  /// Where other files lie too, `isAnywhere`, only the usual names count.
  static func listName(_ file: String, isAnywhere: Bool) -> String? {
    guard file.lowercased().hasSuffix(".txt") else { return nil }
    let stem = String(file.dropLast(4))
    var name = stem.lowercased()
    for end in ["_list", "-list", "list", "_ids", "_set"] where name.hasSuffix(end) {
      name = String(name.dropLast(end.count))
      break
    }
    let usual = SplitChoice.canonical(name)
    if SplitChoice.usual.contains(usual) || usual == "trainval" { return usual }
    return isAnywhere ? nil : stem
  }

  /// Finds the lists: in ImageSets/Main, ImageSets, beside the files, in the folder itself, in its
  /// other folders.
  ///
  /// - Throws: ``DataError`` for two lists of one split in one folder that differ.
  mutating func findLists(beside folders: [URL]) throws {
    let sets = try Self.list(url).first { $0.lowercased() == "imagesets" }
      .map { url.appending(path: $0) }
    let main = try sets.flatMap { sets in
      Self.isFolder(sets)
        ? try Self.list(sets).first { $0.lowercased() == "main" }.map { sets.appending(path: $0) }
        : nil
    }
    let ids = VOCIDs(annotations.keys)
    // splits/, lists/ and the like; ImageSets has lists of other tasks.
    let others = try Self.list(url).map { url.appending(path: $0) }.filter {
      $0.path != sets?.path && Self.isFolder($0)
    }
    var places = [main, sets].compactMap(\.self).map { ($0, false) }
    places += (folders.map { $0.deletingLastPathComponent() } + folders + [url] + others)
      .reduce(into: [URL]()) { places, place in
        if !places.contains(where: { $0.path == place.path }) { places.append(place) }
      }.map { ($0, true) }
    for (place, isAnywhere) in places where Self.isFolder(place) {
      var here: [String: URL] = [:]
      for file in try Self.list(place) {
        guard let name = Self.listName(file, isAnywhere: isAnywhere) else { continue }
        let list = place.appending(path: file)
        if Self.isFolder(list) { continue }
        func written(_ list: URL) -> [String]? { try? VOCList(list, ids: ids).entries.map(\.id) }
        let shown = RecognizedDataset.relative(list, to: url)
        if isAnywhere, written(list)?.contains(where: { annotations[$0] != nil }) != true {
          unusedLists.append("\(shown) (it names none of the images)")
        } else if let other = here[name] {
          guard written(list) != written(other) else { continue }
          throw DataError.ambiguous(
            url.path, first: "split '\(name)' of \(RecognizedDataset.relative(other, to: url))",
            second: shown, remedy: "move one of them away")
        } else if let other = lists[name] {
          guard written(list) != written(other) else { continue }
          unusedLists.append("\(shown) (\(RecognizedDataset.relative(other, to: url)) is)")
        } else {
          here[name] = list
        }
      }
      lists.merge(here) { first, _ in first }
    }
  }
}
