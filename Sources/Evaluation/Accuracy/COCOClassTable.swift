import Detection

/// The detections and objects of one class in all images, image after image.
struct COCOClassTable {
  /// At most this many detections of a class count in an image.
  static let detectionLimit = 100

  /// A detection waiting to be ranked within its image.
  private struct Candidate {
    /// Sorts by falling confidence, then file order.
    let key: UInt64
    let box: MatchedBox
  }

  private var image = -1
  private var pending: [Candidate] = []
  private var pendingObjects: [COCOMatcher.Object] = []
  private var objectBoxes: [MatchedBox] = []
  private var matcher = COCOMatcher()
  private var boxes: [MatchedBox] = []
  /// Confidence keys, ranks within the image and verdicts of all detections so far.
  private var keys: [UInt32] = []
  private var ranks: [UInt8] = []
  private var verdicts: [COCOVerdict] = []
  private var images: [Int32] = []
  /// Images with objects, and how many of those count in each range.
  private var objects: [(image: Int32, counts: SIMD4<Int32>)] = []

  /// Appends a detection; images must come one after the other.
  mutating func append(_ detection: Detection, image: Int) {
    begin(image)
    let key = UInt64(DetectionRanking.descendingKey(detection.confidence)) << 32
    pending.append(
      Candidate(key: key | UInt64(pending.count), box: MatchedBox(edges: detection.box)))
  }

  /// Appends an object; images must come one after the other.
  mutating func append(_ object: COCOMatcher.Object, _ box: MatchedBox, image: Int) {
    begin(image)
    pendingObjects.append(object)
    objectBoxes.append(box)
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
      objectBoxes.removeAll(keepingCapacity: true)
    }
    if pending.count > 1 { pending.sort { $0.key < $1.key } }
    let count = min(pending.count, Self.detectionLimit)
    let start = verdicts.count
    boxes.removeAll(keepingCapacity: true)
    for (rank, candidate) in pending.prefix(count).enumerated() {
      keys.append(UInt32(candidate.key >> 32))
      ranks.append(UInt8(rank))
      images.append(Int32(image))
      boxes.append(candidate.box)
      verdicts.append(
        COCOVerdict(ownRanges: COCOMatcher.rangeBits(candidate.box.area)))
    }
    guard !pendingObjects.isEmpty else { return }
    let counts = COCOMatcher.positiveCounts(pendingObjects).map(Int32.init)
    objects.append((Int32(image), SIMD4(counts)))
    guard count > 0 else { return }
    boxes.withUnsafeBufferPointer { boxes in
      verdicts.withUnsafeMutableBufferPointer { verdicts in
        matcher.match(
          boxes, objectBoxes, pendingObjects,
          into: UnsafeMutableBufferPointer(rebasing: verdicts[start...]))
      }
    }
  }

  /// Everything in order of confidence, after ``finish()``.
  func ranking() -> COCORanking {
    COCORanking(keys: keys, images: images, ranks: ranks, verdicts: verdicts, objects: objects)
  }
}
