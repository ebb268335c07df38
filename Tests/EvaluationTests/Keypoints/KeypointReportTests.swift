import Compute
import Evaluation
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@Suite struct KeypointReportTests {
  /// Persons whose joints are farther off the less their maps are sure, three to two images.
  private static func persons(
    _ count: Int, names: [String], pairs: [(Int, Int)], deviations: [Double]? = nil,
    isBayesian: Bool = false
  ) throws -> [JudgedKeypoints] {
    let layout = try KeypointLayout(names: names, pairs: pairs, deviations: deviations)
    var stream = RandomStream(seed: 7)
    func uniform() -> Double { Double(stream.next() >> 11) / Double(1 << 53) }
    return (0..<count).map { person in
      let places = names.indices.map { Point(10 * Double($0), 60 * uniform()) }
      let found = places.enumerated().map { index, place in
        let height = uniform()
        let error = 30 * (1 - height) * uniform()
        return FoundKeypoint(
          index: index, position: Point(place.x + error, place.y), score: Float(height),
          doubt: KeypointDoubt(
            entropy: Float(error + uniform()), secondPeak: Float(uniform()),
            spread: Float(error), baldAtPeak: isBayesian ? Float(uniform()) : nil,
            baldAround: isBayesian ? Float(uniform()) : nil))
      }
      return JudgedKeypoints(
        id: "p\(person)", image: "i\(2 * person / 3)",
        truth: KeypointTruth(
          layout: layout,
          points: places.enumerated().filter { $0.offset != 2 || person % 4 > 0 }.map {
            LabelledKeypoint(index: $0.offset, position: $0.element)
          }, sizes: ReferenceSizes(area: 5000)), found: found)
    }
  }

  private static let lsp = [
    "right ankle", "right knee", "right hip", "left hip", "left knee", "left ankle",
    "right wrist", "right elbow", "right shoulder", "left shoulder", "left elbow", "left wrist",
    "neck", "head top",
  ]
  private static let lspPairs = [(0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9)]

  private static func object(_ value: Any?) throws -> [String: Any] {
    try #require(value as? [String: Any])
  }

  @Test func jointsHaveTheNumbersOfTheirStatistics() throws {
    let persons = try Self.persons(12, names: Self.lsp, pairs: Self.lspPairs, isBayesian: true)
    let report = try KeypointReport(
      joints: persons, rule: KeypointReport.JointRule(.torso, furtherThresholds: [0.5]),
      tools: [.lsp])
    let errors = try KeypointErrors(persons, reference: .torso, minimumLength: 5)
    let scores = KeypointScores(errors, thresholds: [0.2, 0.5], areaLimit: 0.2)
    #expect(
      report.figures.map(\.key) == [
        "pck0.2", "pck0.2JointMean", "pck0.5", "pck0.5JointMean", "auc", "nme", "meanError",
        "medianError",
      ])
    #expect(
      report.figures.map(\.estimate.value)
        == [
          .pooled(0.2), .jointMean(0.2), .pooled(0.5), .jointMean(0.5), .area,
          .normalizedMeanError, .meanError, .medianError,
        ].map { scores[$0] })
    #expect(scores[.area] != KeypointScores(errors, thresholds: [0.2, 0.5])[.area])
    #expect(report.rows.map(\.name) == Self.lsp)
    #expect(
      report.rows[4].figures.map(\.estimate.value)
        == [scores[.joint(4, 0.2)], scores[.jointMeanError(4)], scores[.jointMedianError(4)]])
    #expect(report.pairs.map(\.name) == ["ankle", "knee", "hip", "wrist", "elbow", "shoulder"])
    #expect(report.pairs[2].figures[0].estimate.value == scores[.group(2, 0.2)])
    #expect(report.imageCount == 8 && report.sampleCount == 12)
    // Every fourth person lacks the hip that ends the torso.
    #expect(
      report.notes.count == 1 && report.notes[0].hasPrefix("3 of 12 persons have no reference"))
    let right = report.decisions.entries.count { $0.isRight }
    #expect(report.trust.count == 9 * 14 && report.trust.wrong == 9 * 14 - right)
    #expect(isClose(scores[.pooled(0.2)], Double(right) / (9 * 14), 1e-12))
    #expect(
      report.correlations.map(\.score) == [
        .confidence, .bald, .entropy, .secondPeak, .spread, .baldAround, .confidenceAndBALD,
        .ranksOfConfidenceAndBALD,
      ])
    let spread = report.correlations.first { $0.score == .spread }
    #expect(isClose(spread?.estimate.value, 1, 1e-12))
    #expect(report.references.map(\.tool) == [.lsp])
    #expect(report.similarity.isEmpty)
    #expect(report.withoutSimilarity?.contains("deviation (sigma)") == true)
    #expect(report.reliability?.count == 10)
    #expect(report.riskCoverage.map(\.score) == report.correlations.map(\.score))
  }

  @Test func rulesFollowTheReference() {
    let head = KeypointReport.JointRule(.head)
    #expect(head.threshold == 0.5 && head.minimumLength == 0 && head.key(0.5) == "pckh0.5")
    let torso = KeypointReport.JointRule()
    #expect(torso.threshold == 0.2 && torso.minimumLength == 5 && torso.title(0.2) == "PCK@0.2")
    #expect(KeypointReport.JointRule(.torso, minimumLength: 0).minimumLength == 0)
  }

  @Test func keypointsCanBeLeftOut() throws {
    let layout = try smallBody()
    let sample = person("a", layout: layout, errors: [9, 0, 0, 9])
    let report = try KeypointReport(
      joints: [sample],
      rule: KeypointReport.JointRule(leftOut: ["left shoulder"]))
    #expect(report["pck0.2"]?.value == 2.0 / 3 && report.rows.count == 3)
    #expect(report.notes == ["not judged: left shoulder"])
    #expect(report["pck0.3"] == nil)
    #expect(throws: EvaluationError.unknownKeypoint("nobody", names: layout.names)) {
      try KeypointReport(joints: [sample], rule: KeypointReport.JointRule(leftOut: ["nobody"]))
    }
    for threshold in [0, -1, Double.infinity] {
      #expect(throws: EvaluationError.notPositive("the threshold of PCK", threshold)) {
        try KeypointReport(
          joints: [sample], rule: KeypointReport.JointRule(threshold: threshold))
      }
    }
  }

  @Test func theTableFitsATerminal() throws {
    let persons = try Self.persons(
      12, names: Self.lsp, pairs: Self.lspPairs,
      deviations: [Double](repeating: 0.1, count: 14), isBayesian: true)
    let report = try KeypointReport(
      joints: persons, bootstrap: Bootstrap(draws: 40))
    let lines = report.table.split(separator: "\n").map(String.init)
    for line in lines where !line.hasPrefix("note: ") {
      #expect(line.count <= 80, "\(line.count): \(line)")
    }
    #expect(lines[0].hasPrefix("joint"))
    let ankle = try #require(lines.first { $0.hasPrefix("right ankle") })
    let figure = report.rows[0].figures[0].estimate
    let interval = try #require(figure.interval)
    #expect(
      ankle.contains(
        String(
          format: "%.1f [%.1f, %.1f]", 100 * (figure.value ?? -1), 100 * interval.lower,
          100 * interval.upper)))
    for word in [
      "pairs ankle ", "12 persons in 8 images", "PCK@0.2, mean of joints", "AUC", "NME",
      "median error", "COCO AP ", "trust in 126 joints", "calibration ECE ", "Spearman with px",
      "BALD around", "reference torso (left shoulder to right hip), right ≤ 0.2",
    ] {
      #expect(report.table.contains(word), "\(word)")
    }
    // Two thirds as many images as persons: intervals differ from those that would take persons alone.
    let alone = persons.map { person in
      var person = person
      person.image = person.id
      return person
    }
    let other = try KeypointReport(joints: alone, bootstrap: Bootstrap(draws: 40))
    #expect(other["pck0.2"]?.value == report["pck0.2"]?.value)
    #expect(other["pck0.2"]?.interval != report["pck0.2"]?.interval)
  }

  @Test func scriptsFindEveryNumber() throws {
    let persons = try Self.persons(
      6, names: Self.lsp, pairs: Self.lspPairs, deviations: [Double](repeating: 0.1, count: 14))
    var report = try KeypointReport(
      joints: persons, tools: [.lsp], bootstrap: Bootstrap(draws: 20))
    report.unreadableImages = 2
    let document = try Self.object(JSONSerialization.jsonObject(with: report.json()))
    #expect(document["task"] as? String == "keypoints" && document["kind"] as? String == "joints")
    #expect(document["images"] as? Int == 4 && document["persons"] as? Int == 6)
    #expect(document["unreadableImages"] as? Int == 2)
    let metrics = try Self.object(document["metrics"])
    let pck = try Self.object(metrics["pck0.2"])
    #expect(pck["value"] as? Double == report["pck0.2"]?.value)
    let interval = try Self.object(pck["interval"])
    #expect(interval["lower"] as? Double == report["pck0.2"]?.interval?.lower)
    for key in ["auc", "nme", "meanError", "medianError", "pck0.2JointMean"] {
      #expect(metrics[key] != nil, "\(key)")
    }
    let joints = try Self.object(metrics["joints"])
    #expect(Set(joints.keys) == Set(Self.lsp))
    let hip = try Self.object(joints["right hip"])
    #expect(hip["annotated"] as? Int == 4)
    #expect(Set(hip.keys) == ["annotated", "pck0.2", "meanError", "medianError"])
    #expect(try Self.object(metrics["pairs"]).count == 6)
    #expect(try Self.object(metrics["coco"]).count == 10)
    let trust = try Self.object(metrics["trust"])
    let detection = try Self.object(trust["errorDetection"])
    #expect(Set(detection.keys) == ["confidence", "entropy", "secondPeak", "spread"])
    #expect(try Self.object(detection["spread"])["auroc"] != nil)
    #expect(try Self.object(metrics["correlation"]).count == 4)
    #expect((document["references"] as? [Any])?.count == 1)
    // Without deviations there is a reason.
    let plain = try KeypointReport(
      joints: try Self.persons(6, names: Self.lsp, pairs: Self.lspPairs))
    let other = try Self.object(JSONSerialization.jsonObject(with: plain.json()))
    let coco = try Self.object(try Self.object(other["metrics"])["coco"])
    #expect((coco["reason"] as? String)?.contains("sigma") == true)
    #expect(try Self.object(other["metrics"])["pck0.2"] as? Double == plain["pck0.2"]?.value)
  }

  @Test func centersAreReportedByRadius() throws {
    let layout = try KeypointLayout(names: ["red", "white"])
    var first = peaks(
      "x", truths: [(0, 0), (50, 0), (90, 0)], found: [(1, 0, 0.9), (53, 0, 0.8), (70, 0, 0.6)],
      layout: layout)
    first.truth.points[2].index = 1
    let second = peaks("y", truths: [], found: [(5, 5, 0.7), (6, 6, 0.2)], layout: layout)
    let report = try KeypointReport(
      centers: [first, second], rule: KeypointReport.CenterRule(threshold: 0.5),
      bootstrap: Bootstrap(draws: 30))
    #expect(report["recall@2"]?.value == 1.0 / 3 && report["recall@4"]?.value == 2.0 / 3)
    #expect(report["precision@4"]?.value == 0.5 && report["f1@8"]?.value == 4.0 / 7)
    #expect(report["meanError@4"]?.value == 2 && report["medianError@2"]?.value == 1)
    #expect(report["countError"]?.value == 0.5)
    #expect(report["countDeviation"]?.value == 0.5.squareRoot())
    #expect(report.trust.count == 4 && report.trust.wrong == 2)
    #expect(report.rows.map(\.annotated) == [2, 1])
    // Rows are within 4 pixels.
    #expect(report.rows[0].figures.map(\.estimate.value).prefix(2) == [0.5, 1])
    #expect(throws: EvaluationError.notPositive("the radius of peaks", 0)) {
      try KeypointReport(
        centers: [first], rule: KeypointReport.CenterRule(furtherRadii: [0], threshold: 0.5))
    }
    let lines = report.table.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= 80 })
    for word in [
      "kind", "3 objects in 2 images", "2 px", "4 px", "8 px", "precision", "count RMSE",
      "trust in 4 peaks, of which 2 are wrong", "radius 4 px of the input, height ≥ 0.5",
    ] {
      #expect(report.table.contains(word), "\(word)")
    }
    let document = try Self.object(JSONSerialization.jsonObject(with: report.json()))
    #expect(document["kind"] as? String == "centers" && document["persons"] == nil)
    let metrics = try Self.object(document["metrics"])
    let recall = try Self.object(metrics["recall@4"])
    #expect(recall["value"] as? Double == 2.0 / 3)
    #expect(try Set(Self.object(metrics["classes"]).keys) == ["red", "white"])
    // Of the median of a single error nothing can vary.
    let plain = try KeypointReport(
      centers: [second], rule: KeypointReport.CenterRule(threshold: 0.9))
    #expect(plain["precision@4"]?.value == nil && plain["countError"]?.value == 0)
    #expect(plain.table.contains("no peaks to judge the trust in"))
  }
}
