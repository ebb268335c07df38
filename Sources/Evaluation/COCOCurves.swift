/// The precision–recall curves of one class at ten thresholds in four area ranges.
struct COCOCurves {
  private let positives: [Int]
  /// Precision at each right detection, by range and threshold.
  private var precisions = [[Double]](repeating: [], count: 40)

  /// The curves of verdicts in order of falling confidence.
  ///
  /// - Parameters:
  ///   - ranked: The verdicts.
  ///   - positives: Objects that count in each range.
  init(_ ranked: some Sequence<COCOVerdict>, positives: [Int]) {
    self.positives = positives
    // Most detections find nothing at any threshold and are counted once per range; `elsewhere`
    // takes off those that found something at one threshold and not at another.
    var wrong = [0, 0, 0, 0]
    var elsewhere = [Int](repeating: 0, count: 40)
    for verdict in ranked {
      for range in 0..<4 where verdict.ownRanges & (1 << UInt8(range)) != 0 { wrong[range] += 1 }
      var bits = verdict.found | verdict.skipped
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        bits &= bits - 1
        let range = bit / 10
        if verdict.ownRanges & (1 << UInt8(range)) != 0 { elsewhere[bit] += 1 }
        if verdict.found & (1 << UInt64(bit)) != 0 {
          let right = precisions[bit].count + 1
          precisions[bit].append(
            Double(right) / Double(right + wrong[range] - elsewhere[bit]))
        }
      }
    }
    for bit in precisions.indices {
      var best = 0.0
      for i in precisions[bit].indices.reversed() {
        best = max(best, precisions[bit][i])
        precisions[bit][i] = best
      }
    }
  }

  /// AP at one threshold; nil without objects.
  func averagePrecision(range: Int, threshold: Int) -> Double? {
    let count = Double(positives[range])
    guard count > 0 else { return nil }
    let precisions = precisions[10 * range + threshold]
    var point = 0
    var sum = 0.0
    for level in 0...100 {
      // k · 0.01 in floating point, not k / 100: COCO's tool compares with these levels.
      let wanted = level == 100 ? 1 : Double(level) * 0.01
      while point < precisions.count, Double(point + 1) / count < wanted { point += 1 }
      if point == precisions.count { break }
      sum += precisions[point]
    }
    return sum / 101
  }

  /// The mean over the thresholds; nil without objects.
  func averagePrecision(range: Int) -> Double? {
    guard positives[range] > 0 else { return nil }
    return mean((0..<10).map { averagePrecision(range: range, threshold: $0) })
  }

  /// The share of objects found, mean over the thresholds; nil without objects.
  func recall(range: Int) -> Double? {
    guard positives[range] > 0 else { return nil }
    let found = (0..<10).reduce(0) { $0 + precisions[10 * range + $1].count }
    return Double(found) / Double(10 * positives[range])
  }
}
