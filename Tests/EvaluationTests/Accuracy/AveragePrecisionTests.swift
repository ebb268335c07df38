import Detection
import Evaluation
import TestSupport
import Testing

@Suite struct AveragePrecisionTests {
  /// A curve from right (true) and wrong (false) detections.
  private func curve(_ verdicts: [Bool], objects: Int) -> PrecisionRecallCurve {
    let wanted = (0..<objects).map { square(row: $0) }
    var next = 0
    let detections = verdicts.enumerated().map { index, isRight in
      let box = square(row: isRight ? next : 1000).box
      if isRight { next += 1 }
      return Detection(
        box: box, classIndex: 0, confidence: 1 - Float(index) / 1000, objectness: 1)
    }
    let image = EvaluatedImage(id: "a", objects: wanted, detections: detections)
    return PrecisionRecallCurve(
      DetectionMatcher().matches(in: [image], classCount: 1)[0], objectCount: objects)
  }

  /// Ten pixels wide and high; rows do not touch.
  private func square(row: Int) -> GroundTruth {
    let top = Float(20 * row)
    return object(1, top + 1, 10, top + 10)
  }

  @Test func theCurveCountsRightAndWrong() {
    let curve = curve([true, false, true, true], objects: 4)
    #expect(curve.truePositives == [1, 1, 2, 3])
    #expect(curve.falsePositives == [0, 1, 1, 1])
    #expect(curve.precisions == [1, 0.5, 2.0 / 3, 0.75])
    #expect(curve.recalls == [0.25, 0.25, 0.5, 0.75])
  }

  @Test func areaUsesTheBestPrecisionToTheRight() {
    // Envelope .75 from recall .25 on: .25 · 1 + .5 · .75.
    let value = AveragePrecision.area.value(of: curve([true, false, true, true], objects: 4))
    #expect(value == 0.25 + 0.5 * 0.75)
  }

  @Test func elevenPointsUseTheBestPrecisionToTheRight() {
    // Levels 0, .1, .2 at precision 1; .3 to .7 at .75; .8 to 1 at 0.
    let value = AveragePrecision.elevenPoint.value(
      of: curve([true, false, true, true], objects: 4))
    let expected: Double = 6.75 / 11
    #expect(isClose(value, expected, 1e-15))
  }

  @Test(arguments: [3, 6, 7])
  func recallsOnALevelReachItInIntegersButNotInFloatingPoint(_ right: Int) {
    let curve = curve([Bool](repeating: true, count: right), objects: 10)
    let exact = AveragePrecision.elevenPoint.value(of: curve)
    let float = AveragePrecision.elevenPointFloat.value(of: curve)
    #expect(isClose(exact, Double(right + 1) / 11, 1e-15))
    #expect(isClose(float, Double(right) / 11, 1e-15))
  }

  /// NumPy's results on random lists; see Tests/Golden/scripts/average_precision.py.
  @Test func agreesWithNumPy() throws {
    for golden in try goldenCases("average_precision") {
      let images = try images(of: golden)
      let names = ["0", "1"]
      for threshold in [0.5, 0.75] {
        for (rule, name) in [(AveragePrecision.elevenPoint, "voc07"), (.area, "voc12")] {
          let result = try VOCEvaluation(
            images: images, classNames: names, rule: rule, matcher: .init(threshold: threshold))
          for value in result.classes {
            let expected = try #require(golden.numbers["\(value.name) \(name) \(threshold)"])
            #expect(isClose(value.averagePrecision, expected, 1e-12), "\(golden.name)")
            guard threshold == 0.5 else { continue }
            #expect(Double(value.truePositives) == golden.numbers["\(value.name) right"])
            #expect(Double(value.falsePositives) == golden.numbers["\(value.name) wrong"])
            #expect(Double(value.ignored) == golden.numbers["\(value.name) ignored"])
          }
        }
      }
      for value in try COCOEvaluation(images: images, classNames: names).classes {
        let pairs = [
          ("coco", value.summary.ap), ("coco50", value.summary.ap50),
          ("small", value.summary.apSmall), ("one", value.summary.ar1),
        ]
        for (name, actual) in pairs {
          let expected = try #require(golden.numbers["\(value.name) \(name)"])
          #expect(isClose(actual ?? -1, expected, 1e-12), "\(golden.name) \(name)")
        }
      }
    }
  }

  private func images(of golden: GoldenCase) throws -> [EvaluatedImage] {
    let objects = try golden.array("objects")
    let hits = try golden.array("found")
    // No case has more images; empty ones at the end change nothing.
    var images = (0..<12).map { EvaluatedImage(id: "\($0)", objects: []) }
    for start in stride(from: 0, to: objects.count, by: 7) {
      let o = row(objects, start)
      images[Int(o[0])].objects.append(
        object(o[3], o[4], o[5], o[6], classIndex: Int(o[1]), difficult: o[2] == 1))
    }
    for start in stride(from: 0, to: hits.count, by: 7) {
      let d = row(hits, start)
      images[Int(d[0])].detections.append(
        found(d[2], d[3], d[4], d[5], d[6], classIndex: Int(d[1])))
    }
    return images
  }

  private func row(_ values: [Float], _ start: Int) -> [Float] {
    Array(values[start..<start + 7])
  }
}
