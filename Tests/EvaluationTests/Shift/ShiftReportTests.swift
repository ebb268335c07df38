import Detection
import Evaluation
import Foundation
import Geometry
import Testing

@Suite struct ShiftReportTests {
  private func detection(
    _ left: Float, _ confidence: Float, bald: Float? = nil, classIndex: Int = 0
  ) -> Detection {
    Detection(
      box: Box(left: left, top: 0, right: left + 10, bottom: 10), classIndex: classIndex,
      confidence: confidence, objectness: confidence,
      uncertainty: bald.map {
        DetectionUncertainty(bald: $0, entropy: 2 * $0, objectnessMean: 0, objectnessVariance: 1)
      })
  }

  /// One object found, a wrong detection, a weak one, one of a difficult object.
  private var images: [EvaluatedImage] {
    [
      EvaluatedImage(
        id: "a",
        objects: [
          GroundTruth(box: Box(left: 0, top: 0, right: 10, bottom: 10), classIndex: 0),
          GroundTruth(
            box: Box(left: 40, top: 0, right: 50, bottom: 10), classIndex: 0, isDifficult: true),
        ],
        detections: [
          detection(0, 0.75, bald: 0.125), detection(80, 0.25, bald: 0.375),
          detection(40, 0.5, bald: 0.9), detection(90, 0.01, bald: 0.8),
        ])
    ]
  }

  @Test func numbersOfKeptDetections() throws {
    let measures = try ShiftReport.Measures(images: images, classNames: ["thing"])
    // Eleven levels of 1 sum to 1 up to rounding.
    for estimate in measures.accuracy {
      #expect(abs((estimate.value ?? 0) - 1) < 1e-12)
    }
    #expect(measures.decisions == 2)
    #expect(measures.confidence == 0.5 && measures.bald == 0.25 && measures.entropy == 0.5)
    // Both a quarter off: 0.75 is right, 0.25 is wrong.
    #expect(measures.calibration.value == 0.25 && measures.calibration.interval == nil)
    let drawn = try ShiftReport.Measures(
      images: images, classNames: ["thing"], options: .init(bootstrap: Bootstrap(draws: 20)))
    #expect(drawn.calibration.interval?.lower == 0.25)
    #expect(drawn.accuracy[1].interval?.upper == 1)
  }

  @Test func agreesWithTheEvaluation() throws {
    let bootstrap = Bootstrap(draws: 50)
    let measures = try ShiftReport.Measures(
      images: images, classNames: ["thing"], options: .init(scoreFloor: 0, bootstrap: bootstrap))
    let trust = try TrustReport(
      images: images, classNames: ["thing"], options: .init(scoreFloor: 0, bootstrap: bootstrap))
    #expect(measures.decisions == trust.overall.decisions.count)
    #expect(measures.calibration == trust.overall.decisions.calibration.error)
  }

  @Test func nothingFoundIsUndefined() throws {
    var image = images[0]
    image.detections = []
    let empty = try ShiftReport.Measures(images: [image], classNames: ["thing"])
    #expect(empty.decisions == 0 && empty.accuracy[1].value == 0)
    #expect(empty.confidence == nil && empty.bald == nil && empty.calibration.value == nil)
    image.detections = [detection(0, 0.75)]
    let plain = try ShiftReport.Measures(images: [image], classNames: ["thing"])
    #expect(plain.confidence == 0.75 && plain.bald == nil && plain.entropy == nil)
  }

  @Test func tableAndDocument() throws {
    let measures = try ShiftReport.Measures(images: images, classNames: ["thing"])
    func row(_ name: String, _ severity: Int) -> ShiftReport.Row {
      ShiftReport.Row(
        corruption: name, severity: severity, parameter: 4.5, parameterName: "sigma",
        measures: measures)
    }
    let report = ShiftReport(
      imageCount: 1,
      rows: [
        ShiftReport.Row(undisturbed: measures), row("blur", 4), row("blur", 2), row("noise", 1),
      ], subject: .detections(floor: 0.05), settings: [.init("nms", "0.45")])
    #expect(report.corruptions == ["blur", "noise"])
    #expect(report.course(of: "blur").map(\.severity) == [0, 2, 4])
    let lines = report.table.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines[0]
        == "corruption  severity  parameter   voc07   voc12  detections  confidence   BALD"
    )
    #expect(
      lines[2]
        == "blur               4        4.5  100.00  100.00           2       0.500  0.250"
    )
    // What does not fit a terminal follows below.
    #expect(lines[5] == "" && lines[6] == "corruption  severity  entropy  D-ECE")
    #expect(lines[8] == "blur               4    0.500  25.00")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines[14] == "with confidence from 0.05 on; 1 image" && lines[15] == "nms 0.45")
    let document = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    let rows = try #require(document["rows"] as? [[String: Any]])
    #expect(rows.map { $0["corruption"] as? String } == ["none", "blur", "blur", "noise"])
    #expect(rows[0]["parameter"] == nil && rows[1]["parameter"] as? Double == 4.5)
    #expect((rows[1]["mAP"] as? [String: Double])?["voc12"] == 1)
    #expect(rows[3]["dECE"] as? Double == 0.25 && rows[3]["bald"] as? Double == 0.25)
  }
}
