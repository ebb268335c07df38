import Compute
import Detection
import Files
import Foundation
import Geometry
import TestSupport
import Testing

@testable import Evaluation

/// How likely a detection is right, fitted to others.
@Suite struct ProbabilityTests {
  static let names = ["verdicts", "shares", "nothing helps"]

  @Test(arguments: names) func agreesWithSciPy(name: String) throws {
    let golden = try #require(try goldenCases("probability").first { $0.name == name })
    let values = try golden.array("rows").map(Double.init)
    let rows = stride(from: 0, to: values.count, by: 4).map { Array(values[$0..<$0 + 4]) }
    let fit = try #require(
      MonotoneLogistic(fitting: rows, targets: golden.array("targets").map(Double.init)))
    expectClose(
      fit.coefficients.map { Float($0) }, try golden.array("coefficients"), relative: 1e-4,
      absolute: 2e-5)
    #expect(abs(fit.offset - (golden.numbers["offset"] ?? 0)) < 1e-4)
    #expect(fit.coefficients.allSatisfy { $0 >= 0 })
  }

  @Test func withoutBothVerdictsNothingIsFitted() {
    #expect(MonotoneLogistic(fitting: [], targets: []) == nil)
    #expect(MonotoneLogistic(fitting: [[1], [2]], targets: [1, 1]) == nil)
    #expect(MonotoneLogistic(fitting: [[1], [2]], targets: [0, 0]) == nil)
    // A number that never changes has no weight, and the probability is the mean target.
    let level = MonotoneLogistic(fitting: [[3], [3], [3], [3]], targets: [1, 0, 0, 0])
    #expect(level?.coefficients == [0])
    #expect(isClose(level?([3]), 0.25, 1e-6))
  }

  /// One object and one detection an image; whether it is right shows in the expected IoU alone.
  private static func images(_ count: Int, from start: Int = 0) -> [EvaluatedImage] {
    let noise = randomValues(3 * count, in: 0...1, seed: UInt64(start + 3))
    return (0..<count).map { index in
      let isRight = noise[3 * index] < 0.6
      var detection = found(
        0.2 + 0.7 * noise[3 * index + 1], isRight ? 10 : 40, 10, isRight ? 60 : 90, 60)
      detection.expectedIoU = (isRight ? 0.45 : 0.1) + 0.5 * noise[3 * index + 2]
      detection.merged = MergedBoxes(count: index % 3, spread: 0.2, confidenceSum: 0.4)
      return EvaluatedImage(
        id: "\(start + index)", objects: [object(10, 10, 60, 60)], detections: [detection])
    }
  }

  @Test func whatTellsIsWeighedAndTheRestIsNot() throws {
    let model = try ProbabilityModel(fitting: Self.images(200), classNames: ["a"])
    #expect(model.features == ProbabilityFeature.allCases)
    let place = try #require(model.features.firstIndex(of: .expectedIoU))
    #expect(model.right.coefficients[place] > 1)
    #expect(model.right.coefficients[0] < 0.5)
    let applied = try model.applied(to: Self.images(100, from: 200))
    let trial = try ProbabilityTrial(
      of: applied, classNames: ["a"], bootstrap: Bootstrap(draws: 200, seed: 1))
    #expect(trial.count == 100)
    #expect(trial.areaUnderROC.after ?? 0 > 0.93)
    #expect(trial.areaUnderROC.difference.interval?.lower ?? 0 > 0.2)
    #expect(trial.calibration.after ?? 1 < trial.calibration.before ?? 0)
    #expect(trial.qualityCalibration.after ?? 1 < trial.qualityCalibration.before ?? 0)
    // In the table of what tells wrong ones.
    let report = try TrustReport(images: applied, classNames: ["a"])
    let scores = report.overall.decisions.errorFinding.map(\.score)
    #expect(scores == [.confidence, .probability, .expectedIoU, .confidenceAndExpectedIoU])
    #expect(
      isClose(
        report.overall.decisions.errorFinding[1].areaUnderROC.value,
        trial.areaUnderROC.after ?? 0, 1e-6))
    // Held out in fifths it is worth as much.
    let held = try ProbabilityTrial(Self.images(200), classNames: ["a"])
    #expect(held.areaUnderROC.after ?? 0 > 0.93)
    #expect(held.text.contains("AUROC of wrong ones"))
  }

  @Test func aDetectionThatLacksANumberGetsNoProbability() throws {
    let model = try ProbabilityModel(fitting: Self.images(60), classNames: ["a"])
    #expect(model.applied(to: [found(0.5, 1, 1, 20, 20)])[0].probability == nil)
    // Fitted to detections that lack it, the model does without.
    let plain = Self.images(60).map { image in
      var image = image
      image.detections[0].merged = nil
      return image
    }
    let small = try ProbabilityModel(fitting: plain, classNames: ["a"])
    #expect(small.features == [.confidence, .expectedIoU])
  }

  @Test func whatItWasFittedOnIsRefused() throws {
    let model = try ProbabilityModel(fitting: Self.images(60), classNames: ["a"])
    #expect(throws: EvaluationError.fittedOnTheseImages("59")) {
      try model.applied(to: Self.images(5, from: 59))
    }
    let right = Self.images(60).filter { $0.detections[0].box.left < 20 }
    #expect(throws: EvaluationError.self) {
      try ProbabilityModel(fitting: right, classNames: ["a"])
    }
  }

  @Test func filesKeepEverything() throws {
    try withTemporaryFolder { folder in
      var model = try ProbabilityModel(fitting: Self.images(60), classNames: ["a"])
      model.settings = ["nms": "0.45"]
      let file = folder.appending(path: "p.json")
      try model.json().write(to: file)
      #expect(try ProbabilityModel(contentsOf: file) == model)
      let text = try String(contentsOf: file, encoding: .utf8)
      let damaged = text.replacing("\"mergedCount\",", with: "")
      try Data(damaged.utf8).write(to: file)
      #expect(throws: FileError.self) { try ProbabilityModel(contentsOf: file) }
      // What a detection knows goes into files and comes back.
      let images = model.applied(to: Self.images(3, from: 90)[1].detections)
      let list = EvaluatedImage(id: "x", objects: [], detections: images).named(["a"])
      let read = try JSONDetectionFile.parse(
        JSONDetectionFile.data([list]), file: "d.json")[0].detections[0]
      #expect(read.probability == images[0].probability)
      #expect(read.merged == images[0].merged && read.expectedIoU == images[0].expectedIoU)
      for (key, value) in [("expectedIoU", "1.5"), ("right", "-0.1"), ("count", "-1")] {
        let json = String(decoding: try JSONDetectionFile.data([list]), as: UTF8.self)
        let wrong = json.replacing(
          try Regex("\"\(key)\" : [-0-9.e]+"), with: "\"\(key)\" : \(value)")
        #expect(wrong != json)
        #expect(throws: FileError.self, "\(key)") {
          try JSONDetectionFile.parse(Data(wrong.utf8), file: "d.json")
        }
      }
    }
  }
}
