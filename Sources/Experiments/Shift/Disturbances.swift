package import Images

/// Which corruptions of which severities images go through.
package struct Disturbances: Equatable, Sendable {
  package let kinds: [ImageCorruption.Kind]
  /// Ascending; 0 stands for images as they are.
  package let severities: [Int]

  /// Reads what a user lists.
  ///
  /// - Parameters:
  ///   - kinds: Names separated by commas, or `all` for those that suit photos.
  ///   - severities: Numbers and ranges such as `0,2-4`.
  /// - Throws: ``UsageError`` for a name or a number that there is not.
  package init(kinds: String, severities: String) throws {
    self.kinds = try Self.kinds(kinds)
    self.severities = try Self.severities(severities)
  }

  /// What to do to the images, one after the other; nil, once, for nothing at all.
  package var steps: [ImageCorruption?] {
    let none: [ImageCorruption?] = severities.contains(0) ? [nil] : []
    return none
      + kinds.flatMap { kind in
        severities.filter { $0 > 0 }.map { ImageCorruption(kind, severity: $0) }
      }
  }

  private static func kinds(_ list: String) throws -> [ImageCorruption.Kind] {
    if list == "all" { return ImageCorruption.Kind.ofPhotos }
    var kinds: [ImageCorruption.Kind] = []
    for name in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = ImageCorruption.Kind(rawValue: String(name)) else {
        let known = ImageCorruption.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there is no corruption '\(name)'; --corruptions takes all, \(known)")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  private static func severities(_ list: String) throws -> [Int] {
    var chosen: Set<Int> = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first <= last, ImageCorruption.severities.contains(first),
        ImageCorruption.severities.contains(last)
      else { throw UsageError("--severities must be from 0 to 5, such as 0-5 or 0,2,4") }
      chosen.formUnion(first...last)
    }
    return chosen.sorted()
  }
}
