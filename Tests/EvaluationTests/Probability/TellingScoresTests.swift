import Detection
import Evaluation
import Geometry
import Testing

/// Which score told wrong detections, counted by hand.
@Suite struct TellingScoresTests {
  private let object = Box(left: 0, top: 0, right: 10, bottom: 10)
  private let other = Box(left: 30, top: 0, right: 40, bottom: 10)

  private func detection(
    _ box: Box, _ confidence: Float, bald: Float, expected: Float
  ) -> Detection {
    Detection(
      box: box, classIndex: 0, confidence: confidence, objectness: 1,
      uncertainty: DetectionUncertainty(
        bald: bald, entropy: 0, objectnessMean: 0, objectnessVariance: 0), expectedIoU: expected)
  }

  private func image(_ detections: [Detection]) -> EvaluatedImage {
    EvaluatedImage(
      id: "a",
      objects: [
        GroundTruth(box: object, classIndex: 0), GroundTruth(box: other, classIndex: 0),
      ], detections: detections)
  }

  @Test func areasAreShareOfPairsInOrder() throws {
    let nothing = Box(left: 60, top: 60, right: 70, bottom: 70)
    let scores = try TellingScores(
      [
        image([
          detection(object, 0.9, bald: 0.3, expected: 0.8),
          detection(other, 0.6, bald: 0.5, expected: 0.9),
          detection(nothing, 0.7, bald: 0.1, expected: 0.2),
          detection(nothing, 0.2, bald: 0.4, expected: 0.5),
          // Below the floor.
          detection(nothing, 0.04, bald: 0, expected: 0),
        ])
      ], classNames: ["x"], probability: 0.9)
    #expect(scores[.confidence] == 0.75 && scores[.bald] == 0.25)
    #expect(scores[.confidenceAndExpectedIoU] == 1 && scores[.probability] == 0.9)
    let all: [UncertaintyScore] = [.confidence, .bald, .confidenceAndExpectedIoU, .probability]
    #expect(scores.best(of: all) == .confidenceAndExpectedIoU)
    #expect(scores.best(of: [.bald, .confidence]) == .confidence)
    #expect(
      scores.text(of: [.bald, .confidence]) == "1 - confidence 75.0, BALD 25.0")
  }

  @Test func whatIsNotThereIsNotTaken() throws {
    let plain = try TellingScores(
      [image([Detection(box: object, classIndex: 0, confidence: 0.9, objectness: 1)])],
      classNames: ["x"])
    // Nothing is wrong, so that nothing tells it.
    #expect(plain.areas.isEmpty && plain.best(of: [.confidence, .bald]) == nil)
  }
}
