import Foundation
import Testing

/// `train --place`, and what the other commands make of the expected IoU.
@Suite struct PlaceCommandTests {
  private func train(_ detector: Program, _ place: String, _ out: String, epochs: Int = 6) throws {
    let outcome = try detector.run(
      Fixture.training(epochs: epochs) + ["--place", place, "--out", out])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func found(
    _ detector: Program, _ options: [String], folder: String = "data/JPEGImages"
  ) throws -> [[String: Any]] {
    let outcome = try detector.run(["detect", folder, "--json", "d.json"] + options)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let images = try #require(try detector.json("d.json")["images"] as? [[String: Any]])
    return images.flatMap { $0["detections"] as? [[String: Any]] ?? [] }
  }

  private func text(_ detector: Program, _ name: String) throws -> String {
    String(decoding: try detector.bytes(name), as: UTF8.self)
  }

  private func number(_ detection: [String: Any], _ key: String) -> Double {
    detection[key] as? Double ?? .nan
  }

  @Test func aDetachedBranchIsLeftOutOfWeightsAndChangesNothing() throws {
    try Fixture.use { detector in
      try train(detector, "iou", "placed")
      try train(detector, "none", "plain")
      for run in ["placed", "plain"] {
        let outcome = try detector(
          "convert", "--run", run, "--out", "\(run).weights", "--cfg", "\(run).cfg")
        try #require(outcome.status == 0, "\(outcome.errors)")
      }
      // Clipping is off in this recipe: the detector is the same to the bit.
      #expect(try detector.bytes("placed.weights") == detector.bytes("plain.weights"))
      #expect(try !text(detector, "placed.cfg").contains("expected_iou"))
      #expect(try text(detector, "placed/model.cfg").contains("expected_iou=-3"))
      #expect(try text(detector, "placed/log.csv").contains("place"))
      let options = ["--confidence", "0.01"]
      let placed = try found(detector, ["--run", "placed"] + options)
      let plain = try found(detector, ["--run", "plain"] + options)
      try #require(placed.count == plain.count && plain.count > 20)
      for (a, b) in zip(placed, plain) {
        #expect(number(a, "confidence") == number(b, "confidence"))
        #expect((0...1).contains(number(a, "expectedIoU")) && b["expectedIoU"] == nil)
      }
    }
  }

  @Test func aRunThatWasInterruptedEndsWithTheSameBytes() throws {
    try Fixture.use { detector in
      try train(detector, "iouJoint", "whole", epochs: 4)
      try train(detector, "iouJoint", "parts", epochs: 2)
      let resumed = try detector("train", "--resume", "--epochs", "4", "--out", "parts")
      #expect(resumed.status == 0, "\(resumed.errors)")
      for run in ["whole", "parts"] {
        let outcome = try detector(
          "detect", "data/JPEGImages", "--run", run, "--confidence", "0.01", "--json", "\(run).json"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      let whole = try text(detector, "whole.json")
      let parts = try text(detector, "parts.json")
      #expect(whole.contains("expectedIoU") && whole == parts)
    }
  }

  @Test func rankingAndProbabilitiesAreReported() throws {
    try Fixture.use { detector in
      try train(detector, "iou", "placed")
      let options = ["--run", "placed", "--confidence", "0.01", "--nms", "1"]
      let plain = try found(detector, options)
      let ranked = try found(detector, options + ["--rank", "expected-iou"])
      let products = plain.map { number($0, "confidence") * number($0, "expectedIoU") }
      #expect(!ranked.isEmpty && ranked.count <= plain.count)
      for detection in ranked {
        #expect(products.contains { abs($0 - number(detection, "confidence")) < 1e-6 })
      }
      let refused = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--rank", "expected-iou")
      #expect(refused.status == 64 && refused.errors.contains("train one with --place iou"))

      let fit = try detector(
        "calibrate", "--voc", "data:trainval", "--run", "placed", "--allow-training-images",
        "--floor", "0.001")
      try #require(fit.status == 0, "\(fit.errors)")
      #expect(
        fit.output.contains("probability of being right, on held-out fifths of the images: AUROC"))
      #expect(fit.output.contains("right: confidence ") && fit.output.contains("expected IoU "))
      let likely = try found(detector, ["--run", "placed", "--confidence", "0"])
      #expect(!likely.isEmpty)
      for detection in likely {
        let probability = try #require(detection["probability"] as? [String: Any])
        #expect((0...1).contains(number(probability, "right")))
        #expect(detection["merged"] != nil)
      }
      #expect(
        try found(detector, options + ["--raw-confidence"]).allSatisfy { $0["probability"] == nil })
      let shown = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "placed", "--confidence", "0.001",
        "--show-trust", "--out", "pictures")
      #expect(shown.output.contains("  IoU 0.") && shown.output.contains("  right 0."))
      #expect(detector.exists("pictures/000001.jpg"))
      // A map of other confidences is not mixed in.
      let mixed = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "placed", "--rank", "expected-iou")
      #expect(mixed.status == 64 && mixed.errors.contains("--rank confidence"), "\(mixed.errors)")

      let other = try detector(
        "eval", "--voc", "data:test", "--run", "placed", "--trust-floor", "0.001", "--bootstrap",
        "50",
        "--json", "e.json")
      try #require(other.status == 0, "\(other.errors)")
      #expect(other.output.contains("1 - probability of being right"))
      #expect(other.output.contains("1 - confidence x expected IoU"))
      #expect(other.output.contains("  probability  of being right, against the confidence: AUROC"))
      #expect(other.output.contains("\nNext: detector calibrate --run placed --thresholds f1"))
      let json = try detector.json("e.json")
      #expect((json["verdict"] as? [String])?.isEmpty == false)
      #expect((json["probability"] as? [String: Any])?["auroc"] != nil)
      // Its own images are not judged: by default they are left out, when named they are refused.
      let own = try detector(
        "eval", "--voc", "data:trainval", "--run", "placed", "--bootstrap", "0")
      #expect(own.output.contains("placed/probability.json is not used: it was fitted on 16"))
      let refusal = try detector(
        "eval", "--voc", "data:trainval", "--run", "placed", "--bootstrap", "0", "--probability",
        "placed/probability.json")
      #expect(refusal.status == 1 && refusal.errors.contains("fitted on"), "\(refusal.errors)")
    }
  }

  @Test func edgesAreReportedDrawnAndJudged() throws {
    try Fixture.use { detector in
      try train(detector, "gaussian", "edges")
      let options = ["--run", "edges", "--confidence", "0.01"]
      let plain = try found(detector, options)
      try #require(!plain.isEmpty)
      for detection in plain {
        let edges = try #require(detection["edges"] as? [String: Any])
        for edge in ["left", "top", "right", "bottom"] { #expect(number(edges, edge) > 0) }
        #expect(detection["expectedIoU"] == nil)
      }
      let voted = try found(detector, options + ["--vote-boxes"])
      #expect(voted.map { number($0, "confidence") } == plain.map { number($0, "confidence") })
      #expect("\(voted.map { $0["box"] ?? "" })" != "\(plain.map { $0["box"] ?? "" })")
      let shown = try detector.run(
        ["detect", "data/JPEGImages/000001.jpg", "--out", "pictures", "--show-edges"] + options)
      #expect(shown.status == 0 && shown.output.contains("  ± "), "\(shown.errors)")
      let judged = try detector(
        "eval", "--voc", "data:trainval", "--run", "edges", "--bootstrap", "0", "--trust-floor",
        "0.001",
        "--iou", "0.1", "--json", "e.json")
      try #require(judged.status == 0, "\(judged.errors)")
      #expect(judged.output.contains("  edges        of "))
      let trust = try detector.json("e.json")["trust"] as? [String: Any]
      #expect((trust?["edges"] as? [String: Any])?["energyScore"] != nil)
      for option in ["--vote-boxes", "--show-edges"] {
        let refused = try detector(
          "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--out", "refused", option)
        #expect(refused.status == 64 && refused.errors.contains("\(option): the model does not"))
        #expect(refused.errors.contains("--place gaussian"))
      }
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    try Fixture.use { detector in
      let probability = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--raw-confidence", "--probability",
        "x")
      #expect(probability.status == 64)
      let classifier = try detector(
        "train", "--voc", "data", "--model", "resnet20-cifar", "--place", "iou", "--out", "x")
      #expect(classifier.status != 0)
    }
  }
}
