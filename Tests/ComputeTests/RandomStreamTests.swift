import Compute
import Foundation
import TestSupport
import Testing

@Suite struct RandomStreamTests {
  @Test func firstValuesOfSplitMix64() throws {
    let cases = try goldenCases("layers").filter { $0.name.hasPrefix("random ") }
    #expect(cases.count == 3)
    for golden in cases {
      let seed = try #require(UInt64(golden.name.dropFirst("random ".count)))
      var stream = RandomStream(seed: seed)
      for i in 0..<4 {
        let high = UInt64(try #require(golden.numbers["high\(i)"]))
        let low = UInt64(try #require(golden.numbers["low\(i)"]))
        let value = stream.next()
        #expect(value == high << 32 | low, "seed \(seed), value \(i)")
      }
    }
  }

  @Test func theStateContinuesTheStream() throws {
    var stream = RandomStream(seed: 5)
    for _ in 0..<10 { _ = stream.next() }
    var restored = RandomStream(state: stream.state)
    let decoded = try JSONDecoder().decode(
      RandomStream.self, from: JSONEncoder().encode(stream))
    #expect(decoded == stream)
    for _ in 0..<10 {
      let (a, b) = (stream.next(), restored.next())
      #expect(a == b)
    }
  }

  @Test func splittingDisturbsNothingAndDependsOnEveryKey() {
    var stream = RandomStream(seed: 5)
    var untouched = stream
    _ = stream.split(1, 2)
    let (a, b) = (stream.next(), untouched.next())
    #expect(a == b)
    #expect(stream.split(1, 2) == stream.split(1, 2))
    // Grids of keys, in both orders and in chains, give streams that are all different.
    var seen: Set<UInt64> = []
    for a in 0..<40 as Range<UInt64> {
      seen.insert(stream.split(a).state)
      for b in 0..<40 as Range<UInt64> {
        seen.insert(stream.split(a, b).state)
        seen.insert(stream.split(a).split(b, 0).state)
      }
    }
    #expect(seen.count == 40 + 2 * 40 * 40)
  }

  @Test func neighbouringSplitsAreUncorrelated() {
    let root = RandomStream(seed: 9)
    let count = 20_000
    var first: [Double] = []
    var lagged: [Double] = []
    for key in 0..<count {
      var a = root.split(UInt64(key))
      first.append(Double(a.uniform(-1...1)))
      lagged.append(Double(a.uniform(-1...1)))
    }
    var neighbours = 0.0
    var successive = 0.0
    for i in 1..<count {
      neighbours += first[i] * first[i - 1]
      successive += first[i] * lagged[i]
    }
    // Products of two uniform values have standard deviation 1/3; five of the mean's.
    let bound = 5.0 / 3 * Double(count).squareRoot()
    #expect(abs(neighbours) < bound)
    #expect(abs(successive) < bound)
    #expect(abs(first.reduce(0, +)) < 5 * (Double(count) / 3).squareRoot())
  }

  @Test func uniformMomentsAndBounds() {
    var stream = RandomStream(seed: 1)
    let values = (0..<100_000).map { _ in Double(stream.uniform(2...6)) }
    #expect(values.allSatisfy { $0 >= 2 && $0 <= 6 })
    let (mean, variance) = moments(values)
    #expect(abs(mean - 4) < 5 * (16.0 / 12 / 1e5).squareRoot())
    #expect(abs(variance - 16.0 / 12) < 0.03)
    let point = stream.uniform(3...3)
    #expect(point == 3)
  }

  @Test func normalMoments() {
    var stream = RandomStream(seed: 2)
    let values = (0..<100_000).map { _ in Double(stream.normal()) }
    #expect(values.allSatisfy { $0.isFinite })
    let (mean, variance) = moments(values)
    #expect(abs(mean) < 5 / 1e5.squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / 1e5).squareRoot())
    let fourth = values.map { pow($0, 4) }.reduce(0, +) / 1e5
    #expect(abs(fourth - 3) < 5 * (96 / 1e5).squareRoot())
    let tail = Double(values.count { abs($0) > 1.959964 }) / 1e5
    #expect(abs(tail - 0.05) < 5 * (0.05 * 0.95 / 1e5).squareRoot())
  }

  @Test func integersBernoulliAndPermutations() {
    var stream = RandomStream(seed: 3)
    var counts = [Int](repeating: 0, count: 5)
    for _ in 0..<50_000 { counts[stream.integer(in: 10...14) - 10] += 1 }
    for count in counts { #expect(abs(count - 10_000) < 5 * 90) }
    let heads = (0..<50_000).count { _ in stream.bernoulli(0.3) }
    #expect(abs(heads - 15_000) < 5 * 103)
    let (never, always) = (stream.bernoulli(0), stream.bernoulli(1))
    #expect(!never && always)
    let permutation = stream.permutation(100)
    #expect(permutation.sorted() == Array(0..<100))
    #expect(permutation != Array(0..<100))
    let none = stream.permutation(0)
    #expect(none.isEmpty)
  }

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
    return (mean, variance)
  }
}
