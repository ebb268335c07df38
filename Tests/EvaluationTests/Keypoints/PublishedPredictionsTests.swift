import Evaluation
import Files
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

/// Predictions that others published, and what their tools print of them.
@Suite struct PublishedPredictionsTests {
  private static let mpii = "datasets/mpii-pckh-reference"
  private static let oracle = "datasets/pose-oracle"

  /// The numbers of a file's array, first dimension fastest.
  private static func numbers(_ path: String, _ name: String) throws -> [Double] {
    try #require(try MATLABFile(contentsOf: sharedData(path))[name]?.numbers)
  }

  /// MPII's 2,958 persons, predicted by a number of stacks of hourglasses, or by Tompson's net.
  private static func persons(stacks: Int?) throws -> [JudgedKeypoints] {
    let layout = try KeypointLayout(
      names: [
        "right ankle", "right knee", "right hip", "left hip", "left knee", "left ankle", "pelvis",
        "thorax", "upper neck", "head top", "right wrist", "right elbow", "right shoulder",
        "left shoulder", "left elbow", "left wrist",
      ], pairs: [(0, 5), (1, 4), (2, 3), (10, 15), (11, 14), (12, 13)])
    let path = mpii + "/detections_our_format.mat"
    let missing = try numbers(path, "jnt_missing")
    let truths = try numbers(path, "pos_gt_src")
    let boxes = try numbers(path, "headboxes_src")
    let count = missing.count / 16
    let found: [Double]
    if let stacks {
      found = try numbers(oracle + "/bearpaw-hg_s\(stacks)_b1.mat", "preds")
    } else {
      found = try numbers(path, "pos_pred_src")
    }
    return (0..<count).map { person in
      // Corners by coordinates by persons.
      let box = boxes[(4 * person)..<(4 * person + 4)].map { $0 }
      let diagonal = ((box[1] - box[0]) * (box[1] - box[0]) + (box[3] - box[2]) * (box[3] - box[2]))
        .squareRoot()
      func place(_ values: [Double], _ joint: Int) -> Point {
        Point(values[32 * person + joint], values[32 * person + 16 + joint])
      }
      func predicted(_ joint: Int) -> Point {
        stacks == nil
          ? place(found, joint)
          : Point(found[count * joint + person], found[count * (16 + joint) + person])
      }
      return JudgedKeypoints(
        id: "\(person)",
        truth: KeypointTruth(
          layout: layout,
          points: (0..<16).filter { missing[16 * person + $0] == 0 }.map {
            LabelledKeypoint(index: $0, position: place(truths, $0))
          }, sizes: ReferenceSizes(head: 0.6 * diagonal)),
        found: (0..<16).map { FoundKeypoint(index: $0, position: predicted($0), score: 1) })
    }
  }

  /// A row of the tools' tables, in per cent: head top, shoulder, elbow, wrist, hip, knee, ankle, mean of
  /// joints, mean by count, the same at .1 and at .11, and the area.
  struct Row: Sendable, CustomTestStringConvertible {
    let stacks: Int?
    let parts: [Double]
    let mean: Double
    let weighted: Double
    let tenth: Double
    let eleventh: Double?
    let area: Double?
    var testDescription: String { stacks.map { "\($0) stacks" } ?? "Tompson" }
  }

  private static let rows = [
    Row(
      stacks: 1, parts: [95.12, 93.61, 85.53, 79.56, 84.51, 78.28, 73.38], mean: 84.461,
      weighted: 85.085, tenth: 22.810, eleventh: 26.849, area: 55.519),
    Row(
      stacks: 2, parts: [95.80, 94.57, 88.12, 83.31, 86.24, 80.88, 77.44], mean: 86.757,
      weighted: 87.299, tenth: 23.914, eleventh: 28.082, area: 57.379),
    Row(
      stacks: 8, parts: [96.79, 95.19, 90.08, 85.32, 87.48, 84.26, 80.73], mean: 88.644,
      weighted: 89.092, tenth: 24.494, eleventh: 28.905, area: 58.718),
    Row(
      stacks: nil, parts: [], mean: 81.458, weighted: 82.337, tenth: 28.975, eleventh: nil,
      area: nil),
  ]
  private static let names = ["head", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"]

  private static func check(_ value: Double?, _ expected: Double, digits: Int, _ what: String) {
    // A half of the last digit, and as much more as binary fractions of halves need.
    let tolerance = 0.5 * pow(10, -Double(digits)) + 1e-9
    #expect(
      isClose(value.map { 100 * $0 }, expected, tolerance),
      "\(what): \(100 * (value ?? -1)), not \(expected)")
  }

  @Test(
    .needsShared(
      "datasets/mpii-pckh-reference", "datasets/pose-oracle/bearpaw-hg_s1_b1.mat",
      "datasets/pose-oracle/bearpaw-hg_s2_b1.mat", "datasets/pose-oracle/bearpaw-hg_s8_b1.mat"),
    arguments: rows)
  func mpiiComesOutAsItsToolsPrintIt(row: Row) throws {
    let persons = try Self.persons(stacks: row.stacks)
    #expect(persons.count == 2958)
    let bearpaw = try KeypointTool.bearpaw.evaluate(persons)
    let hrnet = try KeypointTool.hrnet.evaluate(persons)
    let official = try KeypointTool.mpii.evaluate(persons)
    for (name, expected) in zip(Self.names, row.parts) {
      Self.check(bearpaw[name], expected, digits: 2, name)
      Self.check(hrnet[name], expected, digits: 2, name)
      if name != "head" { Self.check(official[name], expected, digits: 2, name) }
    }
    if row.stacks == 8 { Self.check(official["head"], 97.44, digits: 2, "head") }
    Self.check(bearpaw["mean"], row.mean, digits: 3, "mean")
    Self.check(hrnet["mean"], row.weighted, digits: 3, "weighted")
    Self.check(official["total"], row.weighted, digits: 3, "total")
    if let eleventh = row.eleventh { Self.check(hrnet["mean@0.1"], eleventh, digits: 3, "@.11") }
    if let area = row.area { Self.check(official["AUC"], area, digits: 3, "AUC") }
    // Our own numbers leave out pelvis and thorax as well.
    let report = try KeypointReport(
      joints: persons,
      rule: KeypointReport.JointRule(.head, furtherThresholds: [0.1]), tools: [.hrnet])
    Self.check(report["pckh0.5"]?.value, row.weighted, digits: 3, "PCKh@.5")
    Self.check(report["pckh0.1"]?.value, row.tenth, digits: 3, "PCKh@.1")
    Self.check(report["pckh0.5JointMean"]?.value, row.mean, digits: 3, "mean of joints")
    #expect(report.references[0]["mean"] == hrnet["mean"])
    #expect(report.notes == ["not judged: pelvis, thorax"] && report.rows.count == 14)
    #expect(
      report.rows.map { 2958 - $0.annotated }
        == [843, 473, 69, 70, 480, 839, 26, 26, 30, 23, 14, 14, 26, 49])
  }

  /// What the author's tool prints of a kind of annotation, in per cent, and the area under PCK.
  @Test(
    .needsShared("datasets/pose-oracle/lsp"),
    arguments: [
      ("PC", [90.6, 78.1, 73.8, 68.8, 74.8, 69.9, 58.9], 73.56, 39.252),
      ("OC", [90.6, 89.1, 80.3, 73.5, 85.5, 82.8, 68.8], 81.50, 43.384),
    ])
  func lspComesOutAsItsToolPrintsIt(
    kind: String, parts: [Double], mean: Double, area: Double
  ) throws {
    let layout = try KeypointLayout(
      names: [
        "right ankle", "right knee", "right hip", "left hip", "left knee", "left ankle",
        "right wrist", "right elbow", "right shoulder", "left shoulder", "left elbow", "left wrist",
        "neck", "head top",
      ], pairs: [(0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9)])
    let folder = Self.oracle + "/lsp/"
    // Coordinates and a flag by joints by persons.
    let truths = try Self.numbers(folder + "lsp-joints-\(kind).mat", "joints")
    let found = try Self.numbers(folder + "pred_keypoints_lsp_\(kind.lowercased()).mat", "pred")
    #expect(truths.count == 3 * 14 * 2000 && found.count == 2 * 14 * 1000)
    let persons = (0..<1000).map { person in
      JudgedKeypoints(
        id: "\(person)",
        truth: KeypointTruth(
          layout: layout,
          points: (0..<14).map { joint in
            let place = 3 * (14 * (1000 + person) + joint)
            return LabelledKeypoint(
              index: joint, position: Point(truths[place], truths[place + 1]))
          }),
        found: (0..<14).map { joint in
          let place = 2 * (14 * person + joint)
          return FoundKeypoint(
            index: joint, position: Point(found[place], found[place + 1]), score: 1)
        })
    }
    let result = try KeypointTool.lsp.evaluate(persons)
    for (name, expected) in zip(Self.names, parts) {
      Self.check(result[name], expected, digits: 1, name)
    }
    Self.check(result["mean"], mean, digits: 2, "mean")
    Self.check(result["AUC"], area, digits: 3, "AUC")
    // One torso is shorter than 5 pixels, 2.55: the tool keeps it.
    let errors = try KeypointErrors(persons, reference: .torso, minimumLength: 5)
    #expect(errors.shortCount == 1 && errors.withoutReferenceCount == 0)
    #expect(errors.entries.count { $0.relative != nil } == 999 * 14)
  }
}
