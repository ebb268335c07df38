import TestSupport
import Testing

@testable import Evaluation

/// Combinations of confidence, BALD and variance, against scikit-learn; see score_combinations.py.
@Suite struct ScoreCombinationTests {
  private func decisions(
    _ numbers: [(confidence: Float, bald: Float, variance: Float)], wrong: [Bool]? = nil
  ) -> Decisions {
    let entries = numbers.enumerated().map { index, number in
      Decision(
        image: index, group: 0, score: number.confidence,
        uncertainties: [Double(number.bald), Double(number.variance)],
        isRight: wrong?[index] != true)
    }
    return Decisions(
      entries, imageCount: entries.count, groupNames: ["a"],
      measures: [.bald, .objectnessVariance])
  }

  @Test func agreeWithScikitLearn() throws {
    let golden = try goldenCases("score_combinations")[0]
    let confidence = try golden.array("confidence")
    let bald = try golden.array("bald")
    let variance = try golden.array("variance")
    let decisions = decisions(
      confidence.indices.map { (confidence[$0], bald[$0], variance[$0]) },
      wrong: try golden.array("wrong").map { $0 == 1 })
    for score in [
      UncertaintyScore.confidenceAndBALD, .ranksOfConfidenceAndBALD,
      .ranksOfConfidenceBALDAndVariance,
    ] {
      let values = try #require(decisions.values(of: score))
      let result = ErrorDetection(decisions, scores: values)
      let mean = values.reduce(0, +) / Double(values.count)
      for (name, value) in [
        ("auroc", result.areaUnderROC), ("aupr", result.areaUnderPrecisionRecall), ("mean", mean),
        ("first", values[0]),
      ] {
        let expected = try #require(golden.numbers["\(name) \(score)"])
        #expect(isClose(value, expected, 1e-12), "\(name) \(score): \(String(describing: value))")
      }
    }
  }

  @Test func ranksOfEqualValuesAreTheirMean() throws {
    // 1 − confidence ranks .9 .5 .5 .1 as 1, 2.5, 2.5, 4; BALD ranks as 3, 1, 3, 3 (mean of 2, 3, 4).
    let four = decisions([(0.9, 0.5, 1), (0.5, 0, 2), (0.5, 0.5, 3), (0.1, 0.5, 4)])
    #expect(
      four.values(of: .ranksOfConfidenceAndBALD) == [0.5, 0.4375, 0.6875, 0.875])
    #expect(decisions([]).values(of: .ranksOfConfidenceAndBALD) == [])
    let extremes = decisions([(1, 0, 0), (1, 1, 0), (0, 0, 0)])
    #expect(extremes.values(of: .confidenceAndBALD) == [0, 1, 1])
    #expect(extremes.values(of: .entropy) == nil)
  }
}
