/// What the keypoints of a data set or network are called, and how they belong together.
///
/// K keypoints, counted from 0: the joints of a body, the marks of a face, or the kinds of objects whose
/// centres are looked for.
package struct KeypointLayout: Hashable, Sendable {
  /// Two keypoints with a line between them in pictures.
  package struct Edge: Hashable, Sendable {
    /// A keypoint.
    package let from: Int
    /// Another.
    package let to: Int

    /// A line between two keypoints.
    package init(_ from: Int, _ to: Int) {
      self.from = from
      self.to = to
    }
  }

  /// K names, all different.
  package let names: [String]
  /// For each keypoint the one that it becomes in a mirrored picture, itself if it lies on the axis.
  ///
  /// The partner of a partner is the keypoint itself.
  package let partners: [Int]
  /// The skeleton.
  package let edges: [Edge]
  /// σ of object keypoint similarity, K fractions of the root of the object's area; nil: not known, and
  /// then there is no such similarity.
  package let deviations: [Double]?

  /// A layout.
  ///
  /// - Parameters:
  ///   - names: K names.
  ///   - pairs: Keypoints that change places in a mirrored picture.
  ///   - edges: The skeleton.
  ///   - deviations: K of them, all above 0; nil: not known.
  /// - Throws: ``KeypointError`` for names that are empty or not distinct, for a keypoint that is not
  ///   there or is in several pairs, and for another number of deviations.
  package init(
    names: [String], pairs: [(Int, Int)] = [], edges: [Edge] = [], deviations: [Double]? = nil
  ) throws {
    guard !names.isEmpty, !names.contains("") else { throw KeypointError.names("one is empty") }
    var seen: Set<String> = []
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw KeypointError.names("'\(twice)' is there twice")
    }
    var partners = Array(names.indices)
    for (first, second) in pairs {
      for keypoint in [first, second] where !names.indices.contains(keypoint) {
        throw KeypointError.noKeypoint(keypoint, count: names.count)
      }
      guard first != second, partners[first] == first, partners[second] == second else {
        throw KeypointError.pairs(first, second)
      }
      (partners[first], partners[second]) = (second, first)
    }
    for keypoint in edges.flatMap({ [$0.from, $0.to] }) where !names.indices.contains(keypoint) {
      throw KeypointError.noKeypoint(keypoint, count: names.count)
    }
    if let deviations {
      guard deviations.count == names.count, deviations.allSatisfy({ $0 > 0 && $0.isFinite })
      else { throw KeypointError.deviations(count: deviations.count, keypoints: names.count) }
    }
    self.names = names
    self.partners = partners
    self.edges = edges
    self.deviations = deviations
  }

  /// K.
  package var count: Int { names.count }
  /// Keypoints that change places in a mirrored picture, each pair once.
  package var pairs: [(Int, Int)] {
    partners.enumerated().filter { $0.offset < $0.element }.map { ($0.offset, $0.element) }
  }
}

/// Why keypoints cannot be what they are said to be.
package enum KeypointError: Error, Equatable, CustomStringConvertible {
  /// Names that cannot be told apart.
  case names(String)
  /// A keypoint outside the names.
  case noKeypoint(Int, count: Int)
  /// A keypoint that would have two partners, or itself.
  case pairs(Int, Int)
  /// σ of another number, or not above 0.
  case deviations(count: Int, keypoints: Int)

  /// One line.
  package var description: String {
    switch self {
    case .names(let reason): "names of keypoints: \(reason)"
    case .noKeypoint(let keypoint, let count):
      "no keypoint \(keypoint): there are \(count), counted from 0"
    case .pairs(let first, let second):
      "flip pair \(first):\(second): a keypoint changes places with one other, and so it back"
    case .deviations(let count, let keypoints):
      "\(count) sigmas for \(keypoints) keypoints: one above 0 is needed for each"
    }
  }
}
