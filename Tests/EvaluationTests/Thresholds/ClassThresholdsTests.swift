import Detection
import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// Thresholds per class, against scikit-learn and SciPy; see class_thresholds.py.
@Suite struct ClassThresholdsTests {
  /// An image a verdict; objects that nothing finds stand alone.
  private func images(
    _ verdicts: [(confidence: Float, isRight: Bool)], objects: Int, classIndex: Int = 0
  ) -> [EvaluatedImage] {
    let missed = objects - verdicts.count(where: \.isRight)
    var all: [(Int, [Float])] = verdicts.map { ($0.isRight ? 1 : 0, [$0.confidence]) }
    for _ in 0..<missed { all.append((1, [])) }
    return all.enumerated().map { number, content in
      EvaluatedImage(
        id: "\(classIndex)-\(number)",
        objects: (0..<content.0).map { _ in object(1, 1, 20, 20, classIndex: classIndex) },
        detections: content.1.map { found($0, 1, 1, 20, 20, classIndex: classIndex) })
    }
  }

  /// Verdicts of evenly spaced confidences.
  private func verdicts(
    _ count: Int, isRight: (Int) -> Bool
  ) -> [(confidence: Float, isRight: Bool)] {
    (0..<count).map { (Float($0 + 1) / Float(count + 4), isRight($0)) }
  }

  @Test(arguments: 0..<3) func agreesWithScikitLearnAndSciPy(number: Int) throws {
    let golden = try goldenCases("class_thresholds")[number]
    func value(_ name: String) throws -> Double { try #require(golden.numbers[name], "\(name)") }
    let verdicts = zip(try golden.array("confidence"), try golden.array("right")).map {
      (confidence: $0, isRight: $1 == 1)
    }
    let images = images(verdicts, objects: Int(try value("objects")))
    for rule in [ThresholdRule.f1, .precision(0.6), .precision(0.8), .precision(0.97)] {
      let chosen = try ClassThresholds(
        choosing: rule, on: images, classNames: ["a"], floor: Float(try value("floor")))
      let entry = try #require(chosen.classes["a"])
      let name = rule == .f1 ? "f1" : String(rule.text.dropFirst("precision=".count))
      #expect(isClose(Double(entry.threshold), try value("\(name) threshold"), 1e-7), "\(rule)")
      #expect(isClose(entry.outcome.precisionBound, try value("\(name) bound"), 1e-9), "\(rule)")
      #expect(isClose(entry.outcome.recall, try value("\(name) recall"), 1e-12), "\(rule)")
      if rule == .f1 {
        #expect(isClose(entry.outcome.precision, try value("f1 precision"), 1e-12))
        #expect(isClose(entry.outcome.f1, try value("f1 f1"), 1e-12))
        #expect(entry.source == .own)
      } else {
        #expect(entry.outcome.detections == Int(try value("\(name) detections")))
        #expect((entry.source == .own) == (try value("\(name) is reached") == 1), "\(rule)")
      }
      // What is above the threshold on the same images is what was said.
      #expect(try chosen.outcomes(in: images, classNames: ["a"]) == [entry.outcome])
      #expect(chosen.pooled == entry)
    }
  }

  @Test func thresholdsLieMidwayAndTiesTakeTheLargest() throws {
    // F1 is 2/3 after the first detection and, with the third, again: 2·2 / (4 + 2).
    let best = ThresholdSearch(
      [(0.5, true), (0.9, true), (0.6, false), (0.8, false)], objects: 2, floor: 0
    ).chosen(by: .f1)
    #expect(best?.outcome == ThresholdOutcome(objects: 2, detections: 1, right: 1))
    #expect(isClose(best.map { Double($0.threshold) }, 0.85, 1e-6) && best?.isMet == true)
    // Below the last one: midway to the floor.
    let last = ThresholdSearch([(0.9, true), (0.5, true)], objects: 2, floor: 0.1).chosen(by: .f1)
    #expect(isClose(last.map { Double($0.threshold) }, 0.3, 1e-6))
    // Equal confidences are cut together, neighbours among Floats keep apart.
    let equal = ThresholdSearch(
      [(0.7, true), (0.7, false), (Float(0.7).nextDown, false)], objects: 1, floor: 0
    ).chosen(by: .f1)
    #expect(equal?.outcome == ThresholdOutcome(objects: 1, detections: 2, right: 1))
    #expect(equal?.threshold == Float(0.7).nextDown)
    #expect(ThresholdSearch([(0.7, false)], objects: 3, floor: 0).chosen(by: .f1) == nil)
    #expect(ThresholdSearch([], objects: 3, floor: 0).chosen(by: .precision(0.5)) == nil)
  }

  @Test func smallClassesShareAndUnreachedPrecisionIsSaid() throws {
    let many = verdicts(60) { $0 % 8 != 0 }
    let poor = verdicts(60) { $0 % 3 == 0 }
    var all = images(many, objects: 60)
    all += images([(0.9, true), (0.2, false)], objects: 9, classIndex: 1)
    all += images(poor, objects: 30, classIndex: 2)
    all += images([(0.3, false)], objects: 12, classIndex: 3)
    let names = ["many", "rare", "poor", "never"]
    let chosen = try ClassThresholds(choosing: .precision(0.7), on: all, classNames: names)
    #expect(chosen.classes["many"]?.source == .own)
    let rare = try #require(chosen.classes["rare"])
    #expect(rare.source == .allClasses && rare.threshold == chosen.pooled.threshold)
    #expect(rare.outcome.objects == 9)
    #expect(chosen.classes["poor"]?.source == .notReached)
    #expect((chosen.classes["poor"]?.outcome.precisionBound ?? 1) < 0.7)
    #expect(chosen.classes["never"]?.source == .allClasses)
    let best = try ClassThresholds(choosing: .f1, on: all, classNames: names)
    #expect(best.classes["rare"]?.source == .allClasses)
    let table = chosen.table(
      try chosen.outcomes(in: all, classNames: names), classNames: names)
    #expect(table.contains("its own, not reached") && table.contains("all classes"))
    #expect(throws: EvaluationError.self) {
      try ClassThresholds(choosing: .f1, on: images([(0.5, false)], objects: 3), classNames: ["a"])
    }
    #expect(throws: EvaluationError.self) {
      try ClassThresholds(choosing: .f1, on: images([(1.5, true)], objects: 3), classNames: ["a"])
    }
  }

  @Test func difficultObjectsDoNotCount() throws {
    var all = images(verdicts(20) { $0 % 4 != 0 }, objects: 20)
    let before = try ClassThresholds(choosing: .f1, on: all, classNames: ["a"])
    for number in 0..<5 {
      all.append(
        EvaluatedImage(
          id: "difficult \(number)", objects: [object(1, 1, 20, 20, difficult: true)],
          detections: [found(0.99, 1, 1, 20, 20)]))
    }
    let after = try ClassThresholds(choosing: .f1, on: all, classNames: ["a"])
    #expect(after.classes == before.classes)
  }

  /// Held-out numbers are what choosing on the other fifths by hand gives, and lower than the chosen.
  @Test func heldOutFifthsShowTheOptimism() throws {
    let all = randomImages(images: 40, objects: 4, detections: 6, classes: 2, seed: 8)
    let names = ["a", "b"]
    let trial = try #require(try ThresholdTrial(.f1, on: all, classNames: names))
    var expected = [ThresholdOutcome(), ThresholdOutcome()]
    for part in 0..<5 {
      let (held, others) = (
        all.indices.filter { $0 % 5 == part }.map { all[$0] },
        all.indices.filter { $0 % 5 != part }.map { all[$0] }
      )
      let chosen = try ClassThresholds(choosing: .f1, on: others, classNames: names)
      let outcomes = try chosen.outcomes(in: held, classNames: names)
      for index in 0..<2 { expected[index] = expected[index] + outcomes[index] }
    }
    #expect(trial.classes == expected)
    let own = try ClassThresholds(choosing: .f1, on: all, classNames: names)
    for (index, name) in names.enumerated() {
      let held = try #require(trial.classes[index].f1)
      #expect(held <= (own.classes[name]?.outcome.f1 ?? 0))
      #expect(trial.classes[index].objects == own.classes[name]?.outcome.objects)
    }
  }

  @Test func filesGiveBackWhatWasChosen() throws {
    let all = randomImages(images: 30, objects: 4, detections: 6, classes: 2, seed: 3)
    var chosen = try ClassThresholds(
      choosing: .precision(0.25), on: all, classNames: ["a", "b"])
    chosen.data = ["data:val"]
    chosen.settings = ["input": "64x64"]
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "thresholds.json")
      try chosen.json().write(to: file)
      #expect(try ClassThresholds(contentsOf: file) == chosen)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains("\"rule\" : \"precision=0.25\""))
      #expect(text.contains("\"precisionBound\" : ") && text.contains("\"imageIDs\" : ["))
      for (old, new, reason) in [
        ("\"precision=0.25\"", "\"best\"", "neither f1 nor precision=SHARE"),
        ("\"threshold\" : ", "\"threshold\" : 7", "is not between 0 and 1"),
        ("\"right\" : ", "\"right\" : 9", "more is right than there is"),
        ("{", "", "not valid JSON"),
      ] {
        try folder.write("bad.json", text.replacing(old, with: new, maxReplacements: 1))
        let problem = message {
          _ = try ClassThresholds(contentsOf: folder.appending(path: "bad.json"))
        }
        #expect(problem?.contains(reason) == true, "\(problem ?? "none")")
      }
      #expect(
        message { _ = try ClassThresholds(contentsOf: folder.appending(path: "none.json")) }?
          .hasSuffix("none.json: cannot be read") == true)
    }
    for text in ["", "f2", "precision", "precision=", "precision=1", "precision=0", "precision=x"] {
      #expect(ThresholdRule(text) == nil)
    }
    #expect(ThresholdRule("precision=0.9") == .precision(0.9) && ThresholdRule("f1") == .f1)
  }

  @Test func aMapDoesNotChangeWhatIsReported() throws {
    let all = randomImages(images: 30, objects: 4, detections: 6, classes: 2, seed: 5)
    let chosen = try ClassThresholds(choosing: .f1, on: all, classNames: ["a", "b"])
    let kept = all.map { chosen.kept($0.detections, classNames: ["a", "b"]) }
    for (image, kept) in zip(all, kept) {
      #expect(
        kept
          == image.detections.filter {
            $0.confidence > chosen.threshold(ofClass: $0.classIndex == 0 ? "a" : "b")
          })
    }
    #expect(kept.contains { !$0.isEmpty })
    // A class that the thresholds do not know has that of all.
    #expect(chosen.threshold(ofClass: "c") == chosen.pooled.threshold)
  }
}
