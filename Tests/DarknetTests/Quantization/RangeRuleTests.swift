import Compute
import TestSupport
import Testing

@testable import Networks

/// Ranges of bytes from values that were seen.
@Suite struct RangeRuleTests {
  private func histogram(_ values: [Float]) -> ValueHistogram {
    var histogram = ValueHistogram()
    values.withUnsafeBufferPointer { histogram.add($0) }
    return histogram
  }

  /// Mean square by which bytes miss the values.
  private func error(_ values: [Float], _ q: Quantization) -> Double {
    values.reduce(0.0) { sum, value in
      let byte = min(255, max(0, (value / q.scale).rounded() + Float(q.zeroPoint)))
      let difference = Double((byte - Float(q.zeroPoint)) * q.scale - value)
      return sum + difference * difference
    } / Double(values.count)
  }

  @Test func extremes() throws {
    let q = try #require(histogram([-0.5, 0, 3, 1]).quantization(by: .extremes))
    #expect(q == Quantization(low: -0.5, high: 3))
    #expect(histogram([0, 0]).quantization(by: .mse) == nil)
  }

  @Test func percentileLeavesOutTheRarest() throws {
    var values = (0..<100_000).map { Float($0) / 100_000 }
    values += [50, -20]
    let q = try #require(histogram(values).quantization(by: .percentile))
    // Four of 100,002 values lie beyond 0.99995, two of them 50 and the largest of the others; bins are
    // 1/32 wide.
    #expect(abs(q.range.upperBound - 1) < 0.05 && q.range.lowerBound > -0.05)
  }

  /// No other ends of the grid are much better, by the values themselves.
  @Test(arguments: [0, 1]) func leastSquares(_ kind: Int) throws {
    var random = RandomStream(seed: 4)
    let values = (0..<20_000).map { _ -> Float in
      let value = random.normal()
      // Leaky's values; a few far from the others.
      if kind == 0 { return value > 0 ? value * value : 0.1 * value }
      return value * (random.uniform() < 0.001 ? 12 : 1)
    }
    let found = try #require(histogram(values).quantization(by: .mse))
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    var best = Double.infinity
    for a in stride(from: Float(0.1), through: 1, by: 0.05) {
      for b in stride(from: Float(0.1), through: 1, by: 0.05) {
        best = min(best, error(values, Quantization(low: a * low, high: b * high)))
      }
    }
    #expect(error(values, found) < 1.03 * best)
    let extremes = try #require(histogram(values).quantization(by: .extremes))
    #expect(error(values, found) < error(values, extremes))
  }

  /// However values come in.
  @Test func partsAddUp() throws {
    let values = randomValues(5_000, in: -3...70, seed: 2)
    var joined = histogram(Array(values[..<10]).map { $0 * 1e-4 })
    joined.add(histogram(Array(values[10...])))
    var other = histogram(Array(values[10...]))
    Array(values[..<10]).map { $0 * 1e-4 }.withUnsafeBufferPointer { other.add($0) }
    for rule in RangeRule.allCases {
      #expect(joined.quantization(by: rule) == other.quantization(by: rule))
    }
    #expect(joined.count == 5_000)
  }
}
