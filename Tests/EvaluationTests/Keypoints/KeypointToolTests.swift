import Evaluation
import Geometry
import Keypoints
import Testing

/// Other tools' rules on a body whose numbers can be counted by hand.
@Suite struct KeypointToolTests {
  /// Pelvis, thorax, neck, head top, and two ankles.
  private static func layout() throws -> KeypointLayout {
    try KeypointLayout(
      names: ["pelvis", "thorax", "upper neck", "head top", "right ankle", "left ankle"],
      pairs: [(4, 5)])
  }

  private static func sample(
    _ id: String, _ errors: [Double], labelled: [Int] = Array(0..<6), head: Double? = 10
  ) throws -> JudgedKeypoints {
    JudgedKeypoints(
      id: id,
      truth: KeypointTruth(
        layout: try layout(),
        points: labelled.map { LabelledKeypoint(index: $0, position: Point(0, 0)) },
        sizes: ReferenceSizes(head: head)),
      found: errors.enumerated().map {
        FoundKeypoint(index: $0, position: Point(0, $1), score: 1)
      })
  }

  @Test func toolsDifferInBoundHeadAndMean() throws {
    let samples = [
      // The pelvis and the thorax do not count; the neck lies on the threshold.
      try Self.sample("a", [9, 9, 5, 1, 1.05, 6]),
      try Self.sample("b", [9, 9, 6, 0, 0, 0], labelled: [0, 1, 2, 3, 4]),
    ]
    let mpii = try KeypointTool.mpii.evaluate(samples)
    #expect(mpii.values.map(\.name) == ["head", "ankle", "total", "AUC"])
    #expect(mpii["head"] == 0.75 && mpii["ankle"] == 0.5)
    #expect(mpii["total"] == 5.0 / 7)
    let bearpaw = try KeypointTool.bearpaw.evaluate(samples)
    #expect(bearpaw.values.map(\.name) == ["head", "ankle", "mean"])
    #expect(bearpaw["head"] == 1 && bearpaw["mean"] == (0 + 1 + 1 + 0) / 4.0)
    let hrnet = try KeypointTool.hrnet.evaluate(samples)
    #expect(hrnet["head"] == 1 && hrnet["mean"] == 5.0 / 7)
    // .1, .105 and two of 0 are at most .11; .105 is more than .1.
    #expect(hrnet["mean@0.1"] == 4.0 / 7)
    for result in [mpii, bearpaw, hrnet] {
      let lines = result.text.split(separator: "\n")
      #expect(lines.count == 2 && lines[0].hasPrefix("as \(result.tool.rawValue) counts: head "))
    }
  }

  @Test func theAreaJoinsThresholdsByLines() throws {
    // Every error is .25: PCK rises from 0 at .24 to 1 at .25.
    let result = try KeypointTool.mpii.evaluate([
      try Self.sample("a", [Double](repeating: 2.5, count: 6))
    ])
    #expect(isClose(result["AUC"], (0.5 - 0.245) / 0.5, 1e-12))
  }

  @Test func aToolRefusesPersonsWithoutItsLength() throws {
    let sample = try Self.sample("a", [0, 0, 0, 0, 0, 0], head: nil)
    #expect(throws: EvaluationError.self) { try KeypointTool.mpii.evaluate([sample]) }
    // No shoulders and hips.
    #expect(throws: EvaluationError.self) { try KeypointTool.lsp.evaluate([sample]) }
  }
}
