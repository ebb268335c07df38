import Detection

/// The objects and the most confident detections of one class in one image.
///
/// Boxes are continuous (no +1), arithmetic is in Double, as in COCO's own tools.
struct COCOPair {
  /// At most this many detections of a class count in an image.
  static let detectionLimit = 100

  /// Descending; ties keep file order.
  let confidences: [Float]
  private let detectionAreas: [Double]
  private let objectAreas: [Double]
  private let isDifficult: [Bool]
  /// IoU of detection d with object o at d · objects + o.
  private let overlaps: [Double]

  init(objects: [GroundTruth], detections: [Detection]) {
    let ranked = detections.enumerated().sorted {
      $0.element.confidence != $1.element.confidence
        ? $0.element.confidence > $1.element.confidence : $0.offset < $1.offset
    }.prefix(Self.detectionLimit).map(\.element)
    confidences = ranked.map(\.confidence)
    let found = ranked.map { COCORectangle($0.box) }
    let wanted = objects.map { COCORectangle($0.box) }
    detectionAreas = found.map(\.area)
    objectAreas = wanted.map(\.area)
    isDifficult = objects.map(\.isDifficult)
    overlaps = found.flatMap { detection in wanted.map { detection.overlap(with: $0) } }
  }

  /// For each object, whether it is left out in an area range.
  private func skipped(_ range: ClosedRange<Double>) -> [Bool] {
    objectAreas.indices.map { isDifficult[$0] || !range.contains(objectAreas[$0]) }
  }

  /// The number of objects to be found in an area range.
  func positiveCount(in range: ClosedRange<Double>) -> Int {
    skipped(range).count { !$0 }
  }

  /// Verdicts on the detections at one IoU threshold.
  ///
  /// Each detection takes the free object that it overlaps most, the later one if several do so
  /// equally; an object left out is taken only if no other reaches the threshold, and makes the
  /// detection ignored, as does an area outside the range for a detection without object.
  func outcomes(threshold: Double, range: ClosedRange<Double>) -> [MatchOutcome] {
    let skip = skipped(range)
    var isFree = [Bool](repeating: true, count: objectAreas.count)
    return confidences.indices.map { detection in
      var best = -1
      var bestOverlap = min(threshold, 1 - 1e-10)
      for wantsSkipped in [false, true] where best < 0 {
        for object in isFree.indices where isFree[object] && skip[object] == wantsSkipped {
          let overlap = overlaps[detection * isFree.count + object]
          if overlap >= bestOverlap {
            best = object
            bestOverlap = overlap
          }
        }
      }
      guard best >= 0 else {
        return range.contains(detectionAreas[detection]) ? .falsePositive : .ignored
      }
      isFree[best] = false
      return skip[best] ? .ignored : .truePositive
    }
  }
}

/// A box in Double with COCO's overlap.
private struct COCORectangle {
  let left, top, right, bottom: Double

  init(_ box: Box) {
    left = Double(box.left)
    top = Double(box.top)
    right = Double(box.right)
    bottom = Double(box.bottom)
  }

  var area: Double { (right - left) * (bottom - top) }

  func overlap(with other: COCORectangle) -> Double {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0 else { return 0 }
    let intersection = width * height
    return intersection / (area + other.area - intersection)
  }
}
