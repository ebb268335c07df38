import Keypoints

extension KeypointReference {
  /// The reference that people use for data like these: the size of the head where the annotation says it,
  /// the torso where the skeleton has one, the longer side of the box; else the diagonal of the picture.
  ///
  /// It is the first of these that at least half of the persons have, so that it depends on the data
  /// alone.
  ///
  /// - Parameter samples: Persons.
  /// - Returns: One that the layout has the ends of.
  package static func usual(for samples: [JudgedKeypoints]) -> KeypointReference {
    guard let layout = samples.first?.truth.layout else { return .imageDiagonal }
    let judged = samples.filter { !$0.truth.sizes.isIgnored && !$0.truth.points.isEmpty }
    return [.head, .torso, .boxSide].first { reference in
      guard let measure = try? reference.measure(in: layout) else { return false }
      return 2 * judged.count { measure.length(of: $0) != nil } >= max(1, judged.count)
    } ?? .imageDiagonal
  }
}
