import Evaluation
import Testing

/// The VOC development kit's matching rules, one by one.
@Suite struct DevkitRuleTests {
  @Test func overlapOfExactlyOneHalfIsEnough() {
    // 10×10 pixels against 10×5 inside them: 50 of 100 pixels.
    let wanted = [object(1, 1, 10, 10)]
    let hit = [found(0.9, 1, 1, 10, 5)]
    #expect(outcomes(wanted, hit) == [.truePositive])
    #expect(outcomes(wanted, hit, matcher: .init(comparison: .above)) == [.falsePositive])
    #expect(outcomes(wanted, [found(0.9, 1, 1, 10, 4)]) == [.falsePositive])
  }

  @Test func pixelsAreInclusive() {
    // Plain corners would give 4·4 / (9·9): inclusive pixels give 5·5 / (5·5 + 100 − 25).
    let image = EvaluatedImage(
      id: "a", objects: [object(1, 1, 10, 10)], detections: [found(0.9, 1, 1, 5, 5)])
    let match = DetectionMatcher().matches(in: [image], classCount: 1)[0][0]
    #expect(match.overlap == 0.25)
    #expect(match.objectIndex == 0)
  }

  @Test func boxesThatOnlyTouchDoNotOverlap() {
    let image = EvaluatedImage(
      id: "a", objects: [object(1, 1, 10, 10)], detections: [found(0.9, 11, 1, 20, 10)])
    let match = DetectionMatcher(threshold: 0).matches(in: [image], classCount: 1)[0][0]
    #expect(match.objectIndex == nil)
    #expect(match.outcome == .falsePositive)
  }

  @Test func duplicatesAreWrong() {
    let wanted = [object(1, 1, 10, 10)]
    #expect(
      outcomes(wanted, [found(0.8, 1, 1, 10, 9), found(0.9, 1, 1, 10, 10)])
        == [.truePositive, .falsePositive])
  }

  @Test func noSecondBestObjectIsTried() {
    // Both detections overlap the left object most; the second also reaches the right one.
    let wanted = [object(1, 1, 20, 20), object(5, 1, 24, 20)]
    let hits = [found(0.9, 1, 1, 20, 20), found(0.8, 2, 1, 21, 20)]
    #expect(outcomes(wanted, hits) == [.truePositive, .falsePositive])
  }

  @Test func theFirstOfEquallyOverlappedObjectsCounts() {
    let wanted = [object(1, 1, 10, 10), object(1, 1, 10, 10)]
    let image = EvaluatedImage(
      id: "a", objects: wanted, detections: [found(0.9, 1, 1, 10, 10), found(0.8, 1, 1, 10, 10)])
    let matches = DetectionMatcher().matches(in: [image], classCount: 1)[0]
    #expect(matches.map(\.objectIndex) == [0, 0])
    #expect(matches.map(\.outcome) == [.truePositive, .falsePositive])
  }

  @Test func difficultObjectsMakeDetectionsNeitherRightNorWrong() throws {
    let image = EvaluatedImage(
      id: "a", objects: [object(1, 1, 10, 10, difficult: true), object(31, 1, 40, 10)],
      detections: [
        found(0.9, 1, 1, 10, 10), found(0.8, 1, 1, 10, 10), found(0.7, 31, 1, 40, 10),
      ])
    #expect(
      outcomes(image.objects, image.detections) == [.ignored, .ignored, .truePositive])
    for rule in AveragePrecision.allCases {
      // The first detection is ignored: tools that divide 0 by 0 here report NaN.
      let result = try VOCEvaluation(images: [image], classNames: ["x"], rule: rule).classes[0]
      #expect(abs((result.averagePrecision ?? 0) - 1) < 1e-15)
      #expect((result.objects, result.difficult, result.ignored) == (1, 1, 2))
    }
  }

  @Test func difficultObjectsCanBeCountedOrRemoved() {
    let wanted = [object(1, 1, 10, 10, difficult: true)]
    let hits = [found(0.9, 1, 1, 10, 10), found(0.8, 1, 1, 10, 10)]
    #expect(
      outcomes(wanted, hits, matcher: .init(difficult: .counted))
        == [.truePositive, .falsePositive])
    #expect(
      outcomes(wanted, hits, matcher: .init(difficult: .removed))
        == [.falsePositive, .falsePositive])
  }

  @Test func aDetectionOverADifficultAndANormalObjectGoesToTheLargerOverlap() {
    let hard = object(1, 1, 10, 10, difficult: true)
    let normal = object(2, 1, 11, 10)
    #expect(outcomes([hard, normal], [found(0.9, 1, 1, 10, 10)]) == [.ignored])
    #expect(outcomes([hard, normal], [found(0.9, 2, 1, 11, 10)]) == [.truePositive])
    // Equal overlaps: the first object in file order.
    #expect(outcomes([hard, normal], [found(0.9, 1, 1, 11, 10)]) == [.ignored])
    #expect(outcomes([normal, hard], [found(0.9, 1, 1, 11, 10)]) == [.truePositive])
  }

  @Test func tiedConfidencesKeepImageOrderThenFileOrder() {
    let images = [
      EvaluatedImage(
        id: "b", objects: [],
        detections: [found(0.5, 1, 1, 2, 2), found(0.7, 1, 1, 3, 3), found(0.5, 1, 1, 4, 4)]),
      EvaluatedImage(
        id: "a", objects: [], detections: [found(0.7, 1, 1, 5, 5), found(0.5, 1, 1, 6, 6)]),
    ]
    let matches = DetectionMatcher().matches(in: images, classCount: 1)[0]
    #expect(matches.map(\.imageIndex) == [0, 1, 0, 0, 1])
    #expect(matches.map(\.detectionIndex) == [1, 0, 0, 2, 1])
  }

  @Test func negativeAndSignedZeroConfidencesRank() {
    let scores: [Float] = [-1.5, 0, -0.0, 3, -0.25, 1e-30]
    let image = EvaluatedImage(
      id: "a", objects: [], detections: scores.map { found($0, 1, 1, 2, 2) })
    let matches = DetectionMatcher().matches(in: [image], classCount: 1)[0]
    #expect(matches.map(\.detectionIndex) == [3, 5, 1, 2, 4, 0])
  }

  @Test func classesDoNotMix() throws {
    let image = EvaluatedImage(
      id: "a", objects: [object(1, 1, 10, 10, classIndex: 1)],
      detections: [found(0.9, 1, 1, 10, 10), found(0.2, 1, 1, 10, 10, classIndex: 1)])
    let result = try VOCEvaluation(images: [image], classNames: ["x", "y"], rule: .area)
    #expect(result.classes.map(\.averagePrecision) == [nil, 1])
  }
}
