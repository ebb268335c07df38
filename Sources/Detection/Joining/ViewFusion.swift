import Geometry

/// Joins what was found in several views of one image: mirrored ones, and others of another size.
///
/// Detections of a class from different views that overlap are one object. From the most confident one
/// down, each joins the group that it overlaps most, if by more than ``overlap`` and if that has none of
/// its view yet; otherwise it begins a group. A group is one detection:
///
///     box         Σ cᵥ boxᵥ / Σ cᵥ        over the views v that found it, c the confidence
///     confidence  Σ cᵥ / V                V: all views, so that a view that did not find it counts 0
///     objectness  Σ oᵥ / V
///
/// What the model says about its own certainty is that of the group's most confident detection, so
/// that μ, σ², entropy and BALD are what they are without views: numbers of one anchor in one view.
/// Weighted boxes fusion (Solovyev, Wang and Gabruseva, arXiv 1910.13302) averages confidences over the
/// boxes of a group and lets a view add several.
package struct ViewFusion: Sendable {
  /// The IoU with a group's mean box that a detection of the group must exceed, 0...1.
  package var overlap: Float

  /// The fusion of groups of such an overlap.
  package init(overlap: Float) { self.overlap = overlap }

  /// One object in all views.
  private struct Group {
    var first: Detection
    var views: Set<Int> = []
    var box = Box(left: 0, top: 0, right: 0, bottom: 0)
    var weight: Float = 0
    var objectness: Float = 0
    var isReported = false

    mutating func add(_ detection: Detection, of view: Int) {
      // Boxes of confidence 0 would have no mean.
      let share = max(detection.confidence, .leastNormalMagnitude)
      let new = share / (weight + share)
      box = Box(
        left: box.left + new * (detection.box.left - box.left),
        top: box.top + new * (detection.box.top - box.top),
        right: box.right + new * (detection.box.right - box.right),
        bottom: box.bottom + new * (detection.box.bottom - box.bottom))
      weight += share
      objectness += detection.objectness
      views.insert(view)
    }
  }

  /// The objects of all views by falling confidence; equal ones keep the order of the views.
  ///
  /// - Parameters:
  ///   - views: What each view shows, nothing twice; boxes of all in one unit.
  ///   - isReported: Whether a detection alone would be reported; a group is if one of its is.
  /// - Returns: A detection a group.
  package func fused(
    _ views: [[Detection]], isReported: (_ view: Int, _ index: Int) -> Bool = { _, _ in true }
  ) -> [Detection] {
    let all = views.indices.flatMap { view in views[view].indices.map { (view: view, index: $0) } }
    let order = all.indices.sorted {
      let first = views[all[$0].view][all[$0].index].confidence
      let second = views[all[$1].view][all[$1].index].confidence
      return first != second ? first > second : $0 < $1
    }
    var groups: [Group] = []
    var rivals: [Int: [Int]] = [:]
    for index in order {
      let (view, place) = all[index]
      let detection = views[view][place]
      var best: (group: Int, overlap: Float)?
      for group in rivals[detection.classIndex] ?? [] where !groups[group].views.contains(view) {
        let common = groups[group].box.intersectionOverUnion(with: detection.box)
        if common > overlap, common > best?.overlap ?? 0 { best = (group, common) }
      }
      if best == nil {
        groups.append(Group(first: detection))
        rivals[detection.classIndex, default: []].append(groups.count - 1)
      }
      let group = best?.group ?? groups.count - 1
      groups[group].add(detection, of: view)
      if isReported(view, place) { groups[group].isReported = true }
    }
    let found = groups.filter(\.isReported).map { group in
      var detection = group.first
      detection.box = group.box
      detection.confidence = group.weight / Float(views.count)
      detection.objectness = group.objectness / Float(views.count)
      return detection
    }
    return found.indices.sorted {
      let (first, second) = (found[$0].confidence, found[$1].confidence)
      return first != second ? first > second : $0 < $1
    }.map { found[$0] }
  }
}
