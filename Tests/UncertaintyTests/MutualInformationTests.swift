import Compute
import Foundation
import TestSupport
import Testing
import Uncertainty

@Suite struct MutualInformationTests {
  @Test func nothingIsLearntFromCertainLogits() throws {
    let information = MutualInformation(classCount: 3)
    #expect(try information.bits(means: [1, -2, 0.5], variances: [0, 0, 0]) < 1e-9)
  }

  /// Two classes with an uncertain difference are a logistic decision: numbers by quadrature of
  /// h(E σ(d)) − E h(σ(d)), d ~ N(μ₁ − μ₀, v₀ + v₁).
  @Test(arguments: [(0.0, 1.0, 0.13519), (1.0, 2.0, 0.20016), (-2.0, 4.0, 0.25478)])
  func twoClassesAreALogisticDecision(mean: Double, variance: Double, expected: Double) throws {
    let information = MutualInformation(classCount: 2, drawCount: 20_000)
    let half = Float(variance / 2)
    let bits = try information.bits(means: [0, Float(mean)], variances: [half, half])
    #expect(abs(Double(bits) - expected) < 4e-3, "\(bits), expected \(expected)")
  }

  @Test func movingAllLogitsChangesNothing() throws {
    let information = MutualInformation(classCount: 5)
    let means = randomValues(5, in: -2...2, seed: 3)
    let variances = randomValues(5, in: 0...3, seed: 4)
    let here = try information.bits(means: means[...], variances: variances[...])
    let there = try information.bits(means: means.map { $0 + 40 }[...], variances: variances[...])
    #expect(abs(here - there) < 1e-4 && here > 0 && here < log2(5))
  }

  @Test func badMomentsAreNamed() {
    let information = MutualInformation(classCount: 2)
    #expect(throws: UncertaintyError.negativeVariance(index: 1)) {
      try information.bits(means: [0, 0], variances: [1, -1])
    }
    #expect(throws: UncertaintyError.notFinite(argument: "mean", index: 0)) {
      try information.bits(means: [.nan, 0], variances: [1, 1])
    }
  }
}
