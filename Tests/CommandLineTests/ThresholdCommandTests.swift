import Foundation
import Testing

/// `calibrate --thresholds`, and what detect and eval make of its file.
@Suite struct ThresholdCommandTests {
  private let choosing = [
    "calibrate", "--voc", "data:trainval", "--run", "run", "--allow-training-images",
    "--thresholds",
  ]

  private func found(_ detector: Program, _ options: [String]) throws -> [[String: Any]] {
    let outcome = try detector.run(
      ["detect", "data/JPEGImages", "--run", "run", "--json", "d.json"] + options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let images = try #require(try detector.json("d.json")["images"] as? [[String: Any]])
    return images.flatMap { $0["detections"] as? [[String: Any]] ?? [] }
  }

  private func thresholds(_ detector: Program) throws -> [String: Double] {
    let classes = try #require(
      try detector.json("run/thresholds.json")["classes"] as? [String: [String: Any]])
    return classes.compactMapValues { $0["threshold"] as? Double }
  }

  @Test func detectUsesTheRunsThresholds() throws {
    try Fixture.use { detector in
      let plain = try found(detector, ["--confidence", "0.005"])
      let usual = try found(detector, [])
      let outcome = try detector.run(choosing + ["f1"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("class "))
      #expect(outcome.output.contains("held out: precision"))
      #expect(outcome.output.hasSuffix("(f1), chosen on 16 images: run/thresholds.json\n"))
      let limits = try thresholds(detector)
      #expect(limits.count == 6)
      let kept = try found(detector, [])
      let expected = plain.filter {
        ($0["confidence"] as? Double ?? 0) > limits[$0["class"] as? String ?? ""] ?? 1
      }
      #expect(kept.count == expected.count && kept.count > 0 && kept.count < plain.count)
      let said = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--out", "pictures")
      #expect(
        said.errors.contains("\nthresholds: run/thresholds.json (f1, chosen on 16 images: 0."),
        "\(said.errors)")
      #expect(said.errors.contains("; --confidence gives one for all\n"))
      // One confidence for all is what it was.
      #expect(try found(detector, ["--confidence", "0.25"]).count == usual.count)
      // Thresholds are for raw confidences: a map changes the numbers, not what is reported.
      let fit = try detector(
        "calibrate", "--voc", "data:trainval", "--run", "run", "--allow-training-images", "--floor",
        "0.001")
      #expect(fit.status == 0, "\(fit.errors)")
      let mapped = try found(detector, [])
      #expect(mapped.count == kept.count)
      #expect(
        Set(mapped.map { "\($0["box"] ?? "")" }) == Set(kept.map { "\($0["box"] ?? "")" }))
      #expect(
        mapped.map { $0["confidence"] as? Double } != kept.map { $0["confidence"] as? Double })
      // Chosen with another input.
      let other = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--size", "96", "--augment", "flip")
      #expect(
        other.errors.contains(
          "note: the thresholds were chosen with another input (64x64) and augment (none)\n"),
        "\(other.errors)")
      // More training makes other weights: the thresholds go.
      _ = try detector("train", "--resume", "--out", "run")
      #expect(!detector.exists("run/thresholds.json"))
    }
  }

  @Test func evalSaysWhatTheyReach() throws {
    try Fixture.use { detector in
      let arguments = ["eval", "--voc", "data:test", "--run", "run", "--bootstrap", "0", "--json"]
      let before = try detector.run(arguments + ["before.json"])
      #expect(try detector.run(choosing + ["precision=0.1"]).status == 0)
      let after = try detector.run(arguments + ["after.json"])
      #expect(after.status == 0 && before.status == 0, "\(after.errors)")
      var (old, new) = (try detector.json("before.json"), try detector.json("after.json"))
      let table = "above the thresholds of run/thresholds.json (precision=0.1, chosen on 16 images)"
      #expect(after.output.contains(table) && !before.output.contains("above the thresholds"))
      #expect(!after.output.contains("chose the thresholds"))
      let told = try #require(new.removeValue(forKey: "thresholds") as? [String: Any])
      // All else is what it was.
      #expect(NSDictionary(dictionary: old) == NSDictionary(dictionary: new))
      old.removeAll()
      let classes = try #require(told["classes"] as? [String: [String: Any]])
      #expect(classes.count == 6 && told["known"] as? Int == 0 && told["chosenOn"] as? Int == 16)
      #expect(classes["star"]?["objects"] is Int && classes["star"]?["f1"] is Double)
      // On the images of the choice, a note; the counts are those of the file.
      let own = try detector(
        "eval", "--voc", "data:trainval", "--run", "run", "--map-only", "--json", "own.json")
      #expect(own.output.contains("note: 16 of these 16 images chose the thresholds"))
      let here = try #require(try detector.json("own.json")["thresholds"] as? [String: Any])
      let file = try #require(
        try detector.json("run/thresholds.json")["classes"] as? [String: [String: Any]])
      for (name, entry) in try #require(here["classes"] as? [String: [String: Any]]) {
        let outcome = try #require(file[name]?["outcome"] as? [String: Any])
        for key in ["objects", "detections", "right"] {
          #expect(entry[key] as? Int == outcome[key] as? Int, "\(name) \(key)")
        }
      }
    }
  }

  @Test func whatCannotBeIsSaid() throws {
    try Fixture.use { detector in
      for rule in ["f2", "precision=2", "recall=0.5"] {
        let outcome = try detector.run(choosing + [rule])
        #expect(outcome.status == 64)
        #expect(
          outcome.errors.hasPrefix(
            "Error: --thresholds takes f1, or a precision between 0 and 1 such as precision=0.9\n"))
      }
      let trained = try detector(
        "calibrate", "--voc", "data:train", "--run", "run", "--thresholds", "f1")
      #expect(
        trained.errors.contains(" images were trained on: thresholds chosen on them are too low"))
      #expect(try detector.run(choosing + ["f1", "--out", "t.json"]).status == 0)
      let both = try detector(
        "detect", "x.jpg", "--run", "run", "--thresholds", "t.json", "--confidence", "0.5")
      #expect(
        both.status == 64
          && both.errors.hasPrefix("Error: --thresholds and --confidence exclude each other\n"))
      // A file for other classes, and one that is none.
      let text = String(decoding: try detector.bytes("t.json"), as: UTF8.self)
      try detector.write(
        Data(text.replacingOccurrences(of: "\"star\"", with: "\"moon\"").utf8), to: "other.json")
      try detector.write(Data("{}".utf8), to: "bad.json")
      for (file, reason) in [
        ("other.json", "has no threshold for the class 'star'"), ("bad.json", "no key"),
        ("none.json", "cannot be read"),
      ] {
        let outcome = try detector(
          "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--thresholds", file)
        #expect(outcome.status == 1 && outcome.errors.contains("Error: \(file): \(reason)"))
      }
      // More images are better; the same number replaces.
      #expect(try detector.run(choosing + ["f1"]).status == 0)
      let again = try detector.run(choosing + ["precision=0.1"])
      #expect(
        again.errors.contains("note: replaced: run/thresholds.json: thresholds (f1) chosen on"))
      let fewer = try detector(
        "calibrate", "--voc", "data:train", "--run", "run", "--allow-training-images",
        "--thresholds", "f1")
      #expect(fewer.status == 64 && fewer.errors.contains("--overwrite replaces it"))
    }
  }
}
