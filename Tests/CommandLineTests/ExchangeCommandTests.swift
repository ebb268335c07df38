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
