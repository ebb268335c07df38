import Detection
import Evaluation
import TestSupport
import Testing

@Suite struct VOCEvaluationTests {
  @Test func aClassThatIsOnlyPredictedHasNoPrecision() throws {
    let images = [
      EvaluatedImage(
        id: "a", objects: [object(1, 1, 10, 10)],
        detections: [found(0.9, 1, 1, 10, 10), found(0.9, 1, 1, 10, 10, classIndex: 1)]),
      EvaluatedImage(id: "b", objects: []),
    ]
    let result = try VOCEvaluation(images: images, classNames: ["x", "y", "z"], rule: .area)
    #expect(result.classes.map(\.averagePrecision) == [1, nil, nil])
    #expect(result.classes.map(\.falsePositives) == [0, 1, 0])
    #expect(result.meanAveragePrecision == 1)
    #expect(result.imageCount == 2)
    #expect(result.imagesWithoutDetections == 1)
    let zero = try VOCEvaluation(
      images: images, classNames: ["x", "y", "z"], rule: .area, absentClass: .zero)
    #expect(zero.classes.map(\.averagePrecision) == [1, 0, 0])
    #expect(zero.meanAveragePrecision == 1.0 / 3)
  }

  @Test func noDetectionsGiveZeroAndNoObjectsGiveNothing() throws {
    let image = EvaluatedImage(id: "a", objects: [object(1, 1, 10, 10)])
    let hard = EvaluatedImage(id: "a", objects: [object(1, 1, 10, 10, difficult: true)])
    for rule in AveragePrecision.allCases {
      let nothing = try VOCEvaluation(images: [image], classNames: ["x"], rule: rule)
      #expect(nothing.meanAveragePrecision == 0)
      #expect(nothing.classes[0].curve.count == 0)
      let none = try VOCEvaluation(images: [], classNames: ["x"], rule: rule)
      #expect(none.meanAveragePrecision == nil)
      let onlyHard = try VOCEvaluation(images: [hard], classNames: ["x"], rule: rule)
      #expect(onlyHard.classes[0].averagePrecision == nil)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func numbersThatAreNotFiniteAreRefused(_ value: Float) {
    let bad = [found(value, 1, 1, 2, 2), found(0.5, 1, value, 2, 2)]
    for (detection, what) in zip(bad, ["a confidence", "a box edge"]) {
      let image = EvaluatedImage(id: "im7", objects: [], detections: [detection])
      #expect(throws: EvaluationError.notFinite(what, image: "im7")) {
        try VOCEvaluation(images: [image], classNames: ["x"], rule: .area)
      }
      #expect(throws: EvaluationError.notFinite(what, image: "im7")) {
        try COCOEvaluation(images: [image], classNames: ["x"])
      }
    }
  }

  @Test(arguments: [-1, 2])
  func classIndicesWithoutNameAreRefused(_ index: Int) {
    let image = EvaluatedImage(
      id: "im7", objects: [], detections: [found(0.5, 1, 1, 2, 2, classIndex: index)])
    #expect(throws: EvaluationError.classIndexOutOfRange(index, image: "im7")) {
      try VOCEvaluation(images: [image], classNames: ["x", "y"], rule: .area)
    }
  }

  @Test(arguments: 1...60)
  func precisionIsAtMostOneAndFreeOfOrder(_ seed: Int) throws {
    let images = randomImages(
      images: 5, objects: 6, detections: 14, classes: 2, seed: UInt64(seed))
    var generator = SystemRandomNumberGeneratorWithSeed(seed: UInt64(seed))
    let shuffled = images.map { image in
      var copy = image
      copy.detections.shuffle(using: &generator)
      return copy
    }.shuffled(using: &generator)
    let names = ["x", "y"]
    for rule in AveragePrecision.allCases {
      let first = try VOCEvaluation(images: images, classNames: names, rule: rule)
      let second = try VOCEvaluation(images: shuffled, classNames: names, rule: rule)
      for (a, b) in zip(first.classes, second.classes) {
        #expect(a.averagePrecision == b.averagePrecision)
        #expect((0...1).contains(a.averagePrecision ?? 0))
        #expect(a.truePositives <= a.objects)
        #expect(a.truePositives + a.falsePositives + a.ignored == a.detections)
        #expect(a.curve.recalls == a.curve.recalls.sorted())
      }
    }
    let first = try COCOEvaluation(images: images, classNames: names).summary
    let second = try COCOEvaluation(images: shuffled, classNames: names).summary
    #expect(first == second)
    #expect((0...1).contains(first.ap ?? 0))
    #expect((first.ar1 ?? 0) <= (first.ar10 ?? 0))
  }

  @Test func perfectDetectionsGiveOne() throws {
    let images = randomImages(images: 4, objects: 5, detections: 1, classes: 3, seed: 3).map {
      EvaluatedImage(
        id: $0.id, objects: $0.objects,
        detections: Set($0.objects).map {
          Detection(box: $0.box, classIndex: $0.classIndex, confidence: 1, objectness: 1)
        })
    }
    for rule in AveragePrecision.allCases {
      let result = try VOCEvaluation(images: images, classNames: ["x", "y", "z"], rule: rule)
      #expect(abs((result.meanAveragePrecision ?? 0) - 1) < 1e-12)
    }
  }
}
