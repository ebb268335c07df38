import Foundation
import Testing
import Training

/// The range test of the learning rate: which rates it suggests, and when it ends.
@Suite struct RateCurveTests {
  @Test func ratesRiseByTheSameFactor() {
    let range = RateRange(first: 1e-4, last: 1, updates: 5)
    let rates = (0..<5).map(range.rate)
    for (rate, expected) in zip(rates, [1e-4, 1e-3, 1e-2, 0.1, 1]) {
      #expect(abs(rate - expected) < 1e-12 * expected)
    }
    let usual = RateRange()
    #expect(usual.rate(of: 0) == 1e-7 && abs(usual.rate(of: usual.updates - 1) - 10) < 1e-12)
  }

  /// The mean by falling weights, by its definition.
  @Test func lossesAreSmoothed() {
    var curve = RateCurve(updates: 50)
    let losses = [4.0, 1, 7, 2]
    for (index, loss) in losses.enumerated() { curve.add(rate: Double(index + 1), loss: loss) }
    let s = curve.smoothing
    #expect(s == 0.8)
    for (index, point) in curve.points.enumerated() {
      let weights = (0...index).map { pow(s, Double(index - $0)) }
      let sum = zip(weights, losses).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(point.smoothed - sum / weights.reduce(0, +)) < 1e-12)
      #expect(point.loss == losses[index] && point.rate == Double(index + 1))
    }
  }

  /// A curve whose smoothed losses are known.
  private func curve(_ smoothed: [Double], range: RateRange = RateRange()) -> RateCurve {
    var curve = RateCurve(updates: range.updates)
    let s = curve.smoothing
    var mean = 0.0
    for (index, wanted) in smoothed.enumerated() {
      let next = wanted * (1 - pow(s, Double(index + 1)))
      curve.add(rate: range.rate(of: index), loss: (next - s * mean) / (1 - s))
      mean = next
    }
    return curve
  }

  @Test func suggestionsOfAKnownCurve() {
    // Falls by the logistic of the update, fastest at update 60; then rises from update 80 on.
    let losses = (0..<100).map { update -> Double in
      let fall = 4 / (1 + exp(Double(update - 60) / 4))
      let rise = max(0, Double(update - 80) / 10)
      return 1 + fall + rise
    }
    let range = RateRange()
    let found = curve(losses, range: range)
    #expect(abs(found.points[60].smoothed - losses[60]) < 1e-9)
    #expect(found.steepest == range.rate(of: 60))
    let least = losses.firstIndex(of: losses.min() ?? 0) ?? 0
    #expect((75...82).contains(least))
    #expect(found.least?.rate == range.rate(of: least))
    #expect(found.leastTenth == range.rate(of: least) / 10)
    #expect(!found.hasDiverged)
  }

  /// The first losses are of few pictures: their noise suggests nothing.
  @Test func theBeginningSuggestsNothing() {
    var losses = (0..<100).map { 5 - Double($0) / 100 }
    losses[0] = 50
    losses[1] = 9
    let found = curve(losses)
    let first = RateRange().rate(of: 10)
    #expect((found.steepest ?? 0) >= first)
    #expect(found.leastTenth == RateRange().rate(of: 99) / 10)
    // A single loss that is off does not make the steepest place.
    losses[50] -= 0.005
    #expect(curve(losses).steepest != RateRange().rate(of: 51))
  }

  /// What falls back from a peak falls from no start.
  @Test func aPeakSuggestsNothing() {
    let losses = (0..<100).map { update -> Double in
      let fall = 3 - 0.02 * Double(min(update, 70))
      return fall + (update > 70 ? 2.5 * Double(max(0, 15 - abs(update - 85))) / 15 : 0)
    }
    let range = RateRange()
    let found = curve(losses, range: range)
    #expect((found.steepest ?? 1e9) < range.rate(of: 71))
  }

  @Test func aLossThatOnlyRisesSuggestsNothing() {
    let found = curve((0..<100).map { 1 + Double($0) / 100 })
    #expect(found.steepest == nil && found.leastTenth == nil)
    let empty = RateCurve(updates: 100)
    #expect(empty.steepest == nil && empty.leastTenth == nil && !empty.hasDiverged)
  }

  @Test func divergenceIsFourTimesTheLeast() {
    #expect(!curve([8, 4, 1, 2, 3.999]).hasDiverged)
    #expect(curve([8, 4, 1, 2, 4.001]).hasDiverged)
    // What was larger at the beginning is none.
    #expect(!curve([8, 1.5]).hasDiverged && !curve([1]).hasDiverged)
  }
}
