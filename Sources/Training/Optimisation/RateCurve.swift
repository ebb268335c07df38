import Foundation

/// Learning rates that rise by the same factor from each update to the next.
package struct RateRange: Sendable, Equatable {
  /// The first rate, above 0.
  package let first: Double
  /// The last rate, above ``first``.
  package let last: Double
  /// Updates, at least 2.
  package let updates: Int

  /// Rates from far too small to far too large.
  package init(first: Double = 1e-7, last: Double = 10, updates: Int = 100) {
    precondition(first > 0 && last > first && last.isFinite && updates > 1, "a range of rates")
    self.first = first
    self.last = last
    self.updates = updates
  }

  /// The rate of an update, 0 ..< ``updates``.
  package func rate(of update: Int) -> Double {
    first * pow(last / first, Double(update) / Double(updates - 1))
  }
}

/// The loss while the learning rate rises: a range test (Smith 2017), smoothed and ended as fastai does,
/// but with a mean over a tenth of the updates, however many there are.
package struct RateCurve: Sendable, Equatable {
  /// One update.
  package struct Point: Sendable, Equatable, Encodable {
    /// Its learning rate.
    package let rate: Double
    /// The loss per image before it.
    package let loss: Double
    /// The mean of the losses so far, by weights that fall with their age.
    package let smoothed: Double
  }

  /// Why there are no more points.
  package enum End: String, Sendable, Encodable {
    /// All rates of the range were tried.
    case complete
    /// The smoothed loss is above ``tolerance`` times its least.
    case diverged
    /// The loss or the gradient of a further update was not finite.
    case notFinite
    /// The user stopped it.
    case interrupted
  }

  /// The share of the mean that the next one keeps, 0 ..< 1.
  package let smoothing: Double
  /// The smoothed loss ends the test above so many times its least.
  package static let tolerance = 4.0
  /// The share of the points at the beginning that suggests nothing: their means are of few losses.
  private static let beginning = 0.1
  /// A slope is that of the line through so many neighbours.
  private static let neighbours = 5

  /// The updates, the rate rising.
  package private(set) var points: [Point] = []
  /// Why it ends.
  package var end = End.complete
  private var mean = 0.0

  /// A curve without points, whose means are over about a tenth of `updates`.
  package init(updates: Int) { smoothing = 1 - min(0.5, 10 / Double(max(1, updates))) }

  /// Adds an update.
  package mutating func add(rate: Double, loss: Double) {
    mean = smoothing * mean + (1 - smoothing) * loss
    // The mean began at 0, which this takes out.
    let weight = 1 - pow(smoothing, Double(points.count + 1))
    points.append(Point(rate: rate, loss: loss, smoothed: mean / weight))
  }

  /// Whether further updates would say nothing.
  package var hasDiverged: Bool {
    guard let last = points.last, let least else { return false }
    return last.smoothed > Self.tolerance * least.smoothed
  }

  /// The point of the least smoothed loss, the first of equal ones, nil without points.
  package var least: Point? { points.min { $0.smoothed < $1.smoothed } }

  /// A tenth of the rate at which the smoothed loss is least; nil if it is least at the beginning: no
  /// rate lowers it.
  package var leastTenth: Double? {
    guard let least, let index = points.firstIndex(of: least), index >= firstUsed else {
      return nil
    }
    return least.rate / 10
  }

  /// The rate at which the smoothed loss falls fastest with the logarithm of the rate, on the way to its
  /// least; nil if it falls nowhere.
  package var steepest: Double? {
    let half = Self.neighbours / 2
    let end = (points.firstIndex { $0 == least }).map { min($0, points.count - 1 - half) } ?? 0
    guard firstUsed + half <= end else { return nil }
    let slopes = (firstUsed + half...end).map { index in
      (index, slope(of: points[index - half...index + half]))
    }
    guard let best = slopes.min(by: { $0.1 < $1.1 }), best.1 < 0 else { return nil }
    return points[best.0].rate
  }

  private var firstUsed: Int { Int((Self.beginning * Double(points.count)).rounded(.up)) }

  /// The slope of the line through points by least squares, over the logarithm of the rate.
  private func slope(of points: ArraySlice<Point>) -> Double {
    let count = Double(points.count)
    let x = points.map { log($0.rate) }
    let y = points.map(\.smoothed)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let products = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return products / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
  }
}
