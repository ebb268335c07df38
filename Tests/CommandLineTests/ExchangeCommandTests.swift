import Foundation
import Testing

/// What is written for other programs.
@Suite struct ExchangeCommandTests {
  private func events(_ detector: Program, _ run: String) -> [String] {
    let folder = detector.folder.appending(path: "\(run)/tensorboard").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  @Test func eventsAreWrittenWhereAskedForAndChangeNothing() throws {
    try Fixture.use { detector in
      #expect(events(detector, "run").isEmpty)
      let arguments = Fixture.training(epochs: 4) + ["--out", "seen", "--tensorboard"]
      let outcome = try detector.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        try detector.bytes("seen/last.safetensors") == detector.bytes("run/last.safetensors"))
      let first = events(detector, "seen")
      try #require(first.count == 1 && first[0].hasPrefix("events.out.tfevents."))
      let bytes = try detector.bytes("seen/tensorboard/\(first[0])")
      for name in [
        "brain.Event:2", "train/loss", "train/objectness", "train/rate", "validation/mAP_voc12",
        "batch", "validation", "all classes", "class/circle", "pr_curves",
      ] {
        #expect(bytes.range(of: Data(name.utf8)) != nil, "\(name)")
      }
      // A run that goes on adds a file; one that begins anew leaves none behind.
      let longer = try detector.run([
        "train", "--resume", "--epochs", "5", "--out", "seen", "--tensorboard",
      ])
      #expect(longer.status == 0, "\(longer.errors)")
      #expect(events(detector, "seen").count == 2)
      let again = try detector.run(arguments + ["--overwrite"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(events(detector, "seen").count == 1)
    }
  }

  /// Written, and read again as data and as detections: nothing is lost but fractions of pixels.
  @Test func detectionsAreLabelsForOtherTools() throws {
    try Fixture.use { detector in
      let outcome = try detector(
        "detect", "--run", "run", "data/JPEGImages", "--confidence", "0.02", "--voc-xml", "labels",
        "--yolo-out", "set/labels", "--coco-out", "coco.json", "--json", "found.json", "--quiet")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let images = try #require(try detector.json("found.json")["images"] as? [[String: Any]])
      let counts = images.map { ($0["detections"] as? [Any])?.count ?? 0 }
      #expect(images.count == 20 && counts.reduce(0, +) > 20)
      let manager = FileManager.default
      for folder in ["labels/x", "set/images"] {
        try manager.createDirectory(
          at: detector.folder.appending(path: folder), withIntermediateDirectories: true)
      }
      for name in try manager.contentsOfDirectory(
        atPath: detector.folder.appending(path: "data/JPEGImages").path)
      {
        for folder in ["labels", "set/images"] {
          try manager.copyItem(
            at: detector.folder.appending(path: "data/JPEGImages/\(name)"),
            to: detector.folder.appending(path: "\(folder)/\(name)"))
        }
      }
      for set in [["--voc", "labels"], ["--data", "set", "--names", "set/labels/classes.txt"]] {
        let check = try detector.run(["check"] + set)
        #expect(!check.output.contains("malformed"), "\(check.output)\(check.errors)")
        #expect(!check.output.contains("outside the image"), "\(check.output)")
      }
      // The same boxes by COCO's results as by our own file.
      var texts: [String] = []
      for file in ["coco.json", "found.json"] {
        let eval = try detector(
          "eval", "--voc", "data:all", "--detections", file, "--json", "e.json")
        #expect(eval.status == 0, "\(eval.errors)")
        let metrics = try #require(detector.json("e.json")["metrics"] as? [String: Any])
        texts.append("\((metrics["voc12"] as? [String: Any])?["mAP"] ?? "none")")
      }
      #expect(texts[0] == texts[1] && texts[0] != "none")
    }
  }

  @Test func twoImagesOfOneNameAreNotLabelledInOneFolder() throws {
    try Fixture.use { detector in
      let photo = try detector.bytes("data/JPEGImages/000001.jpg")
      for folder in ["a", "b"] {
        let url = detector.folder.appending(path: folder)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try photo.write(to: url.appending(path: "x.jpg"))
      }
      let outcome = try detector("detect", "--run", "run", "a", "b", "--quiet", "--yolo-out", "l")
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.contains(
          "l: a/x.jpg and b/x.jpg would have one file of labels, x; label one folder at a time"))
    }
  }

  @Test func networksAreWrittenAsONNX() throws {
    try Fixture.use { detector in
      let outcome = try detector(
        "convert", "--run", "run", "--onnx", "net.onnx", "--out", "again.weights")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output.contains("outputs boxes Nx192x4, scores Nx192x6, objectness Nx192x1; from"))
      let bytes = try detector.bytes("net.onnx")
      for name in [
        "detector", "images", "names", #"["circle","ellipse""#, "letterbox_fill", "anchors_0",
      ] {
        #expect(bytes.range(of: Data(name.utf8)) != nil, "\(name)")
      }
      #expect(try detector.bytes("again.weights") == detector.bytes("net.weights"))
      let larger = try detector(
        "convert", "--model", "net.cfg", "--weights", "net.weights", "--onnx", "raw.onnx", "--size",
        "96", "--raw-heads")
      #expect(larger.output.contains("outputs logits_0 Nx33x12x12"), "\(larger.errors)")
      try detector.expectError(
        "run/model.cfg:40: an input width of 100 is not a multiple of 8, the stride of [yolo]; 104 is",
        "convert", "--run", "run", "--onnx", "n.onnx", "--size", "100")
      let wrong = try detector("convert", "--run", "run", "--out", "w", "--open-batch")
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains("--open-batch belongs to an ONNX file: give --onnx"))
      let cut = try detector("convert", "--run", "run", "--onnx", "w", "--cutoff", "2")
      #expect(cut.errors.contains("--cutoff belongs to a weights file: give --out"))
      let none = try detector("convert", "--run", "run")
      #expect(none.errors.contains("give --out or --onnx"))
    }
  }
}
