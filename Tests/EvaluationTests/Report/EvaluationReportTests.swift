import Evaluation
import Foundation
import Testing

@Suite struct EvaluationReportTests {
  private func report(_ metrics: String) throws -> EvaluationReport {
    let images = [
      EvaluatedImage(
        id: "a",
        objects: [
          object(1, 1, 10, 10), object(31, 1, 40, 10), object(1, 31, 9, 39, difficult: true),
        ],
        detections: [found(0.9, 1, 1, 10, 10), found(0.8, 1, 1, 9, 10)]),
      EvaluatedImage(id: "b", objects: []),
    ]
    return try EvaluationReport(
      images: images, classNames: ["dog", "zebra"], metrics: EvaluationMetric.list(metrics),
      settings: [.init("nms", "0.45")])
  }

  @Test func theJSONKeysAreTheContract() throws {
    let json = try report("voc07,voc12,coco").json()
    let root = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    #expect(root["images"] as? Int == 2)
    #expect(root["imagesWithoutDetections"] as? Int == 1)
    #expect((root["settings"] as? [String: String])?["nms"] == "0.45")
    let metrics = try #require(root["metrics"] as? [String: [String: Any]])
    #expect(metrics.keys.sorted() == ["coco", "voc07", "voc12"])
    #expect(metrics["voc12"]?["mAP"] as? Double == 0.5)
    let seven = try #require(metrics["voc07"]?["mAP"] as? Double)
    #expect(abs(seven - 6.0 / 11) < 1e-12)
    let classes = try #require(metrics["voc12"]?["classes"] as? [String: [String: Any]])
    let dog = try #require(classes["dog"])
    #expect(dog["ap"] as? Double == 0.5)
    #expect(dog["objects"] as? Int == 2)
    #expect(dog["difficult"] as? Int == 1)
    #expect(dog["detections"] as? Int == 2)
    #expect(dog["truePositives"] as? Int == 1)
    #expect(dog["falsePositives"] as? Int == 1)
    #expect(dog["ignored"] as? Int == 0)
    #expect(classes["zebra"]?["ap"] is NSNull)
    let coco = try #require(metrics["coco"])
    // One of two dogs is found before anything wrong: precision 1 at 51 of 101 levels of recall.
    #expect(isClose(coco["ap50"] as? Double, 51.0 / 101, 1e-12))
    #expect(coco["apLarge"] is NSNull)
  }

  @Test func theTableShowsEveryClassAndTheMean() throws {
    let lines = try report("voc07,voc12").table.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    #expect(
      lines[0] == "class  objects  difficult  detections  right  wrong  ignored  voc07  voc12")
    #expect(
      lines[1] == "dog          2          1           2      1      1        0  54.55  50.00")
    #expect(
      lines[2] == "zebra        0          0           0      0      0        0    n/a    n/a")
    #expect(lines[3].allSatisfy { $0 == "-" } && lines[3].count == lines[0].count)
    #expect(lines[4].hasPrefix("mean ") && lines[4].hasSuffix("54.55  50.00"))
    #expect(lines.contains("2 images, 1 of them without detections"))
    #expect(lines.contains("classes without objects: 1 (n/a, not in the mean)"))
    #expect(lines.contains("nms 0.45"))
  }

  @Test func cocoAloneStillCounts() throws {
    let report = try report("coco")
    #expect(report.counts.classes[0].truePositives == 1)
    #expect(report.table.contains("AP75"))
  }

  @Test func metricListsAreReadStrictly() throws {
    #expect(try EvaluationMetric.list("voc07, coco,voc07") == [.voc07, .coco])
    #expect(try EvaluationMetric.list("voc07-float") == [.voc07Float])
    for text in ["voc", "voc07,", ""] {
      let error = #expect(throws: EvaluationError.self) { try EvaluationMetric.list(text) }
      #expect(error?.description.contains("voc07, voc12, coco") == true)
    }
  }
}
