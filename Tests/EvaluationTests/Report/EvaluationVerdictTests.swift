import Detection
import Evaluation
import Foundation
import Testing

/// The sentences that close an evaluation.
@Suite struct EvaluationVerdictTests {
  /// Images of one object each, with what is found in them.
  private func images(_ found: [[Detection]]) -> [EvaluatedImage] {
    found.enumerated().map {
      EvaluatedImage(id: "\($0)", objects: [object(1, 1, 50, 50)], detections: $1)
    }
  }

  private func verdict(
    _ images: [EvaluatedImage], draws: Int = 200, on subject: EvaluationVerdict.Subject = .init()
  ) throws -> [String] {
    let trust = try TrustReport(
      images: images, classNames: ["a"],
      options: .init(bootstrap: draws > 0 ? Bootstrap(draws: draws, seed: 3) : nil))
    return EvaluationVerdict(trust, on: subject).sentences
  }

  /// Confidence knows something, the expected IoU everything, and BALD is large where they are right.
  private var telling: [EvaluatedImage] {
    images(
      (0..<60).map { index in
        let isRight = index % 3 != 0
        var detection = isRight ? found(0.5, 1, 1, 50, 50) : found(0.4, 30, 30, 90, 90)
        detection.confidence += 0.3 * Float(index * 7 % 10) / 10
        detection.expectedIoU = isRight ? 0.9 : 0.2
        detection.uncertainty = DetectionUncertainty(
          bald: isRight ? 0.5 : 0.1, entropy: 0.5, objectnessMean: 1,
          objectnessVariance: 1)
        return [detection]
      })
  }

  @Test func theBestScoreIsNamedAndTheMisleadingOnesAreRuledOut() throws {
    let lines = try verdict(telling)
    #expect(
      lines[0].hasPrefix(
        "Wrong detections are told best by 1 - expected IoU, AUROC 100.0 [100.0, 100.0]: "))
    #expect(lines[0].hasSuffix("] more than by the confidence."))
    #expect(lines[1].hasPrefix("Do not use BALD (AUROC 0.0 [0.0, 0.0])"))
    #expect(lines[1].hasSuffix("worse than chance."))
    #expect(!lines[1].contains("entropy"))
  }

  @Test func aScoreThatIsNotClearlyBetterIsNotNamed() throws {
    let lines = try verdict(
      images(
        (0..<40).map { index in
          let isRight = index % 2 == 0
          var detection = isRight ? found(0.9, 1, 1, 50, 50) : found(0.3, 30, 30, 90, 90)
          // As the confidence, but for one image that it gets right and the confidence does not.
          detection.expectedIoU = index == 1 ? 0.1 : detection.confidence
          if index == 1 { detection.confidence = 0.95 }
          return [detection]
        }))
    #expect(
      lines[0].hasPrefix("Wrong detections are told by 1 - confidence, AUROC 9"), "\(lines[0])")
    #expect(lines[0].hasSuffix("no other score is clearly better."))
  }

  @Test func thresholdsAreThoseOfF1AndOfTheRiskThatCanBeReached() throws {
    let lines = try verdict(telling)
    // 40 right ones from 0.5 on, of 60 objects; wrong ones reach up to 0.67.
    let take = try #require(lines.first { $0.hasPrefix("Take detections from confidence ") })
    #expect(take.contains("recall 66.7 %") && take.contains("F1 is largest"))
    #expect(
      lines.contains { $0.hasPrefix("No threshold promises at most 10 % wrong ones; the least") })
    // 200 right ones leave nothing to promise.
    let sure = try verdict(images((0..<200).map { _ in [found(0.9, 1, 1, 50, 50)] }), draws: 0)
    #expect(sure[0] == "All detections are right, so that no score can tell wrong ones.")
    #expect(!sure.contains { $0.hasPrefix("No threshold") })
    #expect(!sure.contains { $0.hasPrefix("What costs most") })
  }

  @Test func theDearestMistakeIsNamedWithItsRemedy() throws {
    // Boxes beside their objects: putting them right finds everything.
    let placed = try verdict(
      images((0..<20).map { _ in [found(0.8, 20, 1, 70, 50)] } + [[found(0.9, 1, 1, 50, 50)]]))
    let line = try #require(placed.first { $0.hasPrefix("What costs most") })
    #expect(line.contains("badly placed (20, ") && line.contains("--place iou"))
    let missed = try verdict(
      images((0..<9).map { _ in [] } + [[found(0.9, 1, 1, 50, 50)]]), draws: 0)
    #expect(missed.contains { $0.contains("missed (9, 90.0 points of mAP)") })
  }

  @Test func theNextCommandIsTheOneThatIsMissing() throws {
    var subject = EvaluationVerdict.Subject()
    #expect(
      try verdict(telling, on: subject).last?.hasPrefix("Next: detector calibrate, with") == true)
    subject.run = "runs/x"
    let calibrate = try #require(try verdict(telling, on: subject).last)
    #expect(calibrate.hasPrefix("Next: detector calibrate --run runs/x: confidences are off by "))
    subject.hasCalibration = true
    #expect(try verdict(telling, on: subject).last?.contains("--thresholds f1") == true)
    subject.hasThresholds = true
    subject.hasReport = true
    #expect(
      try verdict(telling, on: subject).last?.hasPrefix("Next: detector select IMAGES") == true)
    subject.hasReport = false
    #expect(
      try verdict(telling, on: subject).last
        == "Next: detector report runs/x, which shows the mistakes.")
  }

  @Test func nothingFoundAndNothingRightAreSaid() throws {
    let nothing = try verdict(images([[], []]))
    #expect(
      nothing.count == 1 && nothing[0].hasPrefix("Nothing was found with a confidence of 0.05"))
    let wrong = try verdict(images([[found(0.5, 60, 60, 90, 90)]]))
    #expect(wrong[0] == "All detections are wrong, so that no score can tell them.")
    #expect(wrong.contains("No detection is right, so that no threshold helps."))
  }
}
