import Foundation
import Geometry
import Images
import Keypoints

/// Pictures with annotated keypoints, of any format: one entry a person, or one a picture of objects'
/// centres.
struct KeypointSet: Sendable {
  /// What is annotated.
  enum Annotation: Sendable {
    /// Keypoints in pixels of the picture.
    case known(KeypointTruth)
    /// A picture of the same size, on whose dark ground a dot marks the centre of each object.
    case dots(URL)
  }

  /// A person, or a picture of centres.
  struct Entry: Sendable {
    /// The picture's path below the set's place.
    let name: String
    let image: URL
    /// The picture's size as the annotation says it.
    var size: PixelSize?
    let annotation: Annotation
    /// Where it is annotated, for messages.
    let file: String
    var line: Int?
    /// Which of the file's annotations it is, for messages; empty where the line says it.
    var place = ""
  }

  /// The entries of one split; of a set that is not divided all of them.
  struct Part: Sendable {
    let name: String
    var entries: [Entry]
  }

  /// The files or the folder that annotate it, for messages.
  let source: String
  let format: DatasetFormat
  let layout: KeypointLayout
  /// Whether keypoints are centres of a picture's objects; otherwise those of one person each.
  let areCenters: Bool
  private(set) var parts: [Part] = []
  /// What cannot be used, and what was guessed.
  var problems: [DataProblem]

  /// Entries with the splits that they belong to; those without their picture are left out and listed.
  ///
  /// - Throws: ``DataError/empty(folder:reason:)`` if no picture is there.
  init(
    source: String, format: DatasetFormat, layout: KeypointLayout,
    areCenters: Bool = false, entries: [(split: String, entry: Entry)],
    problems: [DataProblem] = []
  ) throws {
    self.areCenters = areCenters
    self.source = source
    self.format = format
    self.layout = layout
    self.problems = problems
    var exists: [String: Bool] = [:]
    for (split, entry) in entries {
      let path = entry.image.path
      let isThere = exists[path] ?? FileManager.default.fileExists(atPath: path)
      if exists.updateValue(isThere, forKey: path) == nil, !isThere {
        self.problems.append(
          DataProblem(
            file: entry.file, line: entry.line, kind: .missingImage, text: "no image '\(path)'"))
      }
      guard isThere else { continue }
      if let index = parts.firstIndex(where: { $0.name == split }) {
        parts[index].entries.append(entry)
      } else {
        parts.append(Part(name: split, entries: [entry]))
      }
    }
    if parts.isEmpty {
      throw DataError.empty(
        folder: source,
        reason: DataProblem.summary(of: self.problems).first ?? "nothing is annotated")
    }
  }

  /// The files as seen from a folder, or from the file itself.
  func place(seenFrom url: URL) -> String {
    source.replacing(url.path.hasSuffix("/") ? url.path : url.path + "/", with: "")
  }

  /// Ids of all entries, by part: the picture's name without folders and extension where that tells the
  /// pictures apart, and `#1`, `#2`… for the persons of one picture.
  var ids: [[String]] {
    let all = parts.flatMap(\.entries)
    let names = Dictionary(all.map { ($0.image.path, $0.name) }, uniquingKeysWith: { a, _ in a })
    let uses = Dictionary(names.values.map { (Self.stem($0), 1) }, uniquingKeysWith: +)
    let persons = Dictionary(all.map { ($0.image.path, 1) }, uniquingKeysWith: +)
    var numbers: [String: Int] = [:]
    return parts.map { part in
      part.entries.map { entry in
        let path = entry.image.path
        let name = names[path] ?? entry.name
        let id = uses[Self.stem(name)] == 1 ? Self.stem(name) : name
        guard persons[path, default: 1] > 1 else { return id }
        numbers[path, default: 0] += 1
        return "\(id)#\(numbers[path, default: 1])"
      }
    }
  }

  /// A file's name without folders and extension.
  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// The entries of a split with their ids; seeded shares are taken of the pictures, so that the persons
  /// of one picture stay together.
  func chosen(_ choice: SplitChoice) -> [(id: String, entry: Entry)] {
    let ids = ids
    func all(_ name: String) -> [(id: String, entry: Entry)] {
      parts.indices.filter { parts[$0].name == name }.flatMap { index in
        zip(ids[index], parts[index].entries).map { (id: $0, entry: $1) }
      }
    }
    switch choice {
    case .parts(let names): return names.flatMap(all)
    case .share(let share, let name, let shares):
      let entries = all(name)
      let pictures = Set(entries.map(\.entry.name)).sorted()
      let chosen = Set(
        shares.indices(of: share, count: pictures.count, using: shares.random)
          .map { pictures[$0] })
      return entries.filter { chosen.contains($0.entry.name) }
    }
  }

  /// The samples of a split; what cannot be used is left out and listed.
  func samples(
    _ choice: SplitChoice, problems: inout [DataProblem]
  ) -> [Sample<KeypointTruth>] {
    problems += self.problems
    return chosen(choice).compactMap { id, entry in
      let truth: KeypointTruth
      switch entry.annotation {
      case .known(let known): truth = known
      case .dots(let file):
        do {
          truth = KeypointTruth(
            layout: layout, points: try DotImage(file, of: .file(entry.image)).points)
        } catch {
          problems.append(.unreadableImage(.file(file), error))
          return nil
        }
      }
      return Sample(id: id, image: .file(entry.image), target: truth, size: entry.size)
    }
  }
}
