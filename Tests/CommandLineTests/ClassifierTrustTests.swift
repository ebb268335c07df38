import Foundation
import TestSupport
import Testing

/// `detector report`, `select` and `shift` of classifiers.
@Suite struct ClassifierTrustTests {
  @Test func onePageOnTwoRuns() throws {
    try ClassifierFixture.use { detector in
      let other = try detector(
        "train", "--data", "data", "--val-fraction", "0.7", "--model", "net.cfg", "--epochs", "2",
        "--out", "plain")
      #expect(other.status == 0, "\(other.errors)")
      let outcome = try detector(
        "report", "run", "plain", "--data", "data:test", "--bootstrap", "20", "--examples", "3",
        "--out", "r.html")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("r.html: 2 runs, 24 images, "), "\(outcome.output)")
      let html = try String(decoding: detector.bytes("r.html"), as: UTF8.self)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
      for id in [
        "summary", "evaluated", "reliability", "risk-coverage", "confusion", "confused", "classes",
        "training", "worst", "uncertain", "differences",
      ] { #expect(html.contains("<section id=\"\(id)\">"), "\(id)") }
      for text in [
        "Classification report: run, plain", "AUROC of BALD", "data:test, 24 images", "NLL × 100",
        "src=\"data:image/jpeg;base64,", "plain, by entropy of the probabilities",
        "run, by BALD",
      ] { #expect(html.contains(text), "\(text)") }
      // What `eval` says of the same images.
      let judged = try detector(
        "eval", "--run", "run", "--data", "data:test", "--json", "e.json")
      #expect(judged.status == 0, "\(judged.errors)")
      let top1 = try #require(
        (detector.json("e.json")["top1"] as? [String: Any])?["value"] as? Double)
      let cell = "<td>" + String(format: "%.1f", 100 * top1)
      #expect(html.contains(cell), "\(cell)")

      // Numbers on images that the run knows, and probabilities that its temperature was fitted on.
      let fitted = try detector("calibrate", "--run", "run")
      #expect(fitted.status == 0, "\(fitted.errors)")
      let own = try detector(
        "report", "run", "--bootstrap", "5", "--examples", "0", "--out", "own.html")
      #expect(own.status == 0, "\(own.errors)")
      let warned = try String(decoding: detector.bytes("own.html"), as: UTF8.self)
      #expect(warned.contains("24 of these 24 images chose the weights"))
      #expect(warned.contains("temperature was fitted on 24 of these 24 images"))
      #expect(!html.contains("temperature"))
      let scaled = try detector(
        "report", "run", "--data", "data:test", "--bootstrap", "5", "--out", "scaled.html")
      #expect(scaled.status == 0, "\(scaled.errors)")
      let page = try String(decoding: detector.bytes("scaled.html"), as: UTF8.self)
      #expect(page.contains("temperature "))
      // The numbers are those of the scaled probabilities.
      let calibrated = try detector(
        "eval", "--run", "run", "--data", "data:test", "--calibration", "run/calibration.json",
        "--json", "c.json")
      #expect(calibrated.status == 0, "\(calibrated.errors)")
      func surprise(_ file: String) throws -> String {
        let value = try #require(
          (detector.json(file)["nll"] as? [String: Any])?["value"] as? Double)
        return "<td>" + String(format: "%.3f", value)
      }
      #expect(try surprise("c.json") != surprise("e.json"))
      #expect(try page.contains(surprise("c.json")) && html.contains(surprise("e.json")))
    }
  }

  @Test func runsOfTwoTasksHaveNoPage() throws {
    try ClassifierFixture.use { detector in
      try Fixture.use { other in
        let outcome = try detector(
          "report", "run", other.folder.appending(path: "run").path, "--data", "data:test",
          "--out", "r.html")
        #expect(outcome.status == 1)
        #expect(
          outcome.errors.contains("it is for detection, and run for classification"),
          "\(outcome.errors)")
        #expect(!detector.exists("r.html"))
      }
    }
  }

  @Test func choosesWhatToLabel() throws {
    try ClassifierFixture.use { detector in
      for (score, measure) in [
        ("bald", "BALD"), ("entropy", ""), ("margin", ""), ("least-confident", ""),
      ] {
        let outcome = try detector(
          "select", "data/test", "other", "--run", "run", "--budget", "5", "--score", score,
          "--class-confidence", "0", "--out", "chosen", "--keep-copies")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasSuffix("chosen 5 of 26 images; 0 copies of them left out\n"))
        let json = try detector.json("chosen/selected.json")
        let images = try #require(json["images"] as? [[String: Any]])
        let scores = images.compactMap { $0["score"] as? Double }
        #expect(scores.count == 26 && scores == scores.sorted(by: >) && scores[0] > 0, "\(measure)")
        #expect(images.allSatisfy { $0["detections"] == nil })
        #expect(images.allSatisfy { ($0["classes"] as? [String: Int])?.values.reduce(0, +) == 1 })
        let settings = try #require(json["settings"] as? [String: Any])
        #expect(settings["score"] as? String == score && settings["aggregate"] == nil)
      }
      // What it is sure of says the same as `predict`.
      let predicted = try detector("predict", "other", "--run", "run", "--json", "p.json")
      #expect(predicted.status == 0)
      let answers = try #require(try detector.json("p.json")["images"] as? [[String: Any]])
      let chosen = try detector(
        "select", "other", "--run", "run", "--budget", "2", "--score", "entropy", "--out", "o",
        "--keep-copies")
      #expect(chosen.status == 0, "\(chosen.errors)")
      let images = try #require(try detector.json("o/selected.json")["images"] as? [[String: Any]])
      for answer in answers {
        let file = try #require(answer["file"] as? String)
        let entry = try #require(images.first { $0["path"] as? String == file })
        let (a, b) = (entry["score"] as? Double, answer["entropy"] as? Double)
        #expect(a != nil && a == b)
      }
      let refused = try detector(
        "select", "other", "--run", "run", "--budget", "1", "--top", "3", "--out", "o")
      #expect(refused.status == 64 && refused.errors.contains("--top is for networks that find"))
    }
    try Fixture.use { detector in
      let margin = try detector(
        "select", "data/JPEGImages", "--run", "run", "--budget", "1", "--score", "margin", "--out",
        "o")
      #expect(margin.status == 64 && margin.errors.contains("--score margin is for classifiers"))
    }
  }

  @Test func knowsWhetherItKnowsLess() throws {
    try ClassifierFixture.use { detector in
      let judged = try detector("eval", "--run", "run", "--data", "data:test", "--bootstrap", "20")
      #expect(judged.status == 0, "\(judged.errors)")
      let whole = try detector.json("run/eval.json")
      let shift = try detector(
        "shift", "--run", "run", "--data", "data:test", "--bootstrap", "20", "--corruptions",
        "noise,light-jpeg", "--severities", "0,3", "--json", "s.json", "--plot", "s.png")
      #expect(shift.status == 0, "\(shift.errors)")
      #expect(
        shift.output.hasPrefix("corruption  severity  parameter  "), "\(shift.output)")
      #expect(shift.output.contains("accuracy and ECE in %") && !shift.output.contains("mAP"))
      let json = try detector.json("s.json")
      #expect(json["scoreFloor"] == nil)
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.map { $0["parameter"] as? Double } == [nil, 35, 85])
      let accuracy = try #require(rows[0]["accuracy"] as? [String: Any])
      for (mine, own) in [(accuracy["top1"], whole["top1"]), (rows[0]["ece15"], whole["ece15"])] {
        #expect(
          NSDictionary(dictionary: ["": try #require(mine)])
            == NSDictionary(dictionary: ["": try #require(own)]))
      }
      #expect(rows.allSatisfy { $0["answers"] as? Int == 24 && $0["bald"] is Double })
      #expect(rows[1]["confidence"] as? Double != rows[0]["confidence"] as? Double)
      #expect(try detector.bytes("s.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
      let refused = try detector("shift", "--run", "run", "--data", "data:test", "--iou", "0.7")
      #expect(refused.status == 64 && refused.errors.contains("--iou is for networks that find"))
    }
  }
}
