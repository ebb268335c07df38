import Compute
import TestSupport
import Testing
import Uncertainty

@Suite struct DifficultyTests {
  /// Right, wrong, wrong, right, and one that does not count.
  private let correct = [true, false, false, true, true]
  private let counts = [true, true, true, true, false]
  private let means: [Float] = [1, -2, 0, -5, 0]
  private let variances: [Float] = [1, 4, 1, 25, 100]

  private func weights(
    isWeighted: [Bool]? = nil, _ change: (inout Difficulty) -> Void = { _ in }
  ) throws -> [Float] {
    var difficulty = Difficulty()
    change(&difficulty)
    return try difficulty.weights(
      bits: difficulty.bits(means: means, variances: variances, counts: counts),
      units: JudgedUnits(
        imageCount: 1, isCorrect: correct, counts: counts, isWeighted: isWeighted))
  }

  /// μ, σ, D of a correct and of an incorrect anchor, from an independent table.
  @Test(
    arguments: [
      (0, 0, 0.25, 0.75), (0, 0.1, 0.250570105025, 0.749429894975),
      (0, 1, 0.284530408606, 0.715469591394), (0, 10, 0.355085861873, 0.644914138127),
      (1, 0.5, 0.258909692771, 0.741090307229), (-2, 2, 0.296915937861, 0.703084062139),
      (3, 0.1, 0.249860284881, 0.750139715119), (-5, 5, 0.313089679849, 0.686910320151),
    ] as [(Float, Float, Float, Float)])
  func paperWeights(mean: Float, deviation: Float, correct: Float, incorrect: Float) throws {
    var difficulty = Difficulty()
    difficulty.bald.clampsNegative = false
    let units = JudgedUnits(imageCount: 1, isCorrect: [true, false, true, false])
    let weights = try difficulty.weights(
      bits: difficulty.bits(
        means: [mean, mean, mean, mean],
        variances: [Float](repeating: deviation * deviation, count: 4), counts: units.counts),
      units: units)
    expectClose(weights, [correct, incorrect, correct, incorrect], relative: 0, absolute: 3e-7)
  }

  @Test func unitsThatDoNotCountWeighNothing() throws {
    #expect(try weights()[4] == 0)
    let others = try weights { $0.weighting = .meanOne }
    #expect(others[4] == 0)
    // Their moments move no mean and no rank.
    #expect(abs(others[..<4].reduce(0, +) / 4 - 1) < 1e-6)
  }

  @Test func mapsOfBits() throws {
    // 0.2263, 0.3798, 0.2780, 0.5159 bit.
    let bits: [Float] = [0.22633870, 0.37982907, 0.27802034, 0.51586074]
    func difficulties(_ u: [Float]) -> [Float] {
      [0.5 * u[0], 1 - 0.5 * u[1], 1 - 0.5 * u[2], 0.5 * u[3], 0]
    }
    expectClose(try weights { $0.map = .raw }, difficulties(bits), absolute: 1e-6)
    expectClose(try weights { $0.map = .rank }, difficulties([0, 2 / 3, 1 / 3, 1]))
    // 1 / (1 + e^(−4 (b − 0.3))).
    expectClose(
      try weights {
        $0.map = .sigmoidScaled
        $0.slope = 4
        $0.center = 0.3
      }, difficulties([0.42686703, 0.57915762, 0.47803449, 0.70337949]), absolute: 1e-6)
    // Ties share their mean rank; a single anchor lies in the middle.
    var difficulty = Difficulty()
    difficulty.map = .rank
    let right = [true, true, true, true]
    let counts = [true, true, true, false]
    let tied = try difficulty.weights(
      bits: [0.2, 0.2, 0.2, 0.5],
      units: JudgedUnits(imageCount: 1, isCorrect: right, counts: counts))
    expectClose(tied, [0.25, 0.25, 0.25, 0])
    let images = try difficulty.weights(
      bits: [0.1, 0.2, 0.9, 0.3],
      units: JudgedUnits(imageCount: 2, isCorrect: right, counts: counts))
    expectClose(images, [0, 0.5, 0.25, 0])
  }

  @Test func weightings() throws {
    let raw = try weights()
    expectClose(try weights { $0.weighting = .double }, raw.map { 2 * $0 })
    expectClose(
      try weights { $0.weighting = .onePlus }, raw[..<4].map { 1 + $0 } + [0])
    let mean = raw.reduce(0, +) / 4
    expectClose(try weights { $0.weighting = .meanOne }, raw.map { $0 / mean })
  }

  /// The losses of what is weighted add up to what they did; of two the shares are as D · ℓ are.
  @Test func sameLossMovesLossesOnly() throws {
    var difficulty = Difficulty()
    difficulty.weighting = .sameLoss
    let losses: [Float] = [0.2, 3, 0.5, 0.01, 7]
    for isWeighted in [counts, [true, true, false, false, false]] {
      let units = JudgedUnits(
        imageCount: 1, isCorrect: correct, counts: counts, isWeighted: isWeighted)
      let weights = try difficulty.weights(
        bits: difficulty.bits(means: means, variances: variances, counts: counts), units: units,
        losses: losses)
      let raw = try self.weights()
      let own = losses.indices.filter { isWeighted[$0] }
      let sums = own.reduce((0, 0) as (Float, Float)) {
        ($0.0 + losses[$1], $0.1 + weights[$1] * losses[$1])
      }
      #expect(abs(sums.0 - sums.1) < 1e-5)
      #expect(abs(weights[0] / weights[1] - raw[0] / raw[1]) < 1e-6)
      #expect(weights[4] == 0 && (isWeighted[2] || weights[2] == 1))
    }
    // Nothing is wrong anywhere: weights stay finite.
    let still = try difficulty.weights(
      bits: [0, 0], units: JudgedUnits(imageCount: 1, isCorrect: [true, true]), losses: [0, 0])
    #expect(still == [0.25, 0.25])
  }

  @Test func onlySomeAreWeighted() throws {
    let raw = try weights()
    let first = [true, true, false, false, false]
    expectClose(try weights(isWeighted: first), [raw[0], raw[1], 1, 1, 0])
    expectClose(
      try weights(isWeighted: [false, false, true, true, false]), [1, 1, raw[2], raw[3], 0])
    let mean = (raw[0] + raw[1]) / 2
    expectClose(
      try weights(isWeighted: first) { $0.weighting = .meanOne },
      [raw[0] / mean, raw[1] / mean, 1, 1, 0])
  }

  @Test func constantControlLeavesCorrectnessOnly() throws {
    let expected: [Float] = [0.25, 0.75, 0.75, 0.25, 0]
    for map in Difficulty.UncertaintyMap.allCases {
      let constant = try weights {
        $0.control = .constant(0.5)
        $0.map = map
      }
      #expect(constant == expected)
    }
  }

  @Test func shuffledControlKeepsGroups() throws {
    let count = 400
    let means = randomValues(2 * count, in: -3...3, seed: 1)
    let variances = randomValues(2 * count, in: 0...4, seed: 2)
    let correct = randomValues(2 * count, in: -1...1, seed: 3).map { $0 > 0 }
    var stream = RandomStream(seed: 9)
    let counts = means.map { _ in stream.next() % 3 != 2 }
    var difficulty = Difficulty()
    let bits = try difficulty.bits(means: means, variances: variances, counts: counts)
    let units = JudgedUnits(imageCount: 2, isCorrect: correct, counts: counts)
    func weights(_ seed: UInt64) throws -> [Float] {
      try difficulty.weights(bits: bits, units: units, random: RandomStream(seed: seed))
    }
    let real = try weights(1)
    #expect(try weights(2) == real)
    difficulty.control = .shuffled
    let shuffled = try weights(1)
    #expect(try weights(1) == shuffled)
    #expect(try weights(2) != shuffled)
    for image in 0..<2 {
      for side in [true, false] {
        let group = (image * count..<(image + 1) * count).filter {
          counts[$0] && correct[$0] == side
        }
        #expect(group.map { shuffled[$0] }.sorted() == group.map { real[$0] }.sorted())
        #expect(group.filter { shuffled[$0] == real[$0] }.count < group.count / 4)
      }
    }
    for i in counts.indices where !counts[i] { #expect(shuffled[i] == 0) }
    // Two equal images are permuted differently.
    let twice = try difficulty.weights(
      bits: bits + bits,
      units: JudgedUnits(
        imageCount: 2, isCorrect: correct + correct, counts: counts + counts))
    #expect(twice[..<(2 * count)] != twice[(2 * count)...])
  }

  @Test func errors() throws {
    let difficulty = Difficulty()
    for (error, means, variances) in [
      (UncertaintyError.notFinite(argument: "mean", index: 1), [0, Float.nan], [1, 1]),
      (.notFinite(argument: "variance", index: 0), [0, 0], [Float.infinity, 1]),
      (.negativeVariance(index: 0), [0, 0], [-1, 1]),
    ] {
      #expect(throws: error) {
        try difficulty.bits(means: means, variances: variances, counts: [true, false])
      }
    }
    var constant = Difficulty()
    constant.control = .constant(2)
    #expect(
      throws: UncertaintyError.invalidOption("the constant uncertainty 2.0 is not in 0...1")
    ) {
      try constant.weights(bits: [0], units: JudgedUnits(imageCount: 1, isCorrect: [true]))
    }
  }
}
