import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct ClassificationReportTests {
  private static let names = (0..<7).map(String.init)

  private static func images(
    _ golden: GoldenCase, isBayesian: Bool = true
  ) throws -> [ClassifiedImage] {
    let probabilities = try golden.array("probabilities")
    let uncertainty = try golden.array("uncertainty")
    return try golden.array("labels").enumerated().map { index, label in
      ClassifiedImage(
        probabilities: Array(probabilities[(7 * index)..<(7 * index + 7)]), label: Int(label),
        uncertainties: isBayesian ? [Double(uncertainty[index])] : [])
    }
  }

  @Test func agreesWithScikitLearn() throws {
    let golden = try goldenCases("classification")[0]
    let report = ClassificationReport(try Self.images(golden), classNames: Self.names)
    for key in ["top1", "top5", "ece15", "nll", "brier", "balancedAccuracy", "macroF1"]
      + ["adaptiveECE", "classwiseECE"]
    {
      let value = report.figures.first { $0.key == key }?.estimate.value
      let expected = try #require(golden.numbers[key])
      #expect(isClose(value, expected, 1e-7), "\(key): \(value ?? -1), not \(expected)")
    }
    #expect(report.wrongAnswers.map(\.score) == [.confidence, .entropy, .margin, .bald])
    for telling in report.wrongAnswers {
      for (name, estimate) in [
        ("AUROC", telling.areaUnderROC), ("AUPR", telling.areaUnderPrecisionRecall),
        ("FPR95", telling.passing),
      ] {
        let key = telling.score.rawValue + name
        let expected = try #require(golden.numbers[key])
        #expect(isClose(estimate.value, expected, 1e-12), "\(key): \(estimate.value ?? -1)")
      }
    }
  }

  @Test func findsTheTemperature() throws {
    let golden = try goldenCases("classification")[0]
    let images = try Self.images(golden)
    let scaling = TemperatureScaling(images, ids: images.indices.map(String.init))
    #expect(isClose(scaling.temperature, try #require(golden.numbers["temperature"]), 1e-4))
    // The order of the classes stays, and a temperature of 1 changes nothing.
    for image in images {
      let scaled = scaling.applied(to: image)
      #expect(scaled.answer == image.answer && scaled.label == image.label)
      #expect(scaled.uncertainties == image.uncertainties)
      #expect(abs(scaled.probabilities.reduce(0, +) - 1) < 1e-5)
    }
    func surprise(_ images: [ClassifiedImage]) throws -> Double {
      let scores = ClassificationScores(images, classNames: Self.names, measures: [.bald])
      return try #require(scores[.nll])
    }
    #expect(try surprise(images.map(scaling.applied)) < surprise(images) - 1e-4)
    try withTemporaryFolder { folder in
      let path = folder.path + "/calibration.json"
      try scaling.write(to: path)
      #expect(try TemperatureScaling(contentsOf: URL(filePath: path)) == scaling)
      try folder.write("calibration.json", #"{"temperature": 1}"#)
      #expect(throws: (any Error).self) {
        try TemperatureScaling(contentsOf: URL(filePath: path))
      }
    }
  }

  @Test func countsConfusionsByHand() {
    func image(_ label: Int, _ answer: Int) -> ClassifiedImage {
      var probabilities: [Float] = [0.125, 0.125, 0.125]
      probabilities[answer] = 0.75
      return ClassifiedImage(probabilities: probabilities, label: label)
    }
    let report = ClassificationReport(
      [image(0, 0), image(0, 1), image(0, 1), image(1, 1), image(1, 0)],
      classNames: ["a", "b", "c"])
    #expect(report.confusion == [[1, 2, 0], [1, 1, 0], [0, 0, 0]])
    #expect(
      report.confusions(limit: 9).map { [$0.label, $0.answer, $0.count] } == [
        [0, 1, 2], [1, 0, 1],
      ])
    #expect(report.classes.map(\.right) == [1, 1, 0])
    #expect(report.classes[2].recall == nil && report.classes[2].f1 == nil)
    // A class without images has no part in the means: (1/3 + 1/2) / 2.
    let balanced = report.figures.first { $0.key == "balancedAccuracy" }?.estimate.value
    #expect(isClose(balanced, 5.0 / 12, 1e-12))
    #expect(report.wrongAnswers.map(\.score) == [.confidence, .entropy, .margin])
    #expect(report.table.contains("confused     a for b 2, b for a 1"))
  }

  /// Images of something else: certain ones pass, uncertain ones are told.
  @Test func tellsUnknownImages() throws {
    func image(_ confidence: Float) -> ClassifiedImage {
      ClassifiedImage(probabilities: [confidence, 1 - confidence], label: 0)
    }
    let known = (0..<20).map { image(0.7 + 0.01 * Float($0)) }
    var report = ClassificationReport(
      known, classNames: ["a", "b"], bootstrap: Bootstrap(draws: 50))
    report.add(
      unknown: [image(0.55), image(0.6), image(0.65), image(0.95)], beside: known, place: "other",
      bootstrap: Bootstrap(draws: 50))
    let telling = try #require(report.unknownImages?.telling.first)
    #expect(isClose(telling.areaUnderROC.value, 0.75, 1e-12))
    #expect(isClose(telling.passing.value, 0.25, 1e-12))
    let interval = try #require(telling.passing.interval)
    #expect(interval.lower < 0.25 && interval.upper > 0.25)
    let json = try JSONSerialization.jsonObject(with: report.json()) as? [String: Any]
    let unknown = try #require(json?["unknownImages"] as? [String: Any])
    #expect(unknown["images"] as? Int == 4)
  }

  /// Classes that do not exclude each other: two images of three classes, by hand.
  @Test func numbersOfIndependentClasses() throws {
    let images = [
      ClassifiedImage(probabilities: [0.5, 0.75, 0.25], label: 1, isExclusive: false),
      ClassifiedImage(probabilities: [0.5, 0.5, 0.25], label: 2, isExclusive: false),
    ]
    let scores = ClassificationScores(images, classNames: ["a", "b", "c"])
    // −log of 0.5, 0.75, 0.75 and of 0.5, 0.5, 0.25.
    let surprises = [-log(0.5 * 0.75 * 0.75), -log(0.5 * 0.5 * 0.25)]
    #expect(isClose(scores[.nll], (surprises[0] + surprises[1]) / 2, 1e-6))
    #expect(isClose(scores[.brier], (0.25 + 2 * 0.0625 + 2 * 0.25 + 0.5625) / 2, 1e-6))
    let brier = try #require(ClassificationScores.Number.allCases.firstIndex(of: .brier))
    #expect(scores.range(ofValue: brier) == 0...3)
    #expect(scores[.top1] == 0.5 && scores[.top5] == 1)
    // Bits of a yes or no of 1/2 and twice of 1/4.
    let quarter = -0.25 * log2(0.25) - 0.75 * log2(0.75)
    #expect(abs(images[0].entropy - (1 + 2 * quarter)) < 1e-6)
    // The same probabilities of classes that exclude each other.
    let exclusive = ClassifiedImage(probabilities: [0.5, 0.25, 0.25], label: 1)
    #expect(abs(exclusive.entropy - 1.5) < 1e-6)
  }
}
