import Compute
import TestSupport
import Testing

@testable import Evaluation

@Suite struct SeedImageEstimateTests {
  /// The mean over images of numbers that are known.
  private struct Mean: ImageStatistic {
    let numbers: [Double]
    var imageCount: Int { numbers.count }
    var valueCount: Int { 1 }
    func range(ofValue index: Int) -> ClosedRange<Double> { -100...100 }
    func values(_ weights: ImageWeights) -> [Double?] {
      var sum = 0.0
      for (index, number) in numbers.enumerated() { sum += Double(weights[index]) * number }
      return [sum / Double(numbers.count)]
    }
  }

  /// Runs of a table of seeds and images against a reference of zeros.
  private func estimate(
    _ table: [[Double]], draws: Int, seed: UInt64 = 1
  ) throws -> SeedImageEstimate {
    let count = table[0].count
    let zero = Mean(numbers: [Double](repeating: 0, count: count))
    let differences = PairedDifferences(
      runs: [zero] + table.map(Mean.init),
      rows: [table.indices.map { .init(run: $0 + 1, reference: 0) }], comparing: [0],
      imageCount: count)
    let found = Bootstrap(draws: draws, seed: seed).estimates(ofSeeds: differences)
    return try #require(found[0][0])
  }

  /// d = 0 on average: of seeds, images and the rest, normal with given deviations.
  private func table(
    seeds: Int, images: Int, _ deviations: (Double, Double, Double), _ random: inout RandomStream
  ) -> [[Double]] {
    func normal(_ deviation: Double) -> Double { deviation * Double(random.normal()) }
    let ofImages = (0..<images).map { _ in normal(deviations.1) }
    return (0..<seeds).map { _ in
      let own = normal(deviations.0)
      return ofImages.map { own + $0 + normal(deviations.2) }
    }
  }

  @Test(arguments: [
    (0.975, 2.0, 4.302652729749462), (0.975, 4, 2.7764451051977934),
    (0.975, 2.5, 3.5746548420036817), (0.995, 1, 63.656741162871526),
    (0.9, 30.75, 1.3096954895735187), (0.975, 1e6, 1.9599663568),
  ])
  func quantilesAreSciPys(share: Double, freedom: Double, expected: Double) {
    #expect(isClose(StudentT.quantile(share, freedom: freedom), expected, 2e-9 * expected))
  }

  /// The variances of the resamples are those of the two-way table.
  @Test func agreesWithTheAnalysisOfVariance() throws {
    var random = RandomStream(seed: 4)
    let table = table(seeds: 4, images: 120, (0.2, 0.9, 0.7), &random)
    let found = try estimate(table, draws: 20_000)
    let (s, n) = (4.0, 120.0)
    let mean = table.reduce(0) { $0 + $1.reduce(0, +) } / (s * n)
    let seeds = table.map { $0.reduce(0, +) / n }
    let images = (0..<120).map { i in table.reduce(0) { $0 + $1[i] } / s }
    func squares(_ values: [Double]) -> Double {
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let ofSeeds = n * squares(seeds) / (s - 1)
    let ofImages = s * squares(images) / (n - 1)
    var rest = 0.0
    for (own, row) in zip(seeds, table) {
      for (image, value) in zip(images, row) {
        rest += (value - own - image + mean) * (value - own - image + mean)
      }
    }
    rest /= (s - 1) * (n - 1)
    let variance = (ofSeeds + ofImages - rest) / (s * n)
    let pure = max(0, ofSeeds - rest) / (s * n)
    let (ofSeed, ofImage) = (3.182446305, 1.980099876)
    let square =
      ofSeed * ofSeed * pure + ofImage * ofImage * max(ofImages / (s * n), variance - pure)
    let reach = square.squareRoot()
    let both = try #require(found.overBoth)
    #expect(isClose(found.value, mean, 1e-12))
    #expect(isClose((both.upper - both.lower) / 2, reach, 0.03 * reach))
    let seedReach = 3.182446305 * (ofSeeds / (s * n)).squareRoot()
    let over = try #require(found.overSeeds)
    #expect(isClose((over.upper - over.lower) / 2, seedReach, 1e-6 * seedReach))
    let share = 1 - (ofImages - rest) / (s * n) / variance
    #expect(isClose(found.shareOfSeeds, share, 0.03))
  }

  /// An interval of 95 % holds the truth in 95 % of studies, whatever varies; the one over images
  /// alone does not where seeds differ.
  @Test(arguments: [(3, 0.0), (3, 0.05), (5, 0.02), (5, 0.05)])
  func coversTheTruth(seeds: Int, deviation: Double) throws {
    var random = RandomStream(seed: UInt64(seeds) * 1000 + UInt64(deviation * 100))
    let studies = 400
    var covered = 0
    var coveredByImages = 0
    for study in 0..<studies {
      let table = table(seeds: seeds, images: 150, (deviation, 0.2, 0.25), &random)
      let found = try estimate(table, draws: 120, seed: UInt64(study))
      func holds(_ interval: ConfidenceInterval?) -> Bool {
        interval.map { $0.lower <= 0 && 0 <= $0.upper } ?? false
      }
      if holds(found.overBoth) { covered += 1 }
      if holds(found.overImages) { coveredByImages += 1 }
    }
    let share = Double(covered) / Double(studies)
    // 93 to 97 % are asked for; the standard error of 400 studies is 1.1 %.
    #expect(share > 0.92 && share < 0.98, "\(share)")
    if deviation == 0.05 { #expect(coveredByImages < covered - studies / 10) }
  }

  @Test func oneSeedKnowsNothingOfOthers() throws {
    let found = try estimate([[1, 2, 3, 4]], draws: 50)
    let interval = try #require(found.overImages)
    #expect(found.value == 2.5 && interval.lower < 2.5 && interval.upper > 2.5)
    #expect(found.overSeeds == nil && found.overBoth == nil && found.seedsForPower == nil)
  }

  /// By hand: seeds 1 and 3 on images that all say the same.
  @Test func countsTheSeedsThatItTakes() throws {
    let found = try estimate(
      [[Double](repeating: 1, count: 10), [Double](repeating: 3, count: 10)], draws: 50)
    #expect(found.value == 2 && found.shareOfSeeds == 1)
    // Variance 2 a seed; 2 · (1.96 + 0.84)² / 4 = 3.9.
    #expect(found.seedsForPower == 4)
    let over = try #require(found.overBoth)
    #expect(isClose(over.upper, 2 + 12.706204736, 1e-6))
    // Its half times (1.96 + 0.84) / 1.96.
    #expect(isClose(try #require(found.visible), 18.16233, 1e-4))
    let before = SeedImageEstimate.visible(seedDeviation: 2.0.squareRoot(), seeds: 2)
    #expect(isClose(try #require(before), 18.16233, 1e-4))
    // t(2) = 4.302653 of three seeds that scatter by 2.
    #expect(
      isClose(try #require(SeedImageEstimate.visible(seedDeviation: 2, seeds: 3)), 7.101684, 1e-4))
    #expect(SeedImageEstimate.visible(seedDeviation: 1, seeds: 1) == nil)
  }
}
