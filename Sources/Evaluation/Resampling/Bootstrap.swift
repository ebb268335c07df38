package import Compute

/// An interval that holds the true value in a given share of experiments.
package struct ConfidenceInterval: Hashable, Sendable, Codable {
  /// Its lower end.
  package let lower: Double
  /// Its upper end.
  package let upper: Double
  /// The share of experiments, 0...1.
  package let level: Double

  /// An interval; lower ≤ upper.
  package init(lower: Double, upper: Double, level: Double) {
    self.lower = lower
    self.upper = upper
    self.level = level
  }
}

/// A number computed from a sample, and how far another sample of its size would move it.
package struct Estimate: Hashable, Sendable {
  /// The number; nil where undefined.
  package let value: Double?
  /// The interval; nil where the number is undefined.
  package let interval: ConfidenceInterval?

  /// A number with its interval.
  package init(value: Double?, interval: ConfidenceInterval?) {
    self.value = value
    self.interval = interval
  }
}

/// What separates two detectors on the same images.
package struct EstimatedDifference: Hashable, Sendable {
  /// Second minus first; nil where either is undefined.
  package let value: Double?
  /// The interval of the paired difference; nil where it is undefined.
  package let interval: ConfidenceInterval?
  /// The share of resamples in which the second is larger, ties counting half; nil if undefined.
  package let shareLarger: Double?

  /// Whether the interval leaves out zero.
  package var isSignificant: Bool { interval.map { $0.lower > 0 || $0.upper < 0 } ?? false }
}

/// Intervals by resampling images (Efron 1979).
///
/// The images are drawn with replacement, the statistic is computed anew, and the middle of the
/// results, moved by their bias, is the interval:
///
///     [q(α / 2) − b, q(1 − α / 2) − b],   b = mean of the draws − value,   level 1 − α
///
/// with q the quantiles of the draws, cut off where the statistic's range ends. b is taken as 0 where
/// the draws cannot tell it from 0, up to three standard errors of their mean, and for paired
/// differences, in which it cancels.
///
/// Images, not detections, are what is drawn, because detections of one image depend on each other.
/// The same seed gives the same draws, whatever the number of threads.
///
/// A resample has fewer distinct images than the data. Numbers that grow with scatter are therefore
/// larger in resamples, the calibration errors with few detections per bin, and average precision,
/// which takes the best precision at this recall or beyond, of classes with few objects. Without b
/// the interval could lie above the number itself. The number has such a bias as well, which stays.
package struct Bootstrap: Sendable, Hashable {
  /// The number of resamples, at least 1.
  package var draws: Int
  /// The share of resamples inside the interval, 0...1.
  package var level: Double
  /// Chooses the resamples.
  package var seed: UInt64

  /// Resampling; a thousand draws place the ends of a 95 % interval to about a tenth of its width.
  package init(draws: Int = 1000, level: Double = 0.95, seed: UInt64 = 1) {
    precondition(draws > 0 && (0...1).contains(level), "no draws, or a level outside 0...1")
    self.draws = draws
    self.level = level
    self.seed = seed
  }

  /// The values of a statistic with their intervals.
  ///
  /// - Parameters:
  ///   - statistic: What to compute.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  /// - Returns: One entry per value.
  package func estimates(of statistic: some ImageStatistic, pool: ThreadPool? = nil) -> [Estimate] {
    zip(statistic.values, draws(of: statistic, pool: pool)).enumerated().map { index, pair in
      Estimate(
        value: pair.0,
        interval: pair.0.flatMap { interval(pair.1, around: $0, statistic.range(ofValue: index)) })
    }
  }

  /// How two values of a statistic differ, both computed on the same resamples.
  ///
  /// - Parameters:
  ///   - first: The statistic of the detector compared with.
  ///   - second: The same statistic of another detector on the same images in the same order.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  /// - Returns: Second minus first, one entry per value.
  package func differences<Statistic: ImageStatistic>(
    from first: Statistic, to second: Statistic, pool: ThreadPool? = nil
  ) -> [EstimatedDifference] {
    precondition(
      first.imageCount == second.imageCount && first.valueCount == second.valueCount,
      "the statistics are of different images or different kinds")
    let table = table(first.valueCount, first.imageCount, pool) { weights in
      zip(first.values(weights), second.values(weights)).map { a, b in
        a.flatMap { a in b.map { $0 - a } } ?? .nan
      }
    }
    return zip(zip(first.values, second.values), table).map { pair, draws in
      guard let a = pair.0, let b = pair.1 else {
        return EstimatedDifference(value: nil, interval: nil, shareLarger: nil)
      }
      let finite = draws.filter(\.isFinite)
      let wins = finite.reduce(0.0) { $0 + ($1 > 0 ? 1 : $1 == 0 ? 0.5 : 0) }
      return EstimatedDifference(
        value: b - a, interval: interval(draws),
        shareLarger: finite.isEmpty ? nil : wins / Double(finite.count))
    }
  }

  /// The values of a statistic on all resamples, by value, then draw; NaN where undefined.
  func draws(of statistic: some ImageStatistic, pool: ThreadPool?) -> [[Double]] {
    table(statistic.valueCount, statistic.imageCount, pool) { weights in
      statistic.values(weights).map { $0 ?? .nan }
    }
  }

  /// The results of all resamples, by value, then draw.
  private func table(
    _ valueCount: Int, _ imageCount: Int, _ pool: ThreadPool?,
    _ values: @Sendable (ImageWeights) -> [Double]
  ) -> [[Double]] {
    let stream = RandomStream(seed: seed)
    @Sendable func one(_ draw: Int) -> [Double] {
      var stream = stream.split(UInt64(draw))
      return values(ImageWeights(drawnFrom: imageCount, using: &stream))
    }
    let results = pool?.map(count: draws, one) ?? (0..<draws).map(one)
    return (0..<valueCount).map { value in results.map { $0[value] } }
  }

  private func interval(_ draws: [Double]) -> ConfidenceInterval? {
    let sorted = draws.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return nil }
    let tail = (1 - level) / 2
    return ConfidenceInterval(
      lower: Self.quantile(sorted, tail), upper: Self.quantile(sorted, 1 - tail), level: level)
  }

  /// The interval around a value, from its draws; nil without finite ones.
  func interval(
    _ draws: [Double], around value: Double, _ range: ClosedRange<Double>
  ) -> ConfidenceInterval? {
    guard let plain = interval(draws) else { return nil }
    let bias = Self.bias(draws.filter(\.isFinite), of: value)
    func moved(_ end: Double) -> Double {
      min(max(end - bias, range.lowerBound), range.upperBound)
    }
    return ConfidenceInterval(
      lower: moved(plain.lower), upper: moved(plain.upper), level: level)
  }

  /// How far draws lie beside the value on average; 0 where that may be chance.
  static func bias(_ draws: [Double], of value: Double) -> Double {
    let count = Double(draws.count)
    let bias = draws.reduce(0) { $0 + ($1 - value) } / count
    let square = draws.reduce(0) { $0 + ($1 - value - bias) * ($1 - value - bias) }
    return abs(bias) > 3 * (square / count / count).squareRoot() ? bias : 0
  }

  /// The quantile of ascending values, linear between neighbours.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = min(max(Int(place), 0), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
