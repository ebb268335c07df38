package import Compute

/// Anchor boxes by k-means on the sizes of annotated boxes, with the distance 1 − IoU.
///
/// Redmon and Farhadi, YOLO9000 (arXiv 1612.08242), section 2: sizes are compared with a common
/// centre, and a cluster's anchor is the mean of its sizes. Starts are drawn as in k-means++, each
/// size with a probability proportional to its distance to the nearest anchor so far (not squared:
/// the mean distance is what counts). The mean size does not minimise this distance, so an iteration
/// can lose: the best one seen is kept.
package struct AnchorClustering: Sendable {
  /// The anchors by rising area, in the unit of the sizes.
  package let anchors: [AnchorBox]
  /// The mean over all sizes of the IoU with the best anchor, 0...1.
  package let averageIntersectionOverUnion: Double

  private static let largestIterationCount = 300

  /// Clusters sizes.
  ///
  /// - Parameters:
  ///   - sizes: Widths and heights of the annotated boxes, usually in pixels of the network input.
  ///   - count: The number of anchors.
  ///   - starts: The number of independent starts, of which the best result is kept.
  ///   - stream: Draws the starts; the same stream gives the same anchors.
  /// - Throws: ``DetectionError/tooFewBoxes(distinct:anchors:)`` or
  ///   ``DetectionError/emptyBox(index:)``.
  package init(
    sizes: [AnchorBox], count: Int, starts: Int = 10, stream: RandomStream
  ) throws(DetectionError) {
    precondition(count > 0 && starts > 0, "no anchors or no starts")
    if let index = sizes.firstIndex(where: { !($0.width > 0 && $0.height > 0 && $0.area.isFinite) })
    {
      throw .emptyBox(index: index)
    }
    let distinct = Set(sizes).count
    guard distinct >= count else { throw .tooFewBoxes(distinct: distinct, anchors: count) }
    var best: (anchors: [AnchorBox], average: Double) = ([], -1)
    for start in 0..<starts {
      var stream = stream.split(UInt64(start))
      var anchors = initialAnchors(sizes, count: count, &stream)
      var members: [Int] = []
      for _ in 0..<AnchorClustering.largestIterationCount {
        let nearest = sizes.map { nearestAnchor(anchors, to: $0) }
        let average = nearest.reduce(0) { $0 + $1.overlap } / Double(sizes.count)
        if average > best.average { best = (anchors, average) }
        if nearest.map(\.index) == members { break }
        members = nearest.map(\.index)
        anchors = means(sizes, nearest, anchors)
      }
    }
    anchors = best.anchors.sorted { ($0.area, $0.width) < ($1.area, $1.width) }
    averageIntersectionOverUnion = best.average
  }

  /// The mean over `sizes` of the IoU with the best of `anchors`; 0 if there are no sizes.
  package static func averageIntersectionOverUnion(
    of sizes: [AnchorBox], with anchors: [AnchorBox]
  ) -> Double {
    guard !sizes.isEmpty else { return 0 }
    return sizes.reduce(0) { $0 + nearestAnchor(anchors, to: $1).overlap } / Double(sizes.count)
  }
}

private func nearestAnchor(
  _ anchors: [AnchorBox], to size: AnchorBox
) -> (index: Int, overlap: Double) {
  var nearest = (index: 0, overlap: 0.0)
  for (index, anchor) in anchors.enumerated() {
    let overlap = Double(anchor.intersectionOverUnion(with: size))
    if overlap > nearest.overlap { nearest = (index, overlap) }
  }
  return nearest
}

private func initialAnchors(
  _ sizes: [AnchorBox], count: Int, _ stream: inout RandomStream
) -> [AnchorBox] {
  var anchors = [sizes[stream.integer(in: 0...sizes.count - 1)]]
  // A size equal to an anchor must have distance 0 exactly, or an anchor could be drawn twice.
  var distances = sizes.map { _ in Double.infinity }
  while anchors.count < count {
    let newest = anchors[anchors.count - 1]
    for (index, size) in sizes.enumerated() {
      let distance =
        size == newest ? 0 : max(1e-9, 1 - Double(newest.intersectionOverUnion(with: size)))
      distances[index] = min(distances[index], distance)
    }
    var rest = Double(stream.uniform()) * distances.reduce(0, +)
    var chosen = distances.lastIndex { $0 > 0 } ?? 0
    for (index, distance) in distances.enumerated() where distance > 0 {
      rest -= distance
      if rest < 0 {
        chosen = index
        break
      }
    }
    anchors.append(sizes[chosen])
  }
  return anchors
}

/// The mean size of every cluster; an empty cluster takes the size that fits its anchor worst.
private func means(
  _ sizes: [AnchorBox], _ nearest: [(index: Int, overlap: Double)], _ anchors: [AnchorBox]
) -> [AnchorBox] {
  var widths = anchors.map { _ in 0.0 }
  var heights = widths
  var counts = anchors.map { _ in 0 }
  for (size, anchor) in zip(sizes, nearest) {
    widths[anchor.index] += Double(size.width)
    heights[anchor.index] += Double(size.height)
    counts[anchor.index] += 1
  }
  var worst = sizes.indices.sorted { nearest[$0].overlap > nearest[$1].overlap }
  return anchors.indices.map { index in
    guard counts[index] > 0 else { return worst.popLast().map { sizes[$0] } ?? anchors[index] }
    let count = Double(counts[index])
    return AnchorBox(width: Float(widths[index] / count), height: Float(heights[index] / count))
  }
}
