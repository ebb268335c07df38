/// The detections of one class in order of falling confidence, with what they found at ten thresholds
/// in four area ranges: everything that COCO's numbers are made of, for any sample of the images.
///
/// A detection counts as often as its image was drawn. The copies stand together, and the precision
/// after the last of them is what the curve, made monotonic, has at all of them.
struct COCORanking: Sendable {
  /// A detection.
  struct Entry {
    let image: Int32
    /// Where in `found` and `skipped` it stands, −1 if it found nothing anywhere.
    let event: Int32
    /// The area ranges that it lies in, as bits.
    let ranges: UInt8
    /// Its place among those of its image, from 0.
    let rank: UInt8
  }

  private let entries: [Entry]
  private let found: [UInt64]
  private let skipped: [UInt64]
  /// Images with objects, and how many of those count in each range.
  private let objects: [(image: Int32, counts: SIMD4<Int32>)]
  /// Right detections of bit b: places[b] ..< places[b + 1] of a list by bits.
  private let places: [Int]

  /// From the detections in any order.
  ///
  /// - Parameters:
  ///   - keys: What sorts them by falling confidence, ties by their index.
  ///   - images: Their images.
  ///   - ranks: Their places among those of their image.
  ///   - verdicts: What they found.
  ///   - objects: Images with objects, and how many of those count in each range.
  init(
    keys: [UInt32], images: [Int32], ranks: [UInt8], verdicts: [COCOVerdict],
    objects: [(image: Int32, counts: SIMD4<Int32>)]
  ) {
    let order = keys.indices.map { UInt64(keys[$0]) << 32 | UInt64($0) }.sorted()
    var entries: [Entry] = []
    entries.reserveCapacity(order.count)
    var found: [UInt64] = []
    var skipped: [UInt64] = []
    var counts = [Int](repeating: 0, count: 40)
    for key in order {
      let index = Int(key & 0xFFFF_FFFF)
      let verdict = verdicts[index]
      let isEvent = verdict.found | verdict.skipped != 0
      entries.append(
        Entry(
          image: images[index], event: isEvent ? Int32(found.count) : -1,
          ranges: verdict.ownRanges, rank: ranks[index]))
      guard isEvent else { continue }
      found.append(verdict.found)
      skipped.append(verdict.skipped)
      var bits = verdict.found
      while bits != 0 {
        counts[bits.trailingZeroBitCount] += 1
        bits &= bits - 1
      }
    }
    self.entries = entries
    self.found = found
    self.skipped = skipped
    self.objects = objects
    places = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  /// What the numbers are means of, by bit 10 · range + threshold.
  struct Levels {
    /// Mean precision over 101 levels of recall; nil where no object counts in the range.
    var precisions = [Double?](repeating: nil, count: 40)
    /// The number of right detections.
    var right = [Int](repeating: 0, count: 40)
    /// The number of objects in each range.
    var positives = SIMD4<Int32>()
    /// Right detections at all thresholds that are the first, and the first ten, of their image.
    var early = SIMD2<Int64>()

    /// The mean precision over the thresholds of a range; nil without objects.
    func precision(_ range: Int) -> Double? {
      mean(Array(precisions[(10 * range)..<(10 * range + 10)]))
    }

    /// Recall over some thresholds of a range; nil without objects.
    func recall(_ range: Int, _ thresholds: Range<Int> = 0..<10) -> Double? {
      guard positives[range] > 0 else { return nil }
      let total = thresholds.reduce(0) { $0 + right[10 * range + $1] }
      return Double(total) / Double(thresholds.count * Int(positives[range]))
    }

    /// The share of objects found by the first detection of an image, or by the first ten.
    func earlyRecall(_ place: Int) -> Double? {
      positives[0] > 0 ? Double(early[place]) / Double(10 * Int(positives[0])) : nil
    }
  }

  /// The twelve numbers of a sample in which image i occurs `counts[i]` times.
  func summary(_ counts: UnsafeBufferPointer<Int32>) -> COCOEvaluation.Summary {
    let levels = levels(counts)
    return COCOEvaluation.Summary(
      ap: levels.precision(0), ap50: levels.precisions[0], ap75: levels.precisions[5],
      apSmall: levels.precision(1), apMedium: levels.precision(2), apLarge: levels.precision(3),
      ar1: levels.earlyRecall(0), ar10: levels.earlyRecall(1), ar100: levels.recall(0),
      arSmall: levels.recall(1), arMedium: levels.recall(2), arLarge: levels.recall(3))
  }

  /// Precision and recall of a sample in which image i occurs `counts[i]` times.
  func levels(_ counts: UnsafeBufferPointer<Int32>) -> Levels {
    var positives = SIMD4<Int32>()
    for (image, number) in objects { positives &+= number &* counts[Int(image)] }
    return withUnsafeTemporaryAllocation(of: Step.self, capacity: places[40]) { steps in
      let curves = fill(steps, counts)
      return levels(UnsafeBufferPointer(steps), curves, positives)
    }
  }

  /// A right detection: how many were right up to and with it, and the precision there.
  private struct Step {
    let right: Int32
    var precision: Double
  }

  /// How far the steps of each bit go, and right detections at all thresholds by their place in the
  /// image.
  private struct Curves {
    var ends: [Int]
    var early = SIMD2<Int64>()
  }

  private func fill(
    _ steps: UnsafeMutableBufferPointer<Step>, _ counts: UnsafeBufferPointer<Int32>
  ) -> Curves {
    var curves = Curves(ends: Array(places[..<40]))
    var right = [Int32](repeating: 0, count: 40)
    // Most detections find nothing at any threshold and are counted once per range; `elsewhere`
    // takes off those that found something at one threshold and not at another.
    var wrong = SIMD4<Int32>()
    var elsewhere = [Int32](repeating: 0, count: 40)
    for entry in entries {
      let count = counts[Int(entry.image)]
      if count == 0 { continue }
      wrong &+= Self.masks[Int(entry.ranges)] &* count
      if entry.event < 0 { continue }
      let hits = found[Int(entry.event)]
      var bits = hits | skipped[Int(entry.event)]
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        bits &= bits - 1
        let range = bit / 10
        if entry.ranges & (1 << UInt8(range)) != 0 { elsewhere[bit] += count }
        guard hits & (1 << UInt64(bit)) != 0 else { continue }
        right[bit] += count
        let all = right[bit] + wrong[range] - elsewhere[bit]
        steps[curves.ends[bit]] = Step(
          right: right[bit], precision: Double(right[bit]) / Double(all))
        curves.ends[bit] += 1
      }
      let thresholds = Int64((hits & 0x3FF).nonzeroBitCount) * Int64(count)
      if entry.rank < 1 { curves.early[0] += thresholds }
      if entry.rank < 10 { curves.early[1] += thresholds }
    }
    for bit in 0..<40 {
      var best = 0.0
      for index in (places[bit]..<curves.ends[bit]).reversed() {
        best = max(best, steps[index].precision)
        steps[index].precision = best
      }
    }
    return curves
  }

  private func levels(
    _ steps: UnsafeBufferPointer<Step>, _ curves: Curves, _ positives: SIMD4<Int32>
  ) -> Levels {
    var levels = Levels(positives: positives, early: curves.early)
    for range in 0..<4 where positives[range] > 0 {
      let wanted = Self.wantedCounts(positives[range])
      for bit in (10 * range)..<(10 * range + 10) {
        var index = places[bit]
        var sum = 0.0
        for count in wanted {
          while index < curves.ends[bit], steps[index].right < count { index += 1 }
          if index == curves.ends[bit] { break }
          sum += steps[index].precision
        }
        levels.precisions[bit] = sum / 101
        if curves.ends[bit] > places[bit] {
          levels.right[bit] = Int(steps[curves.ends[bit] - 1].right)
        }
      }
    }
    return levels
  }

  /// How many of the objects must be found for a recall of 0, .01, …, 1.
  private static func wantedCounts(_ positives: Int32) -> [Int32] {
    var count: Int32 = 0
    return (0...100).map { level in
      // k · 0.01 in floating point, not k / 100: COCO's tool compares with these levels.
      let wanted = level == 100 ? 1 : Double(level) * 0.01
      count = max(count, Int32(wanted * Double(positives)) - 1)
      while Double(count) / Double(positives) < wanted { count += 1 }
      // Precision at recall 0 is that of the first right detection.
      return max(count, 1)
    }
  }

  /// One in the lanes of the ranges.
  private static let masks: [SIMD4<Int32>] = (Int32(0)..<16).map { bits in
    (SIMD4(repeating: bits) &>> SIMD4(0, 1, 2, 3)) & SIMD4(repeating: 1)
  }
}
