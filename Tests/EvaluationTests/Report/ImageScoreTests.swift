import Detection
import Evaluation
import Geometry
import Keypoints
import Testing

@Suite struct ImageScoreTests {
  private func detection(_ confidence: Float, bald: Float? = nil) -> Detection {
    Detection(
      box: Box(left: 0, top: 0, right: 1, bottom: 1), classIndex: 0, confidence: confidence,
      objectness: confidence,
      uncertainty: bald.map {
        DetectionUncertainty(bald: $0, entropy: 1, objectnessMean: 0, objectnessVariance: 1)
      })
  }

  @Test func valuesOfADetection() {
    let sure = detection(1, bald: 0.25)
    let undecided = detection(0.5)
    #expect(ImageScore.Measure.bald.value(of: sure) == 0.25)
    #expect(ImageScore.Measure.bald.value(of: undecided) == nil)
    #expect(ImageScore.Measure.entropy.value(of: sure) == 0)
    #expect(ImageScore.Measure.entropy.value(of: detection(0)) == 0)
    #expect(ImageScore.Measure.entropy.value(of: undecided) == 1)
    // h(1/4) = 2 − ¾ log₂ 3
    #expect(abs((ImageScore.Measure.entropy.value(of: detection(0.25)) ?? 0) - 0.811_278) < 1e-6)
    #expect(ImageScore.Measure.leastConfident.value(of: detection(0.25)) == 0.75)
  }

  @Test func aggregates() {
    let found = [0.125, 0.5, 0.25, 0.375].map { detection(0.5, bald: $0) }
    func value(_ aggregate: ImageScore.Aggregate, _ count: Int = 5) -> Double? {
      ImageScore(.bald, aggregate: aggregate, count: count).value(of: found)
    }
    #expect(value(.max) == 0.5)
    #expect(value(.sum) == 1.25)
    #expect(value(.topK, 2) == 0.4375)
    #expect(value(.topK, 1) == 0.5)
    #expect(value(.topK) == 0.3125)
  }

  @Test(arguments: ImageScore.Aggregate.allCases)
  func nothingFoundScoresNothing(_ aggregate: ImageScore.Aggregate) {
    for measure in ImageScore.Measure.allCases {
      #expect(ImageScore(measure, aggregate: aggregate).value(of: [Detection]()) == 0)
      #expect(ImageScore(measure, aggregate: aggregate).value(of: [FoundKeypoint]()) == 0)
    }
    let mixed = [detection(0.5, bald: 0.5), detection(0.5)]
    #expect(ImageScore(.bald, aggregate: aggregate).value(of: mixed) == nil)
  }
}
