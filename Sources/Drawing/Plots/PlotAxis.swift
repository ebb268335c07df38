import Foundation

/// One axis of a plot: which values it shows and where.
struct PlotAxis {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let ticks: [Tick]

  /// The given range, or one that holds all finite values, widened to marked values if `isRounded`.
  init(
    values: [Double], range: ClosedRange<Double>?, isLogarithmic: Bool, tickCount: Int,
    isRounded: Bool
  ) {
    let usable = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    var low = range?.lowerBound ?? usable.min() ?? (isLogarithmic ? 0.1 : 0)
    var high = range?.upperBound ?? usable.max() ?? 1
    if isLogarithmic { low = max(low, .leastNormalMagnitude) }
    if !(low < high) {
      (low, high) = isLogarithmic ? (low / 2, low * 2) : (low - 0.5, low + 0.5)
    } else if range == nil, isRounded, !isLogarithmic {
      let step = AxisTicks.step(low...high, count: tickCount)
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    }
    if !(low < high) { (low, high) = (0, 1) }
    self.range = low...high
    self.isLogarithmic = isLogarithmic
    ticks =
      isLogarithmic
      ? AxisTicks.logarithmic(low...high) : AxisTicks.linear(low...high, count: tickCount)
  }

  /// Where a value lies: 0 at the axis's start, 1 at its end; NaN where a logarithm has none.
  func fraction(_ value: Double) -> Double {
    if isLogarithmic {
      guard value > 0 else { return .nan }
      return log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }
}
