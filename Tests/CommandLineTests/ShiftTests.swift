import Foundation
import Testing

/// `detector shift` on the drawn images of the fixture.
@Suite struct ShiftTests {
  private func rows(_ detector: Program, _ file: String) throws -> [[String: Any]] {
    try #require(try detector.json(file)["rows"] as? [[String: Any]])
  }

  @Test func undisturbedImagesGiveTheNumbersOfTheEvaluation() throws {
    try Fixture.use { detector in
      let common = ["--voc", "data:train", "--bootstrap", "50", "--confidence", "0.001"]
      let evaluation = try detector.run(
        ["eval", "--run", "run", "--trust-floor", "0.01", "--json", "eval.json"] + common)
      #expect(evaluation.status == 0, "\(evaluation.errors)")
      let shift = try detector.run(
        [
          "shift", "--run", "run", "--trust-floor", "0.01", "--json", "shift.json", "--plot",
          "shift.png", "--severities", "0,2-3", "--corruptions", "noise,jpeg",
        ] + common)
      #expect(shift.status == 0, "\(shift.errors)")
      #expect(shift.output.hasPrefix("corruption  severity  parameter  "))
      let rows = try rows(detector, "shift.json")
      #expect(
        rows.map { "\($0["corruption"] ?? "") \($0["severity"] ?? "")" } == [
          "none 0", "noise 2", "noise 3", "jpeg 2", "jpeg 3",
        ])
      #expect(rows.map { $0["parameter"] as? Double } == [nil, 20, 35, 30, 20])
      let whole = try detector.json("eval.json")
      let metrics = try #require(whole["metrics"] as? [String: [String: Any]])
      let precision = try #require(rows[0]["mAP"] as? [String: [String: Any]])
      for name in ["voc07", "voc12"] {
        #expect(precision[name]?["value"] as? Double == metrics[name]?["mAP"] as? Double)
        #expect(
          precision[name]?["interval"] as? [String: Double]
            == metrics[name]?["mAPInterval"] as? [String: Double])
      }
      let trust = try #require((whole["trust"] as? [String: Any])?["all"] as? [String: Any])
      let calibration = try #require(trust["calibration"] as? [String: Any])
      #expect(rows[0]["detections"] as? Int == trust["detections"] as? Int)
      #expect(
        NSDictionary(dictionary: ["dECE": try #require(rows[0]["dECE"])])
          == NSDictionary(dictionary: ["dECE": try #require(calibration["dECE"])]))
      #expect(rows[1]["confidence"] as? Double != rows[0]["confidence"] as? Double)
      #expect(try detector.bytes("shift.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
  }
}
