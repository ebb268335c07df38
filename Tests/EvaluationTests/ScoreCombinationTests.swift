import Detection
import Geometry
import TestSupport
import Testing

@testable import Evaluation

/// Combinations of confidence, BALD and variance, against scikit-learn; see score_combinations.py.
@Suite struct ScoreCombinationTests {
  private func detection(_ confidence: Float, _ bald: Float, _ variance: Float) -> Detection {
    Detection(
      box: Box(left: 0, top: 0, right: 1, bottom: 1), classIndex: 0, confidence: confidence,
      objectness: confidence,
      uncertainty: DetectionUncertainty(
        bald: bald, entropy: 0, objectnessMean: 0, objectnessVariance: variance))
  }

  @Test func agreeWithScikitLearn() throws {
    let golden = try goldenCases("score_combinations")[0]
    let confidence = try golden.array("confidence")
    let bald = try golden.array("bald")
    let variance = try golden.array("variance")
    let detections = confidence.indices.map { detection(confidence[$0], bald[$0], variance[$0]) }
    let matches = try golden.array("wrong").enumerated().map { index, wrong in
      DetectionMatch(
        imageIndex: index, detectionIndex: 0, confidence: confidence[index],
        outcome: wrong == 1 ? .falsePositive : .truePositive, objectIndex: nil, overlap: 0)
    }
    for score in [
      UncertaintyScore.confidenceAndBALD, .ranksOfConfidenceAndBALD,
      .ranksOfConfidenceBALDAndVariance,
    ] {
      let values = try #require(score.values(of: detections))
      let result = ErrorDetection(matches, scores: values, imageCount: matches.count)
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
    let detections = [
      detection(0.9, 0.5, 1), detection(0.5, 0, 2), detection(0.5, 0.5, 3), detection(0.1, 0.5, 4),
    ]
    #expect(
      UncertaintyScore.ranksOfConfidenceAndBALD.values(of: detections)
        == [0.5, 0.4375, 0.6875, 0.875])
    #expect(UncertaintyScore.ranksOfConfidenceAndBALD.values(of: []) == [])
    let certain = detection(1, 0, 0)
    #expect(UncertaintyScore.confidenceAndBALD.value(of: certain) == 0)
    #expect(UncertaintyScore.confidenceAndBALD.value(of: detection(1, 1, 0)) == 1)
    #expect(UncertaintyScore.confidenceAndBALD.value(of: detection(0, 0, 0)) == 1)
  }
}
