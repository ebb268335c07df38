import Foundation
import Testing

/// `detector quantize`, and what takes its folder.
@Suite struct QuantizeTests {
  @Test func everyCommandTakesTheModel() throws {
    try Fixture.use { detector in
      let made = try detector(
        "quantize", "--run", "run", "--data", "data:train", "--images", "6", "--out", "int8")
      #expect(made.status == 0, "\(made.errors)")
      #expect(made.output.contains("4 convolutions in int8"))
      #expect(made.output.hasSuffix("written: int8\n"))

      let judged = try detector(
        "eval", "--run", "int8", "--data", "data:val", "--json", "e.json", "--against", "run")
      #expect(judged.status == 0, "\(judged.errors)")
      #expect(judged.output.contains("mAP against run"))
      #expect(judged.errors.contains("convolutions in int8"))

      let image = try #require(
        try FileManager.default.contentsOfDirectory(
          atPath: detector.folder.appending(path: "data/JPEGImages").path
        ).sorted().first)
      for (arguments, file) in [
        (["detect", "data/JPEGImages/\(image)", "--run", "int8", "--json", "d.json"], "d.json"),
        (["bench", "--run", "int8", "--facts", "--runs", "5", "--json", "b.json"], "b.json"),
      ] {
        let outcome = try detector.run(arguments)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        #expect(try !detector.json(file).isEmpty)
      }
      let facts = try detector.json("b.json")
      for key in ["p95Ms", "p99Ms", "imagesPerSecond", "bestImagesPerSecond", "loadMs"] {
        #expect(facts[key] as? Double ?? 0 > 0, "\(key)")
      }
      let order = ["minMs", "medianMs", "p95Ms", "p99Ms"].map { facts[$0] as? Double ?? 0 }
      #expect(order == order.sorted() && facts["runs"] as? Int == 5)
      #expect([1, 2, 4, 8, 16].contains(facts["bestBatch"] as? Int ?? 0))
      let integers = try #require(facts["integers"] as? [String: Any])
      #expect(integers["convolutions"] as? Int == 4)

      let refused = try detector("convert", "--run", "int8", "--out", "x.weights")
      #expect(refused.status == 1 && refused.errors.contains("holds a quantised model"))
      let graph = try detector("convert", "--run", "int8", "--onnx", "x.onnx")
      #expect(graph.status == 0 && graph.output.contains(" convolutions in int8"), "\(graph)")
      let bytes = try detector.bytes("x.onnx")
      #expect(Data(bytes).range(of: Data("QuantizeLinear".utf8)) != nil)
      let training = try detector.run(
        Fixture.training(epochs: 1) + ["--weights", "int8", "--out", "more"])
      #expect(training.status == 1, "\(training.errors)")
      #expect(training.errors.contains("can be used and not trained"))
    }
  }

  @Test(arguments: [
    (["--run", "run"], "give images to calibrate on with --voc or --data"),
    (["--data", "data"], "name a model with --run, or with --model and --weights"),
    (["--run", "run", "--data", "data", "--images", "0"], "--images must be at least 1"),
    (["--run", "run", "--data", "data", "--keep", "1,x"], "--keep takes numbers of layers"),
  ])
  func wrongUsage(_ arguments: [String], message: String) throws {
    try Fixture.use { detector in
      let outcome = try detector.run(["quantize", "--out", "int8"] + arguments)
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }
}
