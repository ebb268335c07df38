package import Compute

/// How often values occur, in bins of equal width around 0 that become wider with the values.
///
/// Widths are powers of 2, so that histograms of any values can be joined.
package struct ValueHistogram: Sendable {
  /// Bins on each side of 0.
  private static let side = 2048

  /// Values in each bin, from the most negative one.
  private var counts = [Int](repeating: 0, count: 2 * side)
  /// Of a bin.
  private var width: Float = 0x1p-30
  /// Values that are 0.
  private var zeros = 0
  /// The smallest and the largest value so far, or 0.
  private(set) var low: Float = 0
  private(set) var high: Float = 0

  /// No values yet.
  package init() {}

  /// The number of values so far.
  var count: Int { counts.reduce(zeros, +) }

  /// Counts values, all of them finite.
  package mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var low: Float = 0
    var high: Float = 0
    for value in values {
      low = min(low, value)
      high = max(high, value)
    }
    widen(to: max(-low, high))
    self.low = min(self.low, low)
    self.high = max(self.high, high)
    let inverse = 1 / width
    var zeros = 0
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        if value == 0 {
          zeros += 1
        } else {
          counts[Int((value * inverse).rounded(.down)) + Self.side] += 1
        }
      }
    }
    self.zeros += zeros
  }

  /// Counts what another one has counted.
  package mutating func add(_ other: ValueHistogram) {
    var other = other
    while other.width < width { other.double() }
    while width < other.width { double() }
    for i in counts.indices { counts[i] += other.counts[i] }
    zeros += other.zeros
    low = min(low, other.low)
    high = max(high, other.high)
  }

  private mutating func widen(to size: Float) {
    while width * Float(Self.side) <= size { double() }
  }

  private mutating func double() {
    var wider = [Int](repeating: 0, count: counts.count)
    for i in counts.indices { wider[(i - Self.side) >> 1 + Self.side] += counts[i] }
    counts = wider
    width *= 2
  }
}

/// How the range of a tensor's bytes is chosen from the values that were seen.
package enum RangeRule: String, CaseIterable, Sendable, Codable {
  /// The least expected square of the error, rounding and cut-off together.
  case mse
  /// All but one value in 20,000 on each side.
  case percentile
  /// From the smallest to the largest.
  case extremes
}

extension ValueHistogram {
  /// The bytes that a rule finds; nil if nothing but 0 was seen.
  package func quantization(by rule: RangeRule) -> Quantization? {
    guard low < high else { return nil }
    switch rule {
    case .extremes: return Quantization(low: low, high: high)
    case .percentile:
      return Quantization(low: min(0, edge(below: 5e-5)), high: max(0, edge(below: 1 - 5e-5)))
    case .mse: return leastError()
    }
  }

  /// The middle of a bin.
  private func center(_ bin: Int) -> Float { (Float(bin - Self.side) + 0.5) * width }

  /// Where a share of the values lies below, to a bin.
  private func edge(below share: Double) -> Float {
    let wanted = share * Double(count)
    var seen = 0.0
    for bin in counts.indices {
      seen += Double(counts[bin] + (bin == Self.side ? zeros : 0))
      if seen >= wanted {
        let edge = share < 0.5 ? Float(bin - Self.side) * width : Float(bin + 1 - Self.side) * width
        return min(high, max(low, edge))
      }
    }
    return high
  }

  /// The pair of ends, each some share of what was seen, with the least error.
  private func leastError() -> Quantization? {
    func ends(_ extreme: Float) -> [(end: Float, error: Double)] {
      guard extreme != 0 else { return [(0, 0)] }
      return (0..<40).map {
        let end = (1 - 0.02 * Float($0)) * extreme
        return (end, cutOff(beyond: end))
      }
    }
    let (lows, highs) = (ends(low), ends(high))
    let rounded = Double(count - zeros) / 12
    var best: (error: Double, quantization: Quantization)?
    for low in lows {
      for high in highs {
        let q = Quantization(low: low.end, high: high.end)
        let error = rounded * Double(q.scale) * Double(q.scale) + low.error + high.error
        if best.map({ error < $0.error }) != false { best = (error, q) }
      }
    }
    return best?.quantization
  }

  /// The sum of squares by which values are beyond an end.
  private func cutOff(beyond end: Float) -> Double {
    var sum = 0.0
    for bin in counts.indices where counts[bin] > 0 {
      let excess = Double(end < 0 ? end - center(bin) : center(bin) - end)
      if excess > 0 && (center(bin) < 0) == (end < 0) {
        sum += Double(counts[bin]) * excess * excess
      }
    }
    return sum
  }
}
