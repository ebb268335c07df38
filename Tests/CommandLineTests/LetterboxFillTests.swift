import Foundation
import TestSupport
import Testing

/// What a letterbox is filled with: Darknet's grey of published weights, the run's own of a run.
@Suite struct LetterboxFillTests {
  /// What is found in a picture that is wider than high.
  private func found(_ detector: Program, _ arguments: [String]) throws -> NSArray {
    let picture = packageRoot.appending(path: "Tests/Golden/formats/lossy.webp").path
    let outcome = try detector.run(
      ["detect", picture, "--confidence", "0.0001", "--nms", "1", "--json", "found.json"]
        + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try detector.json("found.json")["images"] as? NSArray)
  }

  @Test func isThatOfTheModel() throws {
    try Fixture.use { detector in
      let weights = ["--model", "net.cfg", "--weights", "net.weights"]
      let grey = try found(detector, weights)
      #expect(grey == (try found(detector, weights + ["--letterbox-fill", "0.5"])))
      let black = try found(detector, weights + ["--letterbox-fill", "0"])
      #expect(grey != black)
      // The weights are the run's, which was trained with zeros.
      let run = try found(detector, ["--run", "run"])
      #expect(run == (try found(detector, ["--run", "run", "--letterbox-fill", "0"])))
      #expect(run != (try found(detector, ["--run", "run", "--letterbox-fill", "1"])))
      let stretched = try found(detector, weights + ["--resize", "stretch"])
      #expect(
        stretched
          == (try found(detector, weights + ["--resize", "stretch", "--letterbox-fill", "0"])))
    }
  }

  @Test func isKeptByARun() throws {
    try Fixture.use { detector in
      let trained = try detector.run(
        Fixture.training(epochs: 1) + ["--out", "new", "--letterbox-fill", "0.25"])
      #expect(trained.status == 0, "\(trained.errors)")
      let own = try found(detector, ["--run", "new"])
      #expect(own == (try found(detector, ["--run", "new", "--letterbox-fill", "0.25"])))
      #expect(own != (try found(detector, ["--run", "new", "--letterbox-fill", "0"])))
      let wrong = try detector.run(["detect", "x", "--run", "new", "--letterbox-fill", "2"])
      #expect(wrong.status == 64 && wrong.errors.contains("must be between 0 and 1"))
    }
  }
}
