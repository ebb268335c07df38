import Compute
import Foundation
import TestSupport
import Testing
import Uncertainty

@Suite struct ClassUncertaintyTests {
  private func bits(
    _ measure: ClassUncertainty.Measure, _ golden: GoldenCase
  ) throws -> (own: [Float], expected: [Float]) {
    let (means, variances) = (try golden.array("means"), try golden.array("variances"))
    let predicted = try golden.array("predicted").map { Int($0) }
    let count = means.count / predicted.count
    let uncertainty = ClassUncertainty(
      measure, classCount: count,
      bald: BALD(logitScale: measure == .marginPair ? .logistic : .probit))
    let own = try predicted.enumerated().map { image, predicted in
      let row = image * count..<(image + 1) * count
      return try uncertainty.bits(
        means: means[row], variances: variances[row], predicted: predicted)
    }
    #expect(own.allSatisfy { (0...uncertainty.maximum).contains($0) })
    return (own, try golden.array(measure.rawValue))
  }

  /// By PyTorch, from the formulas.
  @Test(
    arguments: [2, 3, 10], [ClassUncertainty.Measure.meanField, .marginPair, .predictedOneVsRest])
  func closedFormsAreTheFormulas(classCount: Int, measure: ClassUncertainty.Measure) throws {
    let golden = try #require(
      try goldenCases("class_losses").first { $0.name == "measures\(classCount)" })
    let (own, expected) = try bits(measure, golden)
    expectClose(own, expected, relative: 1e-5, absolute: 1e-6, measure.rawValue)
  }

  /// Sixty-four shared draws have the size of what a million independent ones give, and the order where
  /// it is clear; many draws have the value.
  @Test(arguments: [2, 3, 10]) func drawsComeNearTheTruth(classCount: Int) throws {
    let golden = try #require(
      try goldenCases("class_losses").first { $0.name == "measures\(classCount)" })
    let (own, expected) = try bits(.mutualInformation, golden)
    expectClose(own, expected, relative: 0.35, absolute: 0.02)
    for (a, b) in zip(own, expected) {
      for (c, d) in zip(own, expected) where b > 1.5 * d + 0.02 { #expect(a > c) }
    }
    let exact = MutualInformation(classCount: classCount, drawCount: 40_000)
    let (means, variances) = (try golden.array("means"), try golden.array("variances"))
    let near = try expected.indices.map { image in
      let row = image * classCount..<(image + 1) * classCount
      return try exact.bits(means: means[row], variances: variances[row])
    }
    expectClose(near, expected, relative: 0.01, absolute: 2e-3)
    // What the closed form is for: no draws.
    let closed = try bits(.meanField, golden).own
    for (a, b) in zip(closed, expected) { #expect(a < 1.3 * b + 0.02) }
  }

  /// The same numbers each time, whoever asks.
  @Test func drawsAreShared() throws {
    let moments = (means: randomValues(4, seed: 1), variances: randomValues(4, in: 0...3, seed: 2))
    func bits() throws -> Float {
      try ClassUncertainty(.mutualInformation, classCount: 4).bits(
        means: moments.means[...], variances: moments.variances[...], predicted: 0)
    }
    #expect(try bits() == bits())
  }

  /// Softmax does not know where the zero of its logits lies.
  ///
  /// One logit by itself depends on it, and a little the closed form, which shrinks each logit by its
  /// own variance.
  @Test(arguments: ClassUncertainty.Measure.allCases)
  func movingAllLogits(measure: ClassUncertainty.Measure) throws {
    let uncertainty = ClassUncertainty(measure, classCount: 4)
    let (means, variances) = ([1, 0.5, -1, 0.25] as [Float], [1, 2, 0.5, 1] as [Float])
    let here = try uncertainty.bits(means: means[...], variances: variances[...], predicted: 0)
    let there = try uncertainty.bits(
      means: means.map { $0 + 3 }[...], variances: variances[...], predicted: 0)
    switch measure {
    case .mutualInformation, .marginPair: #expect(abs(here - there) < 1e-5)
    case .meanField: #expect(abs(here - there) < 0.1 * here)
    case .predictedOneVsRest: #expect(abs(here - there) > 0.5 * here)
    }
  }

  @Test(arguments: ClassUncertainty.Measure.allCases)
  func badMomentsAreNamed(measure: ClassUncertainty.Measure) {
    let uncertainty = ClassUncertainty(measure, classCount: 2)
    #expect(throws: UncertaintyError.negativeVariance(index: 1)) {
      try uncertainty.bits(means: [0, 0], variances: [1, -1], predicted: 0)
    }
    #expect(throws: UncertaintyError.notFinite(argument: "mean", index: 0)) {
      try uncertainty.bits(means: [.nan, 0], variances: [1, 1], predicted: 1)
    }
  }
}
