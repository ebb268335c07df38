import Detection

/// The detections and objects of one class in all images, image after image.
struct COCOClassTable {
  /// At most this many detections of a class count in an image.
  static let detectionLimit = 100

  /// A detection waiting to be ranked within its image.
  private struct Candidate {
    /// Sorts by falling confidence, then file order.
    let key: UInt64
    let box: COCORectangle
  }

  private var image = -1
  private var pending: [Candidate] = []
  private var pendingObjects: [COCOMatcher.Object] = []
  private var matcher = COCOMatcher()
  private var boxes: [COCORectangle] = []
  /// Confidence keys, ranks within the image and verdicts of all detections so far.
  private var keys: [UInt32] = []
  private var ranks: [UInt8] = []
  private var verdicts: [COCOVerdict] = []
  private var positives = [0, 0, 0, 0]

  /// Appends a detection; images must come one after the other.
  mutating func append(_ detection: Detection, image: Int) {
    begin(image)
    let key = UInt64(DetectionRanking.descendingKey(detection.confidence)) << 32
    pending.append(
      Candidate(key: key | UInt64(pending.count), box: COCORectangle(detection.box)))
  }

  /// Appends an object; images must come one after the other.
  mutating func append(_ object: COCOMatcher.Object, image: Int) {
    begin(image)
    pendingObjects.append(object)
  }

  private mutating func begin(_ next: Int) {
    if next == image { return }
    finishImage()
    image = next
  }

  /// Ends the last image.
  mutating func finish() { begin(-1) }

  private mutating func finishImage() {
    defer {
      pending.removeAll(keepingCapacity: true)
      pendingObjects.removeAll(keepingCapacity: true)
    }
    if pending.count > 1 { pending.sort { $0.key < $1.key } }
    let count = min(pending.count, Self.detectionLimit)
    let start = verdicts.count
    boxes.removeAll(keepingCapacity: true)
    for (rank, candidate) in pending.prefix(count).enumerated() {
      keys.append(UInt32(candidate.key >> 32))
      ranks.append(UInt8(rank))
      boxes.append(candidate.box)
      verdicts.append(
        COCOVerdict(ownRanges: COCOMatcher.rangeBits(candidate.box.area)))
    }
    guard !pendingObjects.isEmpty else { return }
    for (range, count) in COCOMatcher.positiveCounts(pendingObjects[...]).enumerated() {
      positives[range] += count
    }
    guard count > 0 else { return }
    boxes.withUnsafeBufferPointer { boxes in
      verdicts.withUnsafeMutableBufferPointer { verdicts in
        matcher.match(
          boxes, pendingObjects[...],
          into: UnsafeMutableBufferPointer(rebasing: verdicts[start...]))
      }
    }
  }

  /// The twelve numbers, after ``finish()``.
  func summary() -> COCOEvaluation.Summary {
    let order = keys.indices.map { UInt64(keys[$0]) << 32 | UInt64($0) }.sorted()
    let curves = COCOCurves(
      order.lazy.map { verdicts[Int($0 & 0xFFFF_FFFF)] }, positives: positives)
    // Recall with few detections per image, mean over the thresholds.
    func recall(limit: Int) -> Double? {
      guard positives[0] > 0 else { return nil }
      var found = 0
      for (rank, verdict) in zip(ranks, verdicts) where Int(rank) < limit {
        found += (verdict.found & 0x3FF).nonzeroBitCount
      }
      return Double(found) / Double(10 * positives[0])
    }
    return COCOEvaluation.Summary(
      ap: curves.averagePrecision(range: 0), ap50: curves.averagePrecision(range: 0, threshold: 0),
      ap75: curves.averagePrecision(range: 0, threshold: 5),
      apSmall: curves.averagePrecision(range: 1), apMedium: curves.averagePrecision(range: 2),
      apLarge: curves.averagePrecision(range: 3), ar1: recall(limit: 1), ar10: recall(limit: 10),
      ar100: recall(limit: Self.detectionLimit), arSmall: curves.recall(range: 1),
      arMedium: curves.recall(range: 2), arLarge: curves.recall(range: 3))
  }
}
