import Foundation
import TestSupport
import Testing

/// Networks of keypoints and of centres from their pictures to their answers.
@Suite(.serialized) struct KeypointCommandTests {
  private func value(_ json: [String: Any], _ key: String) throws -> Double {
    let metrics = try #require(json["metrics"] as? [String: Any])
    // Without intervals a number stands by itself.
    let entry = try #require(metrics[key], "\(metrics.keys.sorted())")
    return try #require((entry as? [String: Any])?["value"] as? Double ?? entry as? Double)
  }

  @Test func fromTrainingToAnswers() throws {
    try KeypointFixture.use { detector in
      let judged = try detector("eval", "--run", "run", "--bootstrap", "50", "--json", "e.json")
      try #require(judged.status == 0, "\(judged.errors)")
      for text in [
        "left eye ", "right eye ", "nose tip ", "PCK@0.2", "16 persons in 8 images", "BALD",
        "reference longer side of the box, right ≤ 0.2, input 32x32",
        "16 of these 16 images chose the weights",
      ] { #expect(judged.output.contains(text), "\(text): \(judged.output)") }
      let json = try detector.json("e.json")
      #expect(json["task"] as? String == "keypoints" && json["kind"] as? String == "joints")
      #expect(json["images"] as? Int == 8 && json["persons"] as? Int == 16)
      #expect(try value(json, "pck0.2") > 0.5)
      let joints = (json["metrics"] as? [String: Any])?["joints"] as? [String: Any]
      #expect(joints?.keys.sorted() == ["left eye", "nose tip", "right eye"])
      #expect(try detector.bytes("run/eval.json") == detector.bytes("e.json"))
      // Other rules give other numbers, a mirrored look the same task.
      let strict = try detector(
        "eval", "--run", "run", "--bootstrap", "0", "--pck", "0.02,0.5", "--pck-reference", "10",
        "--flip-test", "--json", "s.json")
      #expect(strict.status == 0 && strict.output.contains("reference 10.0 pixels"))
      #expect(strict.output.contains("flip test yes"), "\(strict.output)")
      #expect(try value(detector.json("s.json"), "pck0.02") < value(json, "pck0.2"))

      // Of all that are right nothing can be learnt: a bound that some miss.
      let fitted = try detector("calibrate", "--run", "run", "--pck", "0.05")
      try #require(fitted.status == 0, "\(fitted.errors)")
      #expect(fitted.output.contains("maps of 3 keypoints, fitted on 16 samples"))
      try detector.write(Data(Self.boxes.utf8), to: "boxes.json")
      let found = try detector(
        "predict", "--run", "run", "images/9.png", "--boxes", "boxes.json", "--box-class", "person",
        "--json", "p.json")
      try #require(found.status == 0, "\(found.errors)")
      #expect(found.output.contains("left eye ") && found.output.contains("  right "))
      let images = try #require(try detector.json("p.json")["images"] as? [[String: Any]])
      let persons = try #require(images.first?["persons"] as? [[String: Any]])
      // The dog is left out, and so is what the detector was not sure of.
      #expect(persons.count == 1)
      let region = try #require(persons[0]["region"] as? [Double])
      expectClose(region.map { Float($0) }, [-1.2, -1.2, 32, 32], absolute: 1e-4)
      let points = try #require(persons[0]["keypoints"] as? [[String: Any]])
      #expect(points.map { $0["name"] as? String } == ["left eye", "right eye", "nose tip"])
      for point in points {
        let probability = try #require(point["probability"] as? Double)
        #expect(probability > 0 && probability < 1)
        #expect((point["uncertainty"] as? [String: Any])?["bald"] is Double)
        #expect((point["x"] as? Double).map { (-1.2...30.8).contains($0) } == true)
      }
      let raw = try detector(
        "predict", "--run", "run", "images/9.png", "--raw-confidence", "--json", "-")
      #expect(raw.status == 0 && !raw.output.contains("probability"))
    }
  }

  /// Two persons and a dog.
  private static let boxes = """
    {"images": [{"file": "images/9.png", "width": 64, "height": 32, "detections": [
      {"class": "person", "confidence": 0.9, "box": [2, 2, 25.6, 25.6]},
      {"class": "person", "confidence": 0.2, "box": [34, 2, 25.6, 25.6]},
      {"class": "dog", "confidence": 0.9, "box": [34, 2, 25.6, 25.6]}]}]}
    """

  @Test func centersOfObjects() throws {
    try withTemporaryFolder { folder in
      try KeypointFixture.write(to: folder)
      let detector = Program(folder: folder)
      let trained = try detector.run(
        KeypointFixture.training("dots.json", "dots.cfg", epochs: 20) + ["--out", "run"])
      try #require(trained.status == 0, "\(trained.errors)")
      let judged = try detector("eval", "--run", "run", "--bootstrap", "50")
      try #require(judged.status == 0, "\(judged.errors)")
      #expect(judged.output.contains("peaks from 0.3 on count, which nobody chose"))
      let json = try detector.json("run/eval.json")
      #expect(json["task"] as? String == "keypoints" && json["kind"] as? String == "centers")
      #expect(json["images"] as? Int == 8 && json["persons"] == nil)
      let classes = (json["metrics"] as? [String: Any])?["classes"] as? [String: Any]
      #expect(classes?.keys.sorted() == ["blue", "green", "red"])

      let chosen = try detector("calibrate", "--run", "run", "--thresholds", "f1")
      try #require(chosen.status == 0, "\(chosen.errors)")
      let thresholds = try detector.json("run/thresholds.json")
      let pooled = try #require(thresholds["pooled"] as? [String: Any])
      let height = try #require(pooled["threshold"] as? Double)
      func scores(_ more: String...) throws -> [Double] {
        let found = try detector.run(
          ["predict", "--run", "run", "images/9.png", "--quiet", "--json", "p.json"] + more)
        #expect(found.status == 0, "\(found.errors)")
        let images = try #require(try detector.json("p.json")["images"] as? [[String: Any]])
        let persons = try #require(images[0]["persons"] as? [[String: Any]])
        #expect(persons.count == 1 && persons[0]["region"] == nil)
        return try #require(persons[0]["keypoints"] as? [[String: Any]]).compactMap {
          $0["score"] as? Double
        }
      }
      // The chosen height is used, unless another is given.
      let used = try scores()
      #expect(!used.isEmpty && used.allSatisfy { $0 >= height - 1e-6 })
      #expect(try scores("--peak-threshold", "0.06").count > used.count)
      #expect(try scores("--peak-threshold", "0.999").isEmpty)
      let again = try detector("eval", "--run", "run", "--bootstrap", "0")
      #expect(!again.output.contains("nobody chose"))
      #expect(
        again.output.contains("8 of these 8 images chose the height from which peaks count"))
      let map = try detector("calibrate", "--run", "run")
      #expect(map.status == 0 && map.output.contains("maps of 3 keypoints"), "\(map.errors)")
    }
  }

  @Test func comparedLosses() throws {
    try withTemporaryFolder { folder in
      try KeypointFixture.write(to: folder)
      let detector = Program(folder: folder)
      let arguments = [
        "compare", "--data", "persons.json", "--model", "net.cfg", "--epochs", "3", "--threads",
        "1",
        "--learning-rate", "0.02", "--rows", "bce,anchor", "--row-set", "anchor:heatmap.gamma=1",
        "--seeds", "1,2", "--bootstrap", "50", "--out", "c",
      ]
      let outcome = try detector.run(arguments)
      try #require(outcome.status == 0, "\(outcome.errors)")
      let cfg = String(
        decoding: try detector.bytes("c/anchor/seed-2/model.cfg"), as: UTF8.self)
      #expect(cfg.contains("loss=anchor\n") && cfg.contains("gamma=1\n"))
      #expect(
        !String(decoding: try detector.bytes("c/bce/seed-2/model.cfg"), as: UTF8.self).contains(
          "gamma"))
      let json = try detector.json("c/comparison.json")
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.map { $0["name"] as? String } == ["bce", "anchor"])
      #expect(outcome.output.contains("medianError") && outcome.output.contains("aurocConfidence"))
      // Finished runs are not repeated: the same table at once.
      let again = try detector.run(arguments)
      #expect(again.output == outcome.output)
      // What a row cannot have is said before anything is trained.
      let wrong = try detector.run(
        arguments.map {
          $0 == "anchor:heatmap.gamma=1" ? "bce:heatmap.gamma=1" : $0 == "c" ? "d" : $0
        }
      )
      #expect(wrong.status == 1 && !detector.exists("d"))
      #expect(
        wrong.errors.contains("gamma= in [heatmap] is for loss=anchor; here it is bce\n"),
        "\(wrong.errors)")
    }
  }

  @Test func interruptedRunContinues() throws {
    try withTemporaryFolder { folder in
      try KeypointFixture.write(to: folder)
      let detector = Program(folder: folder)
      let training =
        KeypointFixture.training("persons.json", "net.cfg", epochs: 30)
        + ["--evaluate-every", "30", "--save-every", "5"]
      let whole = try detector.run(training + ["--out", "whole"])
      try #require(whole.status == 0, "\(whole.errors)")
      let program = try detector.start(training + ["--out", "cut"])
      let isUnderWay = program.wait {
        ((try? detector.bytes("cut/log.csv")) ?? Data()).count { $0 == UInt8(ascii: "\n") } > 2
      }
      #expect(isUnderWay)
      program.signal(SIGINT)
      let interrupted = try program.wait()
      #expect(interrupted.status == 130, "\(interrupted.errors)")
      let resumed = try detector("train", "--resume", "--out", "cut", "--threads", "2")
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(
        try detector.bytes("cut/last.safetensors") == detector.bytes("whole/last.safetensors"))
    }
  }

  @Test func checkedData() throws {
    try withTemporaryFolder { folder in
      try KeypointFixture.write(to: folder)
      let detector = Program(folder: folder)
      let clean = try detector("check", "--data", "persons.json")
      #expect(clean.status == 0 && clean.output.contains("no problems"), "\(clean.output)")
      #expect(clean.output.contains("nose tip   24 (75.0 %)"), "\(clean.output)")
      let text = String(decoding: try detector.bytes("persons.json"), as: UTF8.self)
      let outside = text.replacing(
        "\"keypoints\": [[", with: "\"keypoints\": [[9", maxReplacements: 1)
      try folder.write("outside.json", outside)
      let dirty = try detector("check", "--data", "outside.json")
      #expect(dirty.status == 1 && dirty.output.contains("1 × keypoint outside the image"))
      let dots = try detector("check", "--data", "dots.json")
      #expect(dots.status == 0 && dots.output.contains("96 centres"), "\(dots.output)")
    }
  }
}
