import Foundation

/// A marked value of an axis.
struct Tick: Hashable {
  let value: Double
  let label: String
}

/// Round values to mark on an axis.
enum AxisTicks {
  /// Multiples of 1, 2 or 5 times a power of ten, at most about `count` of them.
  static func linear(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let step = step(range, count: count)
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard first <= last, last - first < 1000 else { return [] }
    return (0...Int(last - first)).map {
      let value = (first + Double($0)) * step
      return Tick(value: value, label: label(value, step: step))
    }
  }

  /// The distance of marked values.
  static func step(_ range: ClosedRange<Double>, count: Int) -> Double {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else { return 1 }
    let rough = span / Double(max(count, 1))
    let power = pow(10, log10(rough).rounded(.down))
    let factor = [1.0, 2, 5].first { $0 * power >= rough * (1 - 1e-9) } ?? 10
    return factor * power
  }

  /// Powers of ten, with their doubles and fivefolds if the range spans few of them.
  static func logarithmic(_ range: ClosedRange<Double>) -> [Tick] {
    guard range.lowerBound > 0, range.upperBound.isFinite else { return [] }
    let low = Int(log10(range.lowerBound).rounded(.down))
    let high = Int(log10(range.upperBound).rounded(.up))
    let factors: [Double] = high - low <= 3 ? [1, 2, 5] : [1]
    let stride = max((high - low) / 8, 1)
    var ticks: [Tick] = []
    for exponent in Swift.stride(from: low, through: high, by: stride) {
      for factor in factors {
        let value = factor * pow(10, Double(exponent))
        if value >= range.lowerBound * (1 - 1e-9), value <= range.upperBound * (1 + 1e-9) {
          ticks.append(Tick(value: value, label: label(value, step: value)))
        }
      }
    }
    return ticks
  }

  /// As many decimals as the step needs; thousands and millions are shortened.
  static func label(_ value: Double, step: Double) -> String {
    if abs(value) < step * 1e-6 { return "0" }
    for (unit, suffix) in [(1e6, "M"), (1e3, "k")] where abs(value) >= unit {
      if step >= unit / 10 { return decimal(value / unit, step: step / unit) + suffix }
    }
    if abs(step) < 1e-4 { return String(format: "%.3g", value) }
    return decimal(value, step: step)
  }

  private static func decimal(_ value: Double, step: Double) -> String {
    let digits = min(max(Int((-log10(step) - 1e-9).rounded(.up)), 0), 6)
    return String(format: "%.\(digits)f", value)
  }
}
