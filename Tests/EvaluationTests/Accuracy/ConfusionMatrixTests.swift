import Detection
import Evaluation
import Foundation
import Testing

@Suite struct ConfusionMatrixTests {
  private let names = ["a", "b"]

  /// Five objects, one of them difficult; the comments say what becomes of each detection.
  private var images: [EvaluatedImage] {
    [
      EvaluatedImage(
        id: "1",
        objects: [
          object(1, 1, 20, 20), object(41, 1, 60, 20, classIndex: 1),
          object(81, 1, 100, 20, classIndex: 1),
        ],
        detections: [
          found(0.9, 1, 1, 20, 20),  // right
          found(0.8, 1, 1, 20, 19),  // a duplicate: nothing is left there
          found(0.7, 41, 1, 60, 20),  // b taken for a
          found(0.6, 41, 1, 60, 19),  // again: that b is taken
          found(0.5, 1, 1, 20, 18, classIndex: 1),  // the a is found: nothing there
          found(0.1, 81, 1, 100, 20, classIndex: 1),  // right, but below the threshold
        ]),
      EvaluatedImage(
        id: "2",
        objects: [object(1, 1, 20, 20, difficult: true), object(41, 1, 60, 20)],
        detections: [
          found(0.9, 1, 1, 20, 20),  // difficult: does not count
          found(0.3, 41, 1, 49, 20),  // IoU 0.45: too little
        ]),
    ]
  }

  @Test func byHand() throws {
    let matrix = try ConfusionMatrix(images: images, classNames: names, confidence: 0.25)
    #expect(matrix.counts == [[1, 0], [1, 0]])
    #expect(matrix.missed == [1, 1])
    #expect(matrix.background == [3, 1])
    // The third object of the first image and the second of the other; the difficult one does not count.
    #expect(
      matrix.missedObjects.map { [$0.image, $0.object] } == [[0, 2], [1, 1]])
    #expect(names.indices.map(matrix.objects) == [2, 2])
    #expect(names.indices.map(matrix.detections) == [5, 1])
    let all = try ConfusionMatrix(images: images, classNames: names, confidence: 0)
    #expect(all.counts == [[1, 0], [1, 1]] && all.missed == [1, 0])
    #expect(all.background == [3, 1])
    let equal = try ConfusionMatrix(images: images, classNames: names, confidence: 0.9)
    #expect(equal.counts == [[1, 0], [0, 0]] && equal.missed == [1, 2])
    #expect(equal.background == [0, 0])
  }

  @Test func aRightDetectionComesBeforeAConfidentConfusion() throws {
    let image = EvaluatedImage(
      id: "1", objects: [object(1, 1, 20, 20)],
      detections: [found(0.9, 1, 1, 20, 20, classIndex: 1), found(0.3, 1, 1, 20, 20)])
    let matrix = try ConfusionMatrix(images: [image], classNames: names, confidence: 0)
    #expect(matrix.counts == [[1, 0], [0, 0]])
    #expect(matrix.background == [0, 1] && matrix.missed == [0, 0])
  }

  /// Objects and detections each add up, and the diagonal is what VOC calls right.
  @Test func everythingIsCountedOnce() throws {
    let images = randomImages(images: 30, objects: 5, detections: 8, classes: 3, seed: 4)
    let names = ["a", "b", "c"]
    let matched = try MatchedDetections(images, classNames: names)
    for confidence: Float in [0, 0.3, 0.7] {
      let matrix = try ConfusionMatrix(images: images, classNames: names, confidence: confidence)
      let kept = matched.withConfidence(atLeast: Double(confidence))
      for index in names.indices {
        #expect(matrix.objects(of: index) == kept.classes[index].objectImages.count)
        #expect(matrix.detections(of: index) == kept.classes[index].matches.count)
        #expect(
          matrix.counts[index][index] == kept.classes[index].matches.count { !$0.isWrong })
      }
    }
  }

  @Test func theBalanceIsTheLargestF1() throws {
    let matched = try MatchedDetections(images, classNames: names)
    // 0.9: 1 of 1, F1 2 / (1 + 4); 0.1: 2 of 7, F1 4 / (7 + 4).
    let best = try #require(BalancedThreshold(matched.decisions, targets: matched.objectCount))
    #expect(best.confidence == 0.9 && best.precision == 1)
    #expect(best.recall == 0.25 && abs(best.f1 - 0.4) < 1e-12)
    #expect(
      BalancedThreshold(try MatchedDetections([], classNames: names).decisions, targets: 1) == nil)
    let random = randomImages(
      images: 20, objects: 4, detections: 6, classes: 2, seed: 9, distinct: false)
    let all = try MatchedDetections(random, classNames: names)
    let chosen = try #require(BalancedThreshold(all.decisions, targets: all.objectCount))
    let objects = all.classes.reduce(0) { $0 + $1.objectImages.count }
    let scores = Set(all.pooled.map(\.confidence)).map { threshold in
      let kept = all.withConfidence(atLeast: Double(threshold)).pooled
      return 2 * Double(kept.count { !$0.isWrong }) / Double(kept.count + objects)
    }
    #expect(chosen.f1 == scores.max())
  }

  @Test func examplesAreTheWorstAndTheLeastCertain() throws {
    let telling = try TellingDetections(images: images, classNames: names, count: 3)
    #expect(telling.confidentMistakes.map(\.detectionIndex) == [1, 2, 3])
    #expect(telling.confidentMistakes.map(\.mistake) == [.duplicate, .wrongClass, .wrongClass])
    #expect(telling.confidentMistakes.map(\.objectIndex) == [0, 1, 1])
    // Nearest to one half: 0.5, then 0.6; 0.3 and 0.7 are equal but for rounding.
    #expect(!telling.usesBALD && telling.mostUncertain.map(\.detectionIndex).prefix(2) == [4, 3])
    #expect(abs(telling.mostUncertain[0].uncertainty - 1) < 1e-12)
    var bayesian = images
    for (index, bald) in [0.0, 0.2, 0.01, 0.3, 0.05, 0.9].enumerated() {
      bayesian[0].detections[index].uncertainty = DetectionUncertainty(
        bald: Float(bald), entropy: 0, objectnessMean: 0, objectnessVariance: 0)
    }
    let asked = try TellingDetections(
      images: bayesian, classNames: names, scoreFloor: 0.25, count: 2)
    // The one with BALD 0.9 is below the floor.
    #expect(asked.usesBALD && asked.mostUncertain.map(\.detectionIndex) == [3, 1])
    #expect(asked.orderText == "BALD")
    // The right one has the most: the confidence tells wrong ones, BALD does not.
    bayesian[0].detections[0].uncertainty?.bald = 0.5
    for index in bayesian[1].detections.indices {
      bayesian[1].detections[index].uncertainty = bayesian[0].detections[2].uncertainty
    }
    let misled = try TellingDetections(
      images: bayesian, classNames: names, scoreFloor: 0.25, count: 2)
    #expect(!misled.usesBALD && misled.mostUncertain.map(\.detectionIndex) == [4, 3])
    #expect(
      misled.orderText
        == "entropy of the confidence, for BALD tells wrong detections worse than the confidence "
        + "(AUROC 0.0 against 100.0 %)")
  }

  @Test func handingOverKeepsEqualScoresTogether() throws {
    // Eight right ones, then two wrong ones.
    let images = (0..<10).map { index in
      EvaluatedImage(
        id: "\(index)", objects: index < 8 ? [object(1, 1, 20, 20)] : [],
        detections: [found(1 - Float(index) / 20, 1, 1, 20, 20)])
    }
    let decisions = try MatchedDetections(images, classNames: ["a"]).decisions
    let curve = RiskCoverage(decisions, scores: (0..<10).map(Double.init))
    #expect(curve.handingOver(0.1)?.kept == 9 && curve.handingOver(0.1)?.wrong == 1)
    #expect(curve.handingOver(0.15)?.kept == 9 && curve.handingOver(0)?.kept == 10)
    let tied = RiskCoverage(decisions, scores: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    #expect(tied.handingOver(0.1)?.kept == 10 && tied.handingOver(0.2)?.kept == 8)
  }

  @Test func trustDifferencesAreThoseOfTheNumbers() throws {
    let first = randomImages(images: 25, objects: 4, detections: 8, classes: 2, seed: 1)
    let second = first.map { image in
      var image = image
      for index in image.detections.indices { image.detections[index].confidence *= 0.5 }
      return image
    }
    let difference = try TrustDifference(
      from: first, to: second.reversed(), classNames: names, scoreFloor: 0,
      bootstrap: Bootstrap(draws: 30))
    let matched = try [first, second].map { try MatchedDetections($0, classNames: names) }
    let errors = matched.compactMap { CalibrationError($0.decisions).value }
    #expect(isClose(difference.calibration?.value, errors[1] - errors[0], 1e-12))
    #expect(isClose(difference.areaUnderROC?.value, 0, 1e-12))
    #expect(isClose(difference.localization.value, 0, 1e-12))
    let interval = try #require(difference.calibration?.interval)
    #expect(interval.lower < errors[1] - errors[0] && errors[1] - errors[0] < interval.upper)
  }
}
