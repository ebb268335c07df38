import Detection
import Evaluation
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TrustTests {
  /// One decision an image, the n-th wrong where `wrong[n]`.
  private func decisions(_ wrong: [Bool]) -> Decisions {
    Decisions(
      wrong.enumerated().map { Decision(image: $0, group: 0, score: 0.5, isRight: !$1) },
      imageCount: wrong.count, groupNames: ["a"])
  }

  @Test func perfectAndUselessScores() throws {
    let wrong = (0..<200).map { $0 % 4 == 0 }
    let decisions = decisions(wrong)
    let perfect = ErrorDetection(decisions, scores: wrong.map { $0 ? 1 : 0 })
    #expect(perfect.areaUnderROC == 1 && perfect.areaUnderPrecisionRecall == 1)
    #expect(isClose(perfect.excessAreaUnderRiskCoverage, 0, 1e-12))
    // The published form of the perfect area is its limit.
    #expect(isClose(perfect.areaUnderRiskCoverage, 0.25 + 0.75 * log(0.75), 2e-3))
    let constant = ErrorDetection(decisions, scores: wrong.map { _ in 3 })
    #expect(constant.areaUnderROC == 0.5)
    #expect(isClose(constant.areaUnderPrecisionRecall, 0.25, 1e-12))
    #expect(isClose(constant.areaUnderRiskCoverage, 0.25, 1e-12))
    let backwards = ErrorDetection(decisions, scores: wrong.map { $0 ? 0 : 1 })
    #expect(backwards.areaUnderROC == 0)
    let none = ErrorDetection(self.decisions([]), scores: [])
    #expect(none.values == [nil, nil, nil, nil] && none.medianSplit == nil)
    let right = ErrorDetection(self.decisions([false, false]), scores: [0, 1])
    #expect(right.values == [nil, nil, 0, 0])
  }

  @Test func scoresThatADetectionLacksAreNotGuessed() throws {
    var images = randomImages(images: 4, objects: 3, detections: 5, classes: 1, seed: 1)
    func decisions() throws -> Decisions {
      try MatchedDetections(images, classNames: ["a"]).decisions(in: images)
    }
    #expect(ErrorDetection(try decisions(), score: .confidence)?.imageCount == 4)
    #expect(ErrorDetection(try decisions(), score: .bald) == nil)
    images[0].detections[0].uncertainty = DetectionUncertainty(
      bald: 0.25, entropy: 0.5, objectnessMean: 0.75, objectnessVariance: 0.125)
    let mixed = try decisions()
    #expect(RiskCoverage(mixed, score: .entropy) == nil)
    #expect(RiskCoverage.curves(mixed).map(\.score) == [.confidence])
    #expect(mixed.measures.isEmpty)
    images = [
      EvaluatedImage(id: "a", objects: [], detections: [images[0].detections[0]])
    ]
    let confidence = Double(images[0].detections[0].confidence)
    let alone = try decisions()
    #expect(
      UncertaintyScore.ofDetections.map { alone.values(of: $0) } == [
        [1 - confidence], [0.25], [0.5], [0.25], [0.125], nil, nil, nil, [1 - confidence * 0.75],
        [1],
        [1],
      ])
    images[0].detections[0].expectedIoU = 0.75
    images[0].detections[0].probability = DetectionProbability(
      right: 0.875, placed: 1, classRight: 1, quality: 0.5)
    let more = try decisions()
    #expect(more.values(of: .expectedIoU) == [0.25] && more.values(of: .probability) == [0.125])
    #expect(more.values(of: .confidenceAndExpectedIoU) == [1 - confidence * 0.75])
    #expect(more.values(of: .bald) == [0.25])
  }

  @Test func difficultObjectsCountNeitherWay() throws {
    let image = EvaluatedImage(
      id: "a",
      objects: [object(1, 1, 10, 10, difficult: true), object(31, 1, 40, 10)],
      detections: [found(0.9, 1, 1, 10, 10), found(0.8, 31, 1, 40, 10)])
    let matched = try MatchedDetections([image], classNames: ["a"])
    #expect(matched.pooled.map(\.confidence) == [0.8])
    let error = LocalizationRecallPrecision(matched)
    #expect(error.values[0] == 0)
    #expect(error.optima[0]?.threshold == 0.8)
    let mistakes = try ErrorBreakdown(images: [image], classNames: ["a"])
    #expect(mistakes.total.right == 1 && mistakes.total.mistakes.isEmpty)
    #expect(mistakes.gains.values.allSatisfy { $0 == 0 })
    #expect(mistakes.share(of: .missed) == nil)
  }

  @Test func nothingFoundIsErrorOneAndAllMissed() throws {
    let image = EvaluatedImage(id: "a", objects: [object(1, 1, 10, 10)])
    let matched = try MatchedDetections([image], classNames: ["a", "b"])
    let error = LocalizationRecallPrecision(matched)
    #expect(error.values[0] == 1 && error.values[3] == 1)
    #expect(error.optima[0]?.threshold == nil && error.optima[1] == nil)
    let mistakes = try ErrorBreakdown(images: [image], classNames: ["a", "b"])
    #expect(mistakes.total[.missed] == 1)
    #expect(CalibrationError(matched.decisions).value == nil)
    #expect(ProbabilityScores(matched.decisions).brier == nil)
  }

  @Test func theFloorIsInclusive() throws {
    let images = [Float(0.5), 0.25, 0.125].map {
      EvaluatedImage(id: "\($0)", objects: [], detections: [found($0, 1, 1, 10, 10)])
    }
    let matched = try MatchedDetections(images, classNames: ["a"])
    #expect(matched.withConfidence(atLeast: 0.25).pooled.count == 2)
    #expect(matched.withConfidence(atLeast: 0.26).pooled.count == 1)
    #expect(matched.withConfidence(atLeast: 0).pooled.count == 3)
  }

  @Test func riskCoverageCountsTiesTogether() throws {
    let curve = RiskCoverage(
      decisions([false, true, false, true]), scores: [0.1, 0.2, 0.2, 0.3])
    #expect(curve.points.map(\.kept) == [1, 3, 4])
    #expect(curve.points.map(\.wrong) == [0, 1, 2])
    #expect(curve.points.map(\.coverage) == [0.25, 0.75, 1])
    #expect(curve.risk(atCoverage: 0.5) == 1.0 / 3)
    #expect(curve.risk(atCoverage: 0) == 0)
    #expect(RiskCoverage(decisions([]), scores: []).risk(atCoverage: 0.5) == nil)
  }

  /// In many experiments the risk of what is kept is above the target in few.
  @Test(arguments: RiskBound.allCases) func pickedThresholdsKeepTheirPromise(
    _ bound: RiskBound
  ) {
    var failures = 0
    var picks = 0
    var generator = SystemRandomNumberGeneratorWithSeed(seed: 8)
    for _ in 0..<200 {
      // The risk of a score s is s, so that of all scores up to t is t / 2.
      let scores = (0..<600).map { _ in Double.random(in: 0...1, using: &generator) }
      let wrong = scores.map { Double.random(in: 0...1, using: &generator) < $0 }
      let curve = RiskCoverage(decisions(wrong), scores: scores)
      guard let pick = curve.threshold(maximumRisk: 0.25, confidence: 0.9, bound: bound) else {
        continue
      }
      picks += 1
      if pick.point.score / 2 > 0.25 { failures += 1 }
      #expect(pick.upperRisk <= 0.25 && pick.point.risk < 0.25)
    }
    #expect(picks > 150)
    #expect(Double(failures) <= 0.1 * 200)
  }

  @Test func boundsAtTheEdges() {
    for bound in RiskBound.allCases {
      #expect(bound.upper(wrong: 0, of: 0, confidence: 0.9) == 1)
      #expect(bound.upper(wrong: 5, of: 5, confidence: 0.9) == 1)
      #expect(bound.upper(wrong: 0, of: 100_000, confidence: 0.9) < 0.01)
    }
    #expect(
      abs(
        RiskBound.hoeffding.upper(wrong: 10, of: 200, confidence: 0.9)
          - (0.05 + (log(10) / 400).squareRoot())) < 1e-12)
  }

  @Test func recalibrationKeepsOrderAndRefusesItsOwnImages() throws {
    let fitting = randomImages(images: 60, objects: 4, detections: 9, classes: 2, seed: 21)
    let names = ["a", "b"]
    let fresh = randomImages(images: 60, objects: 4, detections: 9, classes: 2, seed: 22).map {
      var image = $0
      image.id = "fresh" + image.id
      return image
    }
    for method in RecalibrationMap.Method.allCases {
      let model = try RecalibrationModel(fitting: fitting, classNames: names, method: method)
      #expect(try RecalibrationModel.parse(model.json(), file: "c.json") == model)
      let trial = try RecalibrationTrial(fitting, classNames: names, method: method)
      #expect(try #require(trial.errorAfter) < (try #require(trial.errorBefore)))
      let applied = try model.applied(to: fresh, classNames: names)
      let before = try MatchedDetections(fresh, classNames: names).decisions
      let after = try MatchedDetections(applied, classNames: names).decisions
      let gap = try #require(CalibrationError(before).value)
      // One temperature cannot lower all confidences.
      let share = method == .temperature ? 1 : 0.5
      #expect(try #require(CalibrationError(after).value) < share * gap)
      for step in 1...100 {
        let map = model.map(ofClass: "a")
        #expect(map.apply(Double(step) / 100) >= map.apply(Double(step - 1) / 100))
        #expect((0...1).contains(map.apply(Double(step) / 100)))
      }
      // The order within a class is what average precision sees.
      let values = try [fresh, applied].map {
        try VOCEvaluation(images: $0, classNames: names, rule: .area).meanAveragePrecision
      }
      #expect(values[0] == values[1], "\(method)")
      let change = try RecalibrationTrial(
        from: fresh, to: applied, classNames: names, scoreFloor: 0)
      #expect(change.errorBefore == gap && change.count == before.count)
      #expect(change.errorAfter == CalibrationError(after).value)
      #expect(throws: EvaluationError.self) {
        try model.applied(to: fresh + [fitting[3]], classNames: names)
      }
    }
    #expect(throws: EvaluationError.self) {
      try RecalibrationModel(
        fitting: [EvaluatedImage(id: "a", objects: [])], classNames: names, method: .isotonic)
    }
  }

  /// A class whose right detections are all surer than the wrong ones is no step, and one where they
  /// are less sure is level.
  @Test func fewDetectionsDoNotMakeAStep() throws {
    let confidences = (0..<20).map { 0.05 + Double($0) / 25 }
    let isRight = confidences.indices.map { $0 > 17 }
    for method in [RecalibrationMap.Method.platt, .temperature] {
      let map = try #require(
        RecalibrationMap.fitted(method, confidences: confidences, isRight: isRight))
      let mapped = confidences.map { Float(map.apply($0)) }
      #expect(zip(mapped, mapped.dropFirst()).allSatisfy { $0 < $1 }, "\(method): \(mapped)")
    }
    guard
      case .platt(let slope, let offset)? = RecalibrationMap.fitted(
        .platt, confidences: confidences, isRight: isRight)
    else {
      Issue.record("no fit")
      return
    }
    let falling = confidences.map { 1 - $0 }
    #expect(RecalibrationMap.fitted(.temperature, confidences: falling, isRight: isRight) == nil)
    let level = try #require(
      RecalibrationMap.fitted(.platt, confidences: falling, isRight: isRight))
    #expect(abs(level.apply(0.1) - (2 * 0.75 + 18.0 / 20) / 20) < 1e-12)
    #expect(level.apply(0.9) == level.apply(0.1))
    // At the maximum the probabilities add up to the targets: 2 · 3/4 + 18 · 1/20.
    let sum = confidences.reduce(0) {
      $0 + RecalibrationMap.platt(slope: slope, offset: offset).apply($1)
    }
    #expect(abs(sum - (2 * 0.75 + 18.0 / 20)) < 1e-9)
  }

  @Test(arguments: [
    #"{"temperature": {"_0": -1}}"#, #"{"platt": {"slope": -1, "offset": 0}}"#,
    #"{"temperature": {"_0": 0}}"#,
    #"{"isotonic": {"_0": {"confidences": [0.5, 0.25], "probabilities": [0.5, 0.75]}}}"#,
    #"{"isotonic": {"_0": {"confidences": [0.25, 0.5], "probabilities": [0.75, 0.5]}}}"#,
    #"{"isotonic": {"_0": {"confidences": [0.25], "probabilities": [1.5]}}}"#,
    #"{"isotonic": {"_0": {"confidences": [], "probabilities": []}}}"#,
    #"{"isotonic": {"_0": {"confidences": [0.5], "probabilities": []}}}"#,
  ]) func mapsThatLieAreRefused(_ map: String) {
    let text =
      #"{"method": "isotonic", "classes": {}, "imageIDs": [], "scoreFloor": 0.05, "pooled": "#
      + map + "}"
    let error = #expect(throws: FileError.self) {
      try RecalibrationModel.parse(Data(text.utf8), file: "c.json")
    }
    #expect(error?.description.contains("c.json: the map of 'pooled'") == true)
  }
}
