import Foundation
import Images

extension ClassifiedFiles {
  /// Folders that are named for what is in their pictures; nil if there are none.
  ///
  ///     train/CLASS/*.jpg      val/CLASS/*.jpg       test/CLASS/*.jpg
  ///     CLASS/*.jpg                                  (not divided)
  ///     train/WNID/images/*    val/images/* and val/val_annotations.txt    (Tiny-ImageNet)
  ///
  /// Classes are the sorted names of the folders of all splits, as torchvision counts them.
  ///
  /// - Throws: ``DataError`` for a folder or list that cannot be read.
  init?(folder: URL) throws {
    let splits = try VOCFolder.list(folder).filter {
      SplitChoice.usual.contains(SplitChoice.canonical($0))
        && VOCFolder.isFolder(folder.appending(path: $0))
    }
    var found: [(split: String, classes: [ClassFolder])] = []
    for name in splits {
      let place = folder.appending(path: name)
      let classes =
        try ClassFolder.listed(in: place, prefix: name + "/")
        ?? ClassFolder.all(in: place, prefix: name + "/")
      if !classes.isEmpty { found.append((SplitChoice.canonical(name), classes)) }
    }
    if splits.isEmpty { found = [(SplitChoice.whole, try ClassFolder.all(in: folder, prefix: ""))] }
    let names = Set(found.flatMap { $0.classes.map(\.name) }).sorted()
    // One folder of pictures is no choice between classes.
    guard names.count > 1 else { return nil }
    let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    parts = found.map { split, classes in
      Part(
        name: split,
        entries: classes.flatMap { entry in
          entry.files.map {
            Entry(id: $0.id, file: $0.file, label: labels[entry.name] ?? 0)
          }
        })
    }
    format = .classFolders
    layout = splits.isEmpty ? "CLASS/" : "SPLIT/CLASS/"
    classNames = try Self.readable(names, in: folder)
    problems = found.flatMap { split, classes in
      classes.filter(\.files.isEmpty).map {
        DataProblem(file: $0.place, kind: .missingClass, text: "no picture in it")
      }
    }
  }

  /// WordNet's numbers with the first word that `words.txt` gives them; other names as they are.
  private static func readable(_ names: [String], in folder: URL) throws -> [String] {
    let file = folder.appending(path: "words.txt")
    guard FileManager.default.fileExists(atPath: file.path),
      names.allSatisfy({ $0.contains(/^n\d{8}$/) })
    else { return names }
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    let wanted = Set(names)
    var words: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: "\t", maxSplits: 1)
      guard fields.count == 2, wanted.contains(String(fields[0])) else { continue }
      words[String(fields[0])] =
        fields[1].split(separator: ",").first.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let uses = Dictionary(names.map { (words[$0] ?? $0, 1) }, uniquingKeysWith: +)
    return names.map { name in
      let word = words[name] ?? name
      return uses[word] == 1 ? word : "\(word) (\(name))"
    }
  }
}

/// The pictures of one class.
private struct ClassFolder {
  let name: String
  /// Where they are, for people.
  let place: String
  var files: [(id: String, file: URL)]

  /// The folders of a folder that hold pictures, directly or in a folder `images`; empty ones beside
  /// such are classes, too.
  static func all(in folder: URL, prefix: String) throws -> [ClassFolder] {
    let classes = try VOCFolder.list(folder).compactMap { name -> ClassFolder? in
      let place = folder.appending(path: name, directoryHint: .isDirectory)
      guard VOCFolder.isFolder(place) else { return nil }
      var found = ClassFolder(name: name, place: place.path, files: [])
      found.add(try VOCFolder.list(place), in: place, prefix: prefix + name + "/")
      let inner = place.appending(path: "images", directoryHint: .isDirectory)
      if found.files.isEmpty, VOCFolder.isFolder(inner) {
        found.add(try VOCFolder.list(inner), in: inner, prefix: prefix + name + "/images/")
      }
      return found
    }
    // A lone folder of pictures, such as Tiny-ImageNet's test/images, names no class.
    let filled = classes.filter { !$0.files.isEmpty }
    let isUnlabelled =
      filled.count == 1 && VOCFolder.imageNames.contains(filled[0].name.lowercased())
    return filled.isEmpty || isUnlabelled ? [] : classes
  }

  /// Pictures of one folder whose classes a list tells, as Tiny-ImageNet's `val`; nil if there is none.
  static func listed(in folder: URL, prefix: String) throws -> [ClassFolder]? {
    let images = folder.appending(path: "images", directoryHint: .isDirectory)
    let list = folder.appending(path: "val_annotations.txt")
    guard FileManager.default.fileExists(atPath: list.path), VOCFolder.isFolder(images) else {
      return nil
    }
    let text: String
    do {
      text = try String(contentsOf: list, encoding: .utf8)
    } catch {
      throw DataError.unreadable(list.path, error)
    }
    var classes: [String: ClassFolder] = [:]
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard fields.count >= 2 else {
        throw DataError.malformedAnnotation(
          file: list.path, line: number + 1, reason: "expected a file and a class")
      }
      classes[fields[1], default: ClassFolder(name: fields[1], place: list.path, files: [])]
        .add([fields[0]], in: images, prefix: prefix + "images/")
    }
    return classes.values.sorted { $0.name < $1.name }
  }

  private mutating func add(_ names: [String], in folder: URL, prefix: String) {
    for name in names where PictureExtensions.all.contains(VOCFolder.kind(name)) {
      files.append(
        (prefix + name, folder.appending(path: name, directoryHint: .notDirectory)))
    }
  }
}
