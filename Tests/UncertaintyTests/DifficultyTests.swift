import Compute
import TestSupport
import Testing
import Uncertainty

@Suite struct DifficultyTests {
  private let states: [AnchorState] = [.positive, .positive, .negative, .negative, .ignored]
  /// True positive, false negative, false positive, true negative, ignored.
  private let logits: [Float] = [2, -1, 0.5, -3, 4]
  private let means: [Float] = [1, -2, 0, -5, 0]
  private let variances: [Float] = [1, 4, 1, 25, 100]

  private func weights(
    _ change: (inout Difficulty) -> Void = { _ in }, imageCount: Int = 1
  ) throws -> [Float] {
    var difficulty = Difficulty()
    change(&difficulty)
    return try difficulty.weights(
      means: means, variances: variances, logits: logits, states: states, imageCount: imageCount)
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
    let weights = try difficulty.weights(
      means: [mean, mean, mean, mean],
      variances: [Float](repeating: deviation * deviation, count: 4), logits: [1, -1, -1, 1],
      states: [.positive, .positive, .negative, .negative])
    expectClose(weights, [correct, incorrect, correct, incorrect], relative: 0, absolute: 3e-7)
  }

  @Test func ignoredAnchorsWeighNothing() throws {
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
    // Ties share their mean rank; a single anchor lies in the middle.
    var difficulty = Difficulty()
    difficulty.map = .rank
    let tied = try difficulty.weights(
      means: [0, 0, 0, 0], variances: [1, 1, 1, 3], logits: [-1, -1, -1, 9],
      states: [.negative, .negative, .negative, .ignored])
    expectClose(tied, [0.25, 0.25, 0.25, 0])
    let images = try difficulty.weights(
      means: [0, 0, 0, 0], variances: [1, 2, 9, 3], logits: [-1, -1, -1, -1],
      states: [.negative, .negative, .negative, .ignored], imageCount: 2)
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

  @Test func scopes() throws {
    let raw = try weights()
    expectClose(try weights { $0.scope = .positives }, [raw[0], raw[1], 1, 1, 0])
    expectClose(try weights { $0.scope = .negatives }, [1, 1, raw[2], raw[3], 0])
    let mean = (raw[0] + raw[1]) / 2
    expectClose(
      try weights {
        $0.scope = .positives
        $0.weighting = .meanOne
      }, [raw[0] / mean, raw[1] / mean, 1, 1, 0])
  }

  @Test func correctnessOfThresholds() {
    var difficulty = Difficulty()
    let states: [AnchorState] = [.positive, .negative, .positive, .negative, .ignored]
    // τ itself, and a number above it that a rounded sigmoid would not tell apart.
    let logits: [Float] = [0, 0, 1e-30, 1e-30, 5]
    #expect(
      difficulty.correctness(logits: logits, states: states) == [false, true, true, false, true])
    difficulty.threshold = 0.9  // ln 9 = 2.197
    #expect(
      difficulty.correctness(logits: [2.19, 2.20], states: [.positive, .positive])
        == [false, true])
    difficulty.minimumOverlap = 0.5
    #expect(
      difficulty.correctness(
        logits: [3, 3, -3], states: [.positive, .positive, .negative], overlaps: [0.5, 0.49, 0])
        == [true, false, true])
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
    let logits = randomValues(2 * count, in: -1...1, seed: 3)
    var stream = RandomStream(seed: 9)
    let states = means.map { _ in
      [AnchorState.positive, .negative, .ignored][Int(stream.next() % 3)]
    }
    var difficulty = Difficulty()
    func weights(_ seed: UInt64) throws -> [Float] {
      try difficulty.weights(
        means: means, variances: variances, logits: logits, states: states, imageCount: 2,
        random: RandomStream(seed: seed))
    }
    let real = try weights(1)
    #expect(try weights(2) == real)
    difficulty.control = .shuffled
    let shuffled = try weights(1)
    #expect(try weights(1) == shuffled)
    #expect(try weights(2) != shuffled)
    let correct = difficulty.correctness(logits: logits, states: states)
    for image in 0..<2 {
      for side in [true, false] {
        let group = (image * count..<(image + 1) * count).filter {
          states[$0] != .ignored && correct[$0] == side
        }
        #expect(group.map { shuffled[$0] }.sorted() == group.map { real[$0] }.sorted())
        #expect(group.filter { shuffled[$0] == real[$0] }.count < group.count / 4)
      }
    }
    for i in states.indices where states[i] == .ignored { #expect(shuffled[i] == 0) }
    // Two equal images are permuted differently.
    let twice = try difficulty.weights(
      means: means + means, variances: variances + variances, logits: logits + logits,
      states: states + states, imageCount: 2)
    #expect(twice[..<(2 * count)] != twice[(2 * count)...])
  }

  @Test func stateOptionsAndErrors() throws {
    func check(
      _ error: UncertaintyError, means: [Float] = [0, 0], variances: [Float] = [1, 1],
      logits: [Float] = [1, 1], _ change: (inout Difficulty) -> Void = { _ in }
    ) {
      var difficulty = Difficulty()
      change(&difficulty)
      #expect(throws: error) {
        try difficulty.weights(
          means: means, variances: variances, logits: logits, states: [.positive, .ignored])
      }
    }
    check(.notFinite(argument: "mean", index: 1), means: [0, .nan])
    check(.notFinite(argument: "variance", index: 0), variances: [.infinity, 1])
    check(.negativeVariance(index: 0), variances: [-1, 1])
    check(.notFinite(argument: "objectness logit", index: 0), logits: [.nan, 1])
    check(.invalidOption("the objectness threshold 1.0 is not in 0...1")) { $0.threshold = 1 }
    check(.invalidOption("the constant uncertainty 2.0 is not in 0...1")) {
      $0.control = .constant(2)
    }
    check(.invalidOption("a minimum overlap needs the predictions' overlaps")) {
      $0.minimumOverlap = 0.5
    }
  }
}
