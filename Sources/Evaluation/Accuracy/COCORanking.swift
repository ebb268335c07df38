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

  /// The twelve numbers of a sample in which image i occurs `counts[i]` times.
  func summary(_ counts: UnsafeBufferPointer<Int32>) -> COCOEvaluation.Summary {
    var positives = SIMD4<Int32>()
    for (image, number) in objects { positives &+= number &* counts[Int(image)] }
    return withUnsafeTemporaryAllocation(of: Step.self, capacity: places[40]) { steps in
      let curves = fill(steps, counts)
      return summary(UnsafeBufferPointer(steps), curves, positives)
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

  private func summary(
    _ steps: UnsafeBufferPointer<Step>, _ curves: Curves, _ positives: SIMD4<Int32>
  ) -> COCOEvaluation.Summary {
    var precisions = [Double?](repeating: nil, count: 40)
    var recalls = [Double?](repeating: nil, count: 4)
    for range in 0..<4 where positives[range] > 0 {
      let wanted = Self.wantedCounts(positives[range])
      var total = 0
      for bit in (10 * range)..<(10 * range + 10) {
        var index = places[bit]
        var sum = 0.0
        for count in wanted {
          while index < curves.ends[bit], steps[index].right < count { index += 1 }
          if index == curves.ends[bit] { break }
          sum += steps[index].precision
        }
        precisions[bit] = sum / 101
        if curves.ends[bit] > places[bit] { total += Int(steps[curves.ends[bit] - 1].right) }
      }
      recalls[range] = Double(total) / Double(10 * Int(positives[range]))
    }
    func average(_ range: Int) -> Double? {
      mean(Array(precisions[(10 * range)..<(10 * range + 10)]))
    }
    func early(_ count: Int64) -> Double? {
      positives[0] > 0 ? Double(count) / Double(10 * Int(positives[0])) : nil
    }
    return COCOEvaluation.Summary(
      ap: average(0), ap50: precisions[0], ap75: precisions[5], apSmall: average(1),
      apMedium: average(2), apLarge: average(3), ar1: early(curves.early[0]),
      ar10: early(curves.early[1]), ar100: recalls[0], arSmall: recalls[1], arMedium: recalls[2],
      arLarge: recalls[3])
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
