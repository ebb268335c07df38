import TestSupport
import Testing
import Uncertainty

@Suite struct VarianceObjectiveTests {
  private let means: [Float] = [0.3, -1, 2, 0.5, -2, 1, 0, -0.4]
  private let variances: [Float] = [0.5, 1, 2, 0.1, 3, 0.7, 1.5, 0.2]
  // Two images of four anchors.
  private let isWrong = [true, false, true, false, false, false, false, false]
  private let isEasy = [false, true, false, false, true, true, false, false]

  private func evaluate(
    _ variances: [Float], weight: Float = 0.7, gradient: inout [Float]
  ) throws -> Double {
    try gradient.withUnsafeMutableBufferPointer {
      try VarianceObjective(weight: weight).evaluate(
        means: means, variances: variances, isWrong: isWrong, isEasy: isEasy, imageCount: 2,
        addingTo: $0)
    }
  }

  @Test func valueByHand() throws {
    var gradient = [Float](repeating: 0, count: 8)
    let value = try evaluate(variances, gradient: &gradient)
    func bits(_ i: Int) throws -> Double {
      try BALD().uncertainty(
        LogitMoments(mean: Double(means[i]), variance: Double(variances[i])))
    }
    // First image: wrong 0 and 2, easy 1. Second: nothing wrong, easy 4 and 5.
    let expected =
      0.7 * (try bits(1) - (bits(0) + bits(2)) / 2) + 0.7 * (try bits(4) + bits(5)) / 2
    #expect(abs(value - expected) < 1e-6)
    // Wrong: more variance lowers the loss. Easy: raises it. Others: nothing.
    #expect(gradient[0] < 0 && gradient[2] < 0 && gradient[1] > 0 && gradient[4] > 0)
    #expect(gradient[3] == 0 && gradient[6] == 0 && gradient[7] == 0)
  }

  @Test func gradientAgreesWithDifferencesAndIsAdded() throws {
    var gradient = [Float](repeating: 2, count: 8)
    _ = try evaluate(variances, gradient: &gradient)
    expectGradient(at: variances, gradient.map { $0 - 2 }, step: 1e-2, "variances") {
      var rest = [Float](repeating: 0, count: 8)
      return (try? evaluate($0, gradient: &rest)) ?? .nan
    }
  }

  @Test func badMoments() throws {
    var gradient = [Float](repeating: 0, count: 8)
    var bad = variances
    bad[1] = .nan
    #expect(throws: UncertaintyError.notFinite(argument: "variance", index: 1)) {
      try evaluate(bad, gradient: &gradient)
    }
  }
}
