import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct ClassificationScoresTests {
  private let names = ["a", "b", "c"]

  @Test func numbersByHand() throws {
    // Right with 3/4, wrong with 1/2 (its own class has 1/4).
    let scores = ClassificationScores(
      [
        ClassifiedImage(probabilities: [0.75, 0.25, 0], label: 0, uncertainties: [0.5]),
        ClassifiedImage(probabilities: [0.25, 0.25, 0.5], label: 1, uncertainties: [0.25]),
      ], classNames: names, measures: [.bald])
    #expect(scores[.top1] == 0.5 && scores[.top5] == 1)
    // Two bins of one image each: |1 − 3/4| and |0 − 1/2|.
    #expect(scores[.ece15] == 0.375)
    #expect(isClose(scores[.nll], (log(4.0 / 3) + log(4)) / 2, 1e-12))
    // 1/16 + 1/16, and 1/16 + 9/16 + 1/4.
    #expect(scores[.brier] == 0.5)
    #expect(scores[.aurocConfidence] == 1 && scores[.aurocUncertainty] == 0)
  }

  @Test func agreeWithScikitLearn() throws {
    let golden = try goldenCases("classification")[0]
    let probabilities = try golden.array("probabilities")
    let uncertainty = try golden.array("uncertainty")
    let images = try golden.array("labels").enumerated().map { index, label in
      ClassifiedImage(
        probabilities: Array(probabilities[(7 * index)..<(7 * index + 7)]), label: Int(label),
        uncertainties: [Double(uncertainty[index])])
    }
    let scores = ClassificationScores(
      images, classNames: (0..<7).map(String.init), measures: [.entropy], uncertainty: .entropy)
    for number in ClassificationScores.Number.allCases {
      let expected = try #require(golden.numbers[number.rawValue])
      #expect(
        isClose(scores[number], expected, 1e-12),
        "\(number): \(String(describing: scores[number])), not \(expected)")
    }
  }

  @Test func equalProbabilitiesGoToTheFirstClass() {
    let sixth = [Float](repeating: 1.0 / 8, count: 8)
    #expect(ClassifiedImage(probabilities: sixth, label: 4).rank == 4)
    let scores = ClassificationScores(
      [0, 4, 5].map { ClassifiedImage(probabilities: sixth, label: $0) },
      classNames: (0..<8).map(String.init))
    #expect(isClose(scores[.top1], 1.0 / 3, 1e-12) && isClose(scores[.top5], 2.0 / 3, 1e-12))
    #expect(scores[.aurocConfidence] == 0.5 && scores[.aurocUncertainty] == nil)
  }

  @Test func whatIsUndefinedIsNil() {
    let none = ClassificationScores([], classNames: names)
    #expect(ClassificationScores.Number.allCases.allSatisfy { none[$0] == nil })
    let right = ClassificationScores(
      [ClassifiedImage(probabilities: [1, 0, 0], label: 0)], classNames: names)
    #expect(right[.aurocConfidence] == nil && right[.nll] == 0 && right[.brier] == 0)
    // A probability that a Float cannot hold costs 87 nats, not infinitely many.
    let wrong = ClassificationScores(
      [ClassifiedImage(probabilities: [1, 0, 0], label: 2)], classNames: names)
    #expect(isClose(wrong[.nll], 126 * log(2), 1e-9) && wrong[.brier] == 2)
  }

  /// Resampling counts an image as often as it was drawn.
  @Test func weightsAreCopies() throws {
    let images = (0..<12).map { index in
      let first = Float(index % 5 + 2) / 8
      return ClassifiedImage(
        probabilities: [first, 1 - first, 0], label: index % 3, uncertainties: [Double(index % 4)])
    }
    let weights = (0..<12).map { Int32($0 % 3) }
    let copies = zip(images, weights).flatMap { image, count in
      [ClassifiedImage](repeating: image, count: Int(count))
    }
    let weighted = ClassificationScores(images, classNames: names, measures: [.bald])
      .values(ImageWeights(weights))
    let copied = ClassificationScores(copies, classNames: names, measures: [.bald]).values
    #expect(weighted.count == ClassificationScores.Number.allCases.count)
    for (a, b) in zip(weighted, copied) { #expect(isClose(a, try #require(b), 1e-12)) }
  }
}

/// What holds for the decisions of any task.
@Suite struct DecisionTests {
  /// Three decisions in each of 40 images, right with the probability that they say, squared for
  /// group 1.
  private func decisions(seed: UInt64) -> Decisions {
    var generator = SystemRandomNumberGeneratorWithSeed(seed: seed)
    let entries = (0..<120).map { index in
      let score = Float.random(in: 0...1, using: &generator)
      let probability = index % 2 == 0 ? score : score * score
      let isRight = Float.random(in: 0..<1, using: &generator) < probability
      return Decision(
        image: index / 3, unit: index % 3, group: index % 2, score: score,
        uncertainties: [Double(1 - probability)], isRight: isRight, quality: 0.5)
    }
    return Decisions(
      entries, imageCount: 40, groupNames: ["sure", "too sure"], measures: [.bald])
  }

  @Test func trustIsThatOfItsParts() throws {
    let decisions = decisions(seed: 3)
    let trust = DecisionTrust(decisions, bootstrap: Bootstrap(draws: 60))
    #expect(trust.count == 120 && trust.wrong == decisions.entries.count { !$0.isRight })
    #expect(trust.calibration.error.value == CalibrationError(decisions).value)
    #expect(
      trust.calibration.qualityError.value == LocalizationCalibrationError(decisions).value)
    #expect(trust.calibration.brier.value == ProbabilityScores(decisions).brier)
    #expect(
      trust.calibration.negativeLogLikelihood.value
        == ProbabilityScores(decisions).negativeLogLikelihood)
    #expect(
      trust.errorFinding.map(\.score) == [
        .confidence, .bald, .confidenceAndBALD, .ranksOfConfidenceAndBALD,
      ])
    for finding in trust.errorFinding {
      let own = try #require(ErrorDetection(decisions, score: finding.score))
      #expect(finding.areaUnderROC.value == own.areaUnderROC)
      let interval = try #require(finding.areaUnderROC.interval)
      #expect(interval.lower < (own.areaUnderROC ?? 0) && (own.areaUnderROC ?? 1) < interval.upper)
    }
    let large = decisions.entries.map {
      Decision(image: $0.image, group: $0.group, score: 2 * $0.score + 1, isRight: $0.isRight)
    }
    let logits = DecisionTrust(Decisions(large, imageCount: 40, groupNames: ["a", "b"]))
    #expect(logits.calibration.error.value == nil && logits.errorFinding.count == 1)
  }

  /// Units of an image are resampled together: one image with all decisions leaves nothing to chance.
  @Test func imagesAreDrawnNotUnits() throws {
    let entries = decisions(seed: 3).entries.map {
      Decision(image: 0, unit: $0.unit, group: 0, score: $0.score, isRight: $0.isRight)
    }
    let one = Decisions(entries, imageCount: 1, groupNames: ["a"])
    let estimate = Bootstrap(draws: 30).estimates(of: CalibrationError(one))[0]
    #expect(
      estimate.interval?.lower == estimate.value && estimate.interval?.upper == estimate.value)
    let drawn = Bootstrap(draws: 30).estimates(of: CalibrationError(decisions(seed: 3)))[0]
    let interval = try #require(drawn.interval)
    #expect(interval.lower < interval.upper)
  }

  @Test(arguments: RecalibrationMap.Method.allCases) func recalibrationPutsGroupsRight(
    _ method: RecalibrationMap.Method
  ) throws {
    let fitting = decisions(seed: 4)
    let fresh = decisions(seed: 5)
    let model = try #require(
      RecalibrationModel(
        fitting: fitting, imageIDs: (0..<40).map { "image \($0)" }, method: method))
    #expect(model.classes.count == 2 && model.imageIDs.count == 40)
    let after = model.applied(to: fresh)
    let trial = RecalibrationTrial(from: fresh, to: after)
    #expect(trial.count == 120)
    let tooSure = [fresh, after].map { all in
      CalibrationError(all.filtered { $0.group == 1 }).value ?? .nan
    }
    // One temperature cannot lower all scores.
    if method != .temperature { #expect(tooSure[1] < tooSure[0]) }
    let own = RecalibrationTrial(from: fitting, to: model.applied(to: fitting))
    #expect(try #require(own.surpriseAfter) < (try #require(own.surpriseBefore)))
    let right = fitting.filtered(\.isRight)
    #expect(
      RecalibrationModel(fitting: right, imageIDs: [], method: .platt) == nil)
  }

  @Test func aWrongDecisionHasNoQuality() {
    #expect(Decision(image: 0, group: 0, score: 1, isRight: false, quality: 0.75).quality == 0)
    #expect(Decision(image: 0, group: 0, score: 1, isRight: true).quality == 1)
  }

  @Test func balanceCountsWhatThereWasToFind() throws {
    let decisions = Decisions(
      [(0.75, true), (0.5, false), (0.5, true), (0.25, false)].map {
        Decision(image: 0, group: 0, score: $0.0, isRight: $0.1)
      }, imageCount: 1, groupNames: ["a"])
    // From 0.75: 2 · 1 / (1 + 3); from 0.5: 2 · 2 / (3 + 3).
    let balance = try #require(BalancedThreshold(decisions, targets: 3))
    #expect(balance.confidence == 0.5 && balance.precision == balance.recall)
    #expect(isClose(balance.f1, 2.0 / 3, 1e-12))
  }
}
