/// The verdicts on a detection at ten IoU thresholds in four area ranges, as bits.
///
/// Bit 10 · range + threshold; the ranges are all, small, medium and large.
struct COCOVerdict {
  /// Where it found an object that counts.
  var found: UInt64 = 0
  /// Where it found an object that is left out, so that it counts neither way.
  var skipped: UInt64 = 0
  /// The ranges of ``COCOMatcher/ranges`` that its own area lies in, as bits: there it is wrong if
  /// it found nothing.
  var ownRanges: UInt8 = 0
}

/// Compares the detections and objects of one class in one image.
///
/// Overlaps are IoU of boxes, continuous (no +1), or whatever else says from 0 to 1 how well a detection
/// fits an object. Arithmetic is in Double, as in COCO's own tools. Per threshold and
/// range, the most confident detection first, each takes the free object that it overlaps most, the
/// later one if several do so equally; an object left out is taken only if no other reaches the
/// threshold. Left out are difficult objects, crowds, and areas outside the range.
struct COCOMatcher {
  /// Areas in square pixels: all, small, medium, large.
  static let ranges: [ClosedRange<Double>] = [0...1e10, 0...1024, 1024...9216, 9216...1e10]

  /// An object to compare with.
  struct Object {
    /// In square pixels.
    let area: Double
    let isLeftOut: Bool
    /// A crowd may be found many times, and a box's overlap is the share of the detection inside it.
    let isCrowd: Bool
  }

  private let thresholds = COCOEvaluation.thresholds
  private var overlaps: [Double] = []
  private var candidates: [Int] = []
  private var isTaken: [Bool] = []
  private var isSkipped: [Bool] = []

  /// The number of objects that count in each range.
  static func positiveCounts(_ objects: [Object]) -> [Int] {
    ranges.map { range in objects.count { !$0.isLeftOut && range.contains($0.area) } }
  }

  /// The ranges that an area lies in, as bits.
  static func rangeBits(_ area: Double) -> UInt8 {
    // The same comparisons as with `ranges`, whose ends belong to both neighbours.
    (area >= 0 && area <= 1e10 ? 1 : 0) | (area >= 0 && area <= 1024 ? 2 : 0)
      | (area >= 1024 && area <= 9216 ? 4 : 0) | (area >= 9216 && area <= 1e10 ? 8 : 0)
  }

  /// Fills in what boxes, most confident first, found among the objects with these boxes.
  mutating func match(
    _ boxes: UnsafeBufferPointer<MatchedBox>, _ objectBoxes: [MatchedBox], _ objects: [Object],
    into verdicts: UnsafeMutableBufferPointer<COCOVerdict>
  ) {
    match(objects, into: verdicts) { detection, object in
      objects[object].isCrowd
        ? boxes[detection].share(inside: objectBoxes[object])
        : boxes[detection].overlap(with: objectBoxes[object])
    }
  }

  /// Fills in what detections, most confident first, found among the objects.
  ///
  /// - Parameters:
  ///   - objects: What to find.
  ///   - verdicts: One for each detection.
  ///   - overlap: How well a detection fits an object, by their indices, 0...1.
  mutating func match(
    _ objects: [Object], into verdicts: UnsafeMutableBufferPointer<COCOVerdict>,
    overlap: (_ detection: Int, _ object: Int) -> Double
  ) {
    let count = objects.count
    overlaps.removeAll(keepingCapacity: true)
    candidates.removeAll(keepingCapacity: true)
    for index in verdicts.indices {
      var best = 0.0
      let start = overlaps.count
      for object in objects.indices {
        let overlap = overlap(index, object)
        overlaps.append(overlap)
        best = max(best, overlap)
      }
      // Nothing is found below the smallest threshold.
      if best >= thresholds[0] {
        candidates.append(index)
      } else {
        overlaps.removeSubrange(start...)
      }
    }
    if candidates.isEmpty { return }
    for (rangeIndex, range) in Self.ranges.enumerated() {
      isSkipped.removeAll(keepingCapacity: true)
      for object in objects { isSkipped.append(object.isLeftOut || !range.contains(object.area)) }
      for (thresholdIndex, threshold) in thresholds.enumerated() {
        let bit = UInt64(1) << UInt64(10 * rangeIndex + thresholdIndex)
        isTaken.removeAll(keepingCapacity: true)
        for _ in 0..<count { isTaken.append(false) }
        for (row, detection) in candidates.enumerated() {
          guard let object = best(row * count, threshold, objects) else { continue }
          isTaken[object] = true
          if isSkipped[object] {
            verdicts[detection].skipped |= bit
          } else {
            verdicts[detection].found |= bit
          }
        }
      }
    }
  }

  /// The object that a detection takes, counted from the first.
  private func best(
    _ row: Int, _ threshold: Double, _ objects: [Object]
  ) -> Int? {
    var best = -1
    var wanted = min(threshold, 1 - 1e-10)
    for object in objects.indices where !isSkipped[object] && !isTaken[object] {
      if overlaps[row + object] >= wanted {
        best = object
        wanted = overlaps[row + object]
      }
    }
    if best >= 0 { return best }
    for object in objects.indices
    where isSkipped[object] && (!isTaken[object] || objects[object].isCrowd) {
      if overlaps[row + object] >= wanted {
        best = object
        wanted = overlaps[row + object]
      }
    }
    return best >= 0 ? best : nil
  }
}
