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
    ] as [(Double, Int, Double, LearningRatePolicy, String)])
  func refuses(
    base: Double, burnIn: Int, power: Double, policy: LearningRatePolicy, reason: String
  ) {
    #expect(throws: TrainingError.schedule(reason: reason)) {
      try LearningRateSchedule(base: base, burnIn: burnIn, burnInPower: power, policy: policy)
    }
  }
}
