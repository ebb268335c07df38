import Foundation
import Testing

/// Every command does its work on a tiny data set, and its JSON has the promised keys.
@Suite struct CommandTests {
  private let classNames = "circle\nellipse\nrectangle\nsquare\nstar\ntriangle\n"

  @Test func synthesizeAndCheck() throws {
    try Fixture.use { detector in
      let check = try detector("check", "--voc", "data")
      #expect(check.status == 0, "\(check.output)")
      #expect(check.output.hasPrefix("20 annotations, 20 readable images, "))
      #expect(check.output.hasSuffix("no problems\n"))
      let again = try detector("synthesize", "--out", "data2", "--count", "20", "--size", "64")
      #expect(again.status == 0)
      let name = "JPEGImages/000007.jpg"
      #expect(try detector.bytes("data/\(name)") == detector.bytes("data2/\(name)"))
    }
  }

  @Test(arguments: ["figures", "dots"]) func synthesizesKeypoints(_ kind: String) throws {
    try Fixture.use { detector in
      let drawn = try detector(
        "synthesize", "--kind", kind, "--out", "points", "--count", "5", "--size", "64")
      #expect(drawn.status == 0, "\(drawn.errors)")
      #expect(detector.exists("points/keypoints.json"))
      #expect(detector.exists("points/images/000005.jpg"))
      let wrong = try detector("synthesize", "--out", "other", "--jitter", "2")
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains("--jitter belongs to --kind dots"))
      #expect(!detector.exists("other"))
    }
  }

  @Test func trainWritesARun() throws {
    try Fixture.use { detector in
      for name in [
        "model.cfg", "config.json", "log.csv", "last.safetensors", "best.safetensors",
        "plots/loss.png", "plots/map.png",
      ] { #expect(detector.exists("run/\(name)"), "\(name)") }
    }
    let json = try Program(folder: Fixture.folder()).json("train.json")
    for key in [
      "loss", "bestMeanAveragePrecision", "lastMeanAveragePrecision", "seconds", "imagesPerSecond",
      "loaderWaitShare",
    ] { #expect(json[key] is Double, "\(key)") }
    #expect(json["iterations"] as? Int == 12)
  }

  @Test func evalWritesItsTable() throws {
    try Fixture.use { detector in
      let outcome = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--json", "e.json", "--save-detections",
        "comp4")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("class "))
      let json = try detector.json("e.json")
      #expect(json["images"] as? Int == 4)
      let metrics = try #require(json["metrics"] as? [String: [String: Any]])
      #expect(metrics.keys.sorted() == ["voc07", "voc12"])
      #expect(metrics["voc07"]?["mAP"] is Double)
      let classes = try #require(metrics["voc07"]?["classes"] as? [String: [String: Any]])
      #expect(classes.count == 6)
      #expect(classes["square"]?["objects"] is Int && classes["square"]?["difficult"] is Int)
      #expect(try detector.bytes("run/eval.json") == detector.bytes("e.json"))
      #expect(detector.exists("run/plots/precision-recall-voc07.png"))
      try detector.write(Data(classNames.utf8), to: "net.names")
      // The saved detections give the same result.
      let fromFiles = try detector(
        "eval", "--voc", "data:test", "--detections", "comp4", "--names", "net.names", "--json",
        "f.json")
      #expect(fromFiles.status == 0, "\(fromFiles.errors)")
      let values = try #require(try detector.json("f.json")["metrics"] as? NSDictionary)
      #expect(values == json["metrics"] as? NSDictionary)
    }
  }

  @Test func evalReportsTrustIntervalsAndDifferences() throws {
    try Fixture.use { detector in
      let outcome = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--bootstrap", "50", "--out", "result",
        "--against", "run", "--save-detections", "found.json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("mAP with 95 % intervals over images: voc07 "))
      #expect(outcome.output.contains("trust in the "))
      #expect(outcome.output.contains("  voc12 +0.00 [+0.00, +0.00]"))
      let json = try detector.json("result/eval.json")
      let trust = try #require(json["trust"] as? [String: Any])
      #expect(trust["scoreFloor"] as? Double == 0.05)
      #expect((trust["classes"] as? [String: Any])?.count == 6)
      let metrics = try #require(json["metrics"] as? [String: [String: Any]])
      let interval = try #require(metrics["voc12"]?["mAPInterval"] as? [String: Double])
      #expect(interval["level"] == 0.95)
      for name in ["precision-recall-voc07.png", "reliability.png", "risk-coverage.png"] {
        #expect(detector.exists("run/plots/\(name)") && detector.exists("result/\(name)"))
      }
      // The same numbers from the file, which carries what the trust in them depends on.
      try detector.write(Data(classNames.utf8), to: "net.names")
      let again = try detector(
        "eval", "--voc", "data:test", "--detections", "found.json", "--names", "net.names",
        "--bootstrap", "50", "--json", "e.json", "--against", "found.json", "--reference",
        "frcnn,coco")
      #expect(again.status == 0, "\(again.errors)")
      #expect(try detector.json("e.json")["trust"] as? NSDictionary == trust as NSDictionary)
      #expect(again.output.contains("as frcnn counts: voc07 "))
      let plain = try detector(
        "eval", "--voc", "data:test", "--detections", "found.json", "--names", "net.names",
        "--bootstrap", "0", "--map-only")
      #expect(plain.status == 0 && !plain.output.contains("trust"))
      #expect(!plain.output.contains("intervals"))
      let refused = try detector(
        "eval", "--voc", "data:test", "--detections", "found.json", "--bootstrap", "0",
        "--against", "found.json")
      #expect(refused.status != 0)
      let unknown = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--reference", "nobody")
      #expect(unknown.status != 0 && unknown.errors.contains("choose from devkit, frcnn"))
    }
  }

  @Test func calibrateFitsOnOtherImagesThanItIsJudgedOn() throws {
    try Fixture.use { detector in
      let fit = try detector(
        "calibrate", "--voc", "data:trainval", "--run", "run", "--allow-training-images", "--floor",
        "0.001", "--out", "c.json")
      #expect(fit.status == 0, "\(fit.errors)")
      #expect(fit.output.contains("platt maps of 6 classes, fitted on "))
      #expect(fit.output.contains("held-out fifths"))
      let judged = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--calibration", "c.json", "--bootstrap", "0")
      #expect(judged.status == 0, "\(judged.errors)")
      #expect(judged.output.contains("calibration c.json"))
      let own = try detector(
        "eval", "--voc", "data:trainval", "--run", "run", "--calibration", "c.json")
      #expect(own.status == 1 && own.errors.contains("the recalibration was fitted on image"))
      try detector.write(Data("{}".utf8), to: "bad.json")
      let bad = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--calibration", "bad.json")
      #expect(bad.status == 1 && bad.errors.contains("bad.json: no key"))
    }
  }

  @Test func detectRecalibratesWithTheRunsOwnMap() throws {
    try Fixture.use { detector in
      let needed = try detector(
        "calibrate", "--voc", "data:trainval", "--model", "m.cfg", "--weights", "w")
      #expect(needed.status == 64 && needed.errors.contains("only a run keeps its own"))
      func confidences(_ options: String...) throws -> [Double] {
        let outcome = try detector.run(
          ["detect", "data/JPEGImages", "--run", "run", "--confidence", "0.01", "--json", "d.json"]
            + options)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let images = try detector.json("d.json")["images"] as? [[String: Any]] ?? []
        return images.flatMap { $0["detections"] as? [[String: Any]] ?? [] }
          .compactMap { $0["confidence"] as? Double }
      }
      let raw = try confidences()
      #expect(raw.count > 1)
      #expect(
        try detector(
          "calibrate", "--voc", "data:trainval", "--run", "run", "--allow-training-images",
          "--floor", "0.001"
        ).status == 0)
      let recalibrated = try confidences()
      #expect(recalibrated != raw)
      #expect(recalibrated.allSatisfy { $0 > 0.01 && $0 <= 1 })
      #expect(try confidences("--raw-confidence") == raw)
      #expect(try confidences("--calibration", "run/calibration.json") == recalibrated)
      // More training makes other weights: the map goes.
      _ = try detector("train", "--resume", "--out", "run")
      #expect(try confidences() == raw)
    }
  }

  @Test func detectWritesAllForms() throws {
    try Fixture.use { detector in
      try detector.write(detector.bytes("data/JPEGImages/000001.jpg"), to: "000001.png")
      let outcome = try detector(
        "detect", "data/JPEGImages", "000001.png", "--run", "run", "--confidence", "0.001",
        "--resize", "stretch", "--json", "d.json", "--out", "pictures", "--voc-out", "comp4")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("data/JPEGImages/000001.jpg (64x64): "))
      #expect(outcome.errors.contains("input 64x64, stretch"))
      let images = try #require(try detector.json("d.json")["images"] as? [[String: Any]])
      #expect(images.count == 21)
      #expect(images[0]["file"] as? String == "data/JPEGImages/000001.jpg")
      #expect(images[0]["width"] as? Int == 64 && images[0]["height"] as? Int == 64)
      #expect(images[0]["resize"] as? String == "stretch")
      let detections = images.flatMap { $0["detections"] as? [[String: Any]] ?? [] }
      let first = try #require(detections.first)
      #expect(first["class"] is String && first["confidence"] is Double)
      #expect((first["box"] as? [Double])?.count == 4 && first["objectness"] is Double)
      // A JPEG under a wrong name, with a name that is taken: written as what it is, with a number.
      #expect(detector.exists("pictures/000001.jpg") && detector.exists("pictures/000001-2.jpg"))
      #expect(try detector.bytes("pictures/000001.jpg").starts(with: [0xFF, 0xD8]))
      // One line a detection: image, confidence, four edges.
      let lines = try classNames.split(separator: "\n").flatMap { name in
        let text = try detector.bytes("comp4/comp4_det_test_\(name).txt")
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
      }
      #expect(lines.count == detections.count)
      #expect(
        lines.allSatisfy {
          let fields = $0.split(separator: " ")
          return fields.count == 6 && fields.dropFirst().allSatisfy { Double($0) != nil }
        })
    }
  }

  @Test func convertedWeightsDetectTheSame() throws {
    try Fixture.use { detector in
      let common = ["detect", "data/JPEGImages", "--quiet", "--confidence", "0.001", "--json"]
      #expect(try detector.run(common + ["a.json", "--run", "run"]).status == 0)
      try detector.write(Data(classNames.utf8), to: "net.names")
      let outcome = try detector.run(
        common + ["b.json", "--model", "net.cfg", "--weights", "net.weights"])
      #expect(outcome.status == 0 && outcome.output == "", "\(outcome.errors)")
      #expect(try detector.bytes("a.json") == detector.bytes("b.json"))

      let cut = try detector(
        "convert", "--model", "net.cfg", "--weights", "net.weights", "--out", "net.conv.2",
        "--cutoff", "2")
      #expect(
        cut.output.hasPrefix("net.conv.2: layers 0 to 1 of 5, 5232 parameters, 20948 bytes, "))
      #expect(try detector.bytes("net.conv.2") == detector.bytes("net.weights").prefix(20948))
      let partial = try detector.run(
        Fixture.training(epochs: 1) + ["--weights", "net.conv.2", "--out", "tuned"])
      #expect(partial.status == 0)
      #expect(
        partial.errors.contains(
          "net.conv.2: weights of the first 2 of 5 layers; the others start at random\n"))
    }
  }

  @Test func summaryAndAnchors() throws {
    try Fixture.use { detector in
      let summary = try detector("summary", "net.cfg", "--size", "128", "--json", "s.json")
      #expect(summary.status == 0 && summary.output.contains("128 x 128 x    3"))
      let json = try detector.json("s.json")
      #expect((json["layers"] as? [Any])?.count == 5)
      #expect((json["memory"] as? [String: Int])?["trainingPlanBytes"] ?? 0 > 0)
      let anchors = try detector(
        "anchors", "--voc", "data:all", "--count", "3", "--size", "64", "--model", "net.cfg")
      let lines = anchors.output.split(separator: "\n")
      #expect(anchors.status == 0 && lines.count == 3)
      #expect(lines.first?.wholeMatch(of: /anchors=([\d.]+,[\d.]+(,  )?){3}/) != nil)
      #expect(lines.last?.hasPrefix("3 anchors of net.cfg: average IoU ") == true)
    }
  }

  @Test(arguments: ["inference", "training"]) func bench(_ mode: String) throws {
    try Fixture.use { detector in
      let outcome = try detector(
        "bench", "--model", "net.cfg", "--weights", "net.weights", "--size", "64", "--batch", "2",
        "--mode", mode, "--threads", "1", "--runs", "3", "--layers", "--json", "b.json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let json = try detector.json("b.json")
      for key in ["medianMs", "minMs", "gflop", "gflops", "peakRssMiB", "planMiB"] {
        #expect(json[key] as? Double ?? 0 > 0, "\(key)")
      }
      #expect(json["threads"] as? Int == 1 && json["size"] as? Int == 64)
      #expect(json["mode"] as? String == mode && json["batch"] as? Int == 2)
      #expect(((json["loss"] as? Double)?.isFinite == true) == (mode == "training"))
      #expect(json["version"] as? String == "0.1.0")
      #expect((json["layers"] as? [Any])?.count == 5)
      // Two per multiply-add: K·R·S·C·P·Q for each of the four convolutions.
      let macs = 16 * 27 * 1024 + 32 * 144 * 256 + 32 * 288 * 64 + 33 * 32 * 64
      let gflop = Double(2 * 2 * macs) / 1e9 * (mode == "training" ? 3 : 1)
      #expect(abs((json["gflop"] as? Double ?? 0) - gflop) < 1e-9)
    }
  }

  @Test func plotDrawsFromTheLog() throws {
    try Fixture.use { detector in
      try FileManager.default.removeItem(at: detector.folder.appending(path: "run/plots"))
      let outcome = try detector("plot", "--run", "run")
      #expect(outcome.output == "run/plots/loss.png\nrun/plots/map.png\n")
      #expect(try detector.bytes("run/plots/loss.png").starts(with: [0x89, 0x50]))
    }
  }
}
