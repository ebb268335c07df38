import Darknet
import TestSupport
import Testing
import Training

@Suite struct LearningRateScheduleTests {
  static let policies: [String: LearningRatePolicy] = [
    "constant": .constant,
    "constant, burn-in squared": .constant,
    "step": .step(interval: 100, scale: 0.5),
    "steps": .steps([.init(iteration: 40000, scale: 0.1), .init(iteration: 45000, scale: 0.1)]),
    "exp": .exponential(gamma: 0.99),
    "poly": .polynomial(iterations: 500_000, power: 4),
    "sig": .sigmoid(gamma: 0.01, step: 500),
    "cosine": .cosine(iterations: 2000),
    "sgdr": .restarts(minimum: 0.00001, cycle: 1000, multiplier: 2),
    "sgdr, equal cycles": .restarts(minimum: 0.001, cycle: 300, multiplier: 1),
  ]

  @Test func agreesWithGoldenValues() throws {
    let cases = try goldenCases("learning_rates")
    #expect(cases.count == Self.policies.count)
    for golden in cases {
      let schedule = try LearningRateSchedule(
        base: #require(golden.numbers["base"]), burnIn: Int(#require(golden.numbers["burnIn"])),
        burnInPower: #require(golden.numbers["power"]),
        policy: #require(Self.policies[golden.name]))
      let iterations = try golden.array("iteration").map { Int($0) }
      expectClose(
        iterations.map { Float(schedule.rate(at: $0)) }, try golden.array("rate"),
        relative: 1e-6, absolute: 1e-30, golden.name)
    }
  }

  @Test func burnInEndsAtTheBaseRate() throws {
    let schedule = try LearningRateSchedule(base: 0.001, burnIn: 1000)
    #expect(schedule.rate(at: 1000) == 0.001)
    #expect(schedule.rate(at: 999) < 0.001)
    let rates = (1...1000).map(schedule.rate)
    #expect(zip(rates, rates.dropFirst()).allSatisfy(<))
  }

  @Test func decayNeverTurnsNegative() throws {
    for policy in [
      LearningRatePolicy.polynomial(iterations: 10, power: 3), .cosine(iterations: 10),
    ] {
      let schedule = try LearningRateSchedule(base: 1, policy: policy)
      #expect(schedule.rate(at: 10) == 0)
      #expect(schedule.rate(at: 11) == 0)
    }
  }

  /// u² of uniform u has mean 1/3 and lies below 1/4 half of the time.
  @Test func randomRatesDependOnTheSeed() throws {
    func rates(_ seed: UInt64) throws -> [Double] {
      let schedule = try LearningRateSchedule(base: 2, policy: .random(power: 2, seed: seed))
      return (1...4000).map(schedule.rate)
    }
    let first = try rates(1)
    #expect(first.allSatisfy { $0 >= 0 && $0 < 2 })
    let sum = first.reduce(0, +)
    #expect(sum > 4000 * 0.627 && sum < 4000 * 0.707)
    let low = first.count { $0 < 0.5 }
    #expect(low > 1840 && low < 2160)
    #expect(try rates(1) == first && rates(2) != first)
  }

  @Test func cyclesKeepTheirShareOfTheRun() throws {
    func schedule(_ lines: String, iterations: Int) throws -> LearningRateSchedule {
      let file = try ConfigurationFile(
        text: "[net]\nwidth=32\nheight=32\nlearning_rate=.5\n\(lines)\n", fileName: "n.cfg")
      return try LearningRateSchedule(NetConfiguration(file), iterations: iterations, seed: 7)
    }
    let half = try schedule("policy=sgdr\nmax_batches=100\nsgdr_cycle=20", iterations: 50)
    #expect(
      half.policy == .restarts(minimum: Double(Float(0.00001)), cycle: 10, multiplier: 2))
    // Without a length of its own a cycle is the whole run.
    let whole = try schedule("policy=sgdr\nlearning_rate_min=0", iterations: 50)
    #expect(whole.policy == .restarts(minimum: 0, cycle: 50, multiplier: 2))
    #expect(abs(whole.rate(at: 25) - 0.25) < 1e-12 && whole.rate(at: 50) < 1e-12)
    let random = try schedule("policy=random\npower=1", iterations: 5)
    #expect(random.policy == .random(power: 1, seed: 7))
  }

  @Test func pairsStepsWithScales() throws {
    #expect(
      try LearningRatePolicy.steps(at: [3, 5], scales: [0.1, 2])
        == .steps([.init(iteration: 3, scale: 0.1), .init(iteration: 5, scale: 2)]))
    #expect(
      throws: TrainingError.schedule(reason: "2 steps but 1 scales; give as many of each")
    ) {
      try LearningRatePolicy.steps(at: [3, 5], scales: [0.1])
    }
  }

  @Test(
    arguments: [
      (-1, 0, 4, .constant, "-1.0 is not a rate; give a number ≥ 0"),
      (.nan, 0, 4, .constant, "nan is not a rate; give a number ≥ 0"),
      (1, -5, 4, .constant, "burn_in=-5 is negative"),
      (1, 5, -1, .constant, "power=-1.0 must be ≥ 0"),
      (1, 0, 4, .step(interval: 0, scale: 1), "step=0 must be at least 1"),
      (1, 0, 4, .step(interval: 1, scale: .infinity), "scale=inf must be a number ≥ 0"),
      (
        1, 0, 4, .steps([.init(iteration: 5, scale: 1), .init(iteration: 5, scale: 1)]),
        "steps must rise, but 5 follows 5"
      ),
      (1, 0, 4, .steps([.init(iteration: 5, scale: -1)]), "scales=-1.0 must be a number ≥ 0"),
      (1, 0, 4, .exponential(gamma: .nan), "gamma=nan must be a number ≥ 0"),
      (
        1, 0, 4, .polynomial(iterations: 0, power: 1),
        "policy=poly needs max_batches of at least 1"
      ),
      (1, 0, 4, .polynomial(iterations: 1, power: -1), "power=-1.0 must be ≥ 0"),
      (1, 0, 4, .sigmoid(gamma: .infinity, step: 1), "gamma=inf must be finite"),
      (1, 0, 4, .cosine(iterations: 0), "policy=cosine needs max_batches of at least 1"),
      (
        1, 0, 4, .restarts(minimum: 0, cycle: 0, multiplier: 1),
        "policy=sgdr needs sgdr_cycle or max_batches of at least 1"
      ),
      (
        1, 0, 4, .restarts(minimum: 0, cycle: 1, multiplier: 0),
        "sgdr_mult=0 must be at least 1"
      ),
      (
        1, 0, 4, .restarts(minimum: .nan, cycle: 1, multiplier: 1),
        "learning_rate_min=nan must be a number ≥ 0"
      ),
      (1, 0, 4, .random(power: .infinity, seed: 1), "power=inf must be ≥ 0"),
    ] as [(Double, Int, Double, LearningRatePolicy, String)])
  func refuses(
    base: Double, burnIn: Int, power: Double, policy: LearningRatePolicy, reason: String
  ) {
    #expect(throws: TrainingError.schedule(reason: reason)) {
      try LearningRateSchedule(base: base, burnIn: burnIn, burnInPower: power, policy: policy)
    }
  }
}
