/// Finds images by what files call them: ids, file names, paths with slashes or backslashes.
struct ImageNames {
  private let images: [EvaluatedImage]
  private var known: [String: [Int]] = [:]
  /// By the last part of the id.
  private var lastParts: [String: [Int]] = [:]

  init(_ images: [EvaluatedImage]) {
    self.images = images
    for (index, image) in images.enumerated() {
      known[image.id, default: []].append(index)
      if let last = Self.parts(image.id).last { lastParts[last, default: []].append(index) }
    }
  }

  /// The images that a name may stand for: one, none, or several that it does not tell apart.
  ///
  /// The likeliest reading counts: the id itself, then path, file name and file name without
  /// extension. Ids with folders are also found by their last part, and told apart by the folders.
  func indices(of file: String) -> [Int] {
    let parts = Self.parts(file)
    let name = parts.last ?? file
    let path = parts.joined(separator: "/")
    let candidates = [file, path, Self.stem(path), name, Self.stem(name)]
    for id in candidates {
      if let indices = known[id] { return indices }
    }
    for last in [name, Self.stem(name)] {
      guard let indices = lastParts[last] else { continue }
      if indices.count == 1 && parts.count == 1 { return indices }
      let fitting = indices.filter {
        Self.holds(parts.dropLast(), Self.parts(images[$0].id).dropLast())
      }
      return fitting.isEmpty ? indices : fitting
    }
    return []
  }

  /// The image of a name, nil if it is none's or several's.
  func index(of file: String) -> Int? {
    let indices = indices(of: file)
    return indices.count == 1 ? indices[0] : nil
  }

  /// Images by the number that is their name, as Ultralytics has it, or that follows its last
  /// underline, as Darknet has it; only where no two share it.
  func numbered(afterUnderline: Bool) -> [Int: Int] {
    var numbers: [Int: Int] = [:]
    var twice: Set<Int> = []
    for (index, image) in images.enumerated() {
      let name = Self.parts(image.id).last ?? image.id
      let digits = afterUnderline ? name.split(separator: "_").last.map(String.init) ?? name : name
      guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else {
        continue
      }
      if numbers.updateValue(index, forKey: number) != nil { twice.insert(number) }
    }
    return numbers.filter { !twice.contains($0.key) }
  }

  private static func parts(_ path: String) -> [String] {
    path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).map(String.init)
      .filter { $0 != "." }
  }

  private static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), dot > path.startIndex,
      path[path.index(before: dot)] != "/", !path[dot...].contains("/")
    else { return path }
    return String(path[..<dot])
  }

  /// Whether `folders` are among those of a path, in this order.
  private static func holds(_ path: ArraySlice<String>, _ folders: ArraySlice<String>) -> Bool {
    var rest = folders
    for part in path where part == rest.first { rest = rest.dropFirst() }
    return rest.isEmpty
  }
}
