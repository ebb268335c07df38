import Foundation
import Testing

/// Starting from what was trained, and training on.
@Suite(.serialized) struct FineTuningTests {
  private func begin(_ detector: Program, _ line: String, _ arguments: String...) throws {
    let outcome = try detector.run(
      Fixture.training(epochs: 1) + ["--out", "next", "--overwrite"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("\n\(line)\n"), "\(outcome.errors)")
  }

  @Test func startsFromARun() throws {
    try Fixture.use { detector in
      let whole = "weights of the first 5 of 5 layers"
      try begin(detector, "run/best.safetensors: iteration 3; \(whole)", "--weights", "run")
      let fromRun = try detector.bytes("next/last.safetensors")
      try begin(
        detector, "run/last.safetensors: iteration 12; \(whole)", "--weights",
        "run/last.safetensors")
      // What was exported is the best checkpoint too.
      try begin(
        detector, "net.weights: \(whole)", "--weights", "net.weights")
      #expect(try detector.bytes("next/last.safetensors") == fromRun)
    }
  }

  @Test func takesTheLayersBeforeTheFirstThatDiffers() throws {
    try Fixture.use { detector in
      let text = String(decoding: try detector.bytes("net.cfg"), as: UTF8.self)
      // A detector with another third layer, and a classifier with the same first two.
      let third =
        "filters=32\nsize=3\nstride=2\npad=1\nactivation=leaky\n\n[convolutional]\nfilters=33"
      #expect(text.contains(third))
      let other = text.replacing(third, with: third.replacing("filters=32", with: "filters=24"))
      try detector.write(Data(other.utf8), to: "other.cfg")
      try begin(
        detector,
        "run/best.safetensors: iteration 3; weights of the first 2 of 5 layers; the others start "
          + "at random", "--model", "other.cfg", "--weights", "run")
      let first = text.replacing("filters=16", with: "filters=24")
      try detector.write(Data(first.utf8), to: "first.cfg")
      try detector.expectErrorAtEnd(
        "run/best.safetensors: none of its layers is that of first.cfg in its place, so nothing "
          + "can be taken; give a run of a similar cfg, or leave out --weights",
        Fixture.training(epochs: 1) + [
          "--out", "none", "--model", "first.cfg", "--weights", "run",
        ])
      #expect(!detector.exists("none"))
    }
  }

  @Test func aBranchIsNoDifference() throws {
    try Fixture.use { detector in
      let all = "weights of the first 7 of 7 layers"
      try begin(
        detector, "run/best.safetensors: iteration 3; \(all)", "--weights", "run", "--loss",
        "uncertainty")
      // And back; the run of before is the best by its only evaluation.
      try FileManager.default.moveItem(
        at: detector.folder.appending(path: "next"), to: detector.folder.appending(path: "uwl"))
      try begin(
        detector,
        "uwl/best.safetensors: iteration 3; weights of the first 5 of 5 layers", "--weights", "uwl")
    }
  }

  @Test func whatIsNoModelIsNamed() throws {
    try Fixture.use { detector in
      let remedy =
        "convert it to Darknet weights first, with the tools of the program that wrote it"
      try detector.write(Data("PK\u{3}\u{4}.....best/data.pkl......".utf8), to: "best.pt")
      try detector.write(Data("PK\u{3}\u{4}.....readme.txt.........".utf8), to: "all.zip")
      for (path, reason) in [
        ("best.pt", "is a PyTorch file; \(remedy)"),
        ("all.zip", "is a zip archive; unpack it first"),
        ("data", "holds no best.safetensors or last.safetensors; is it a run?"),
        (".", "holds no best.safetensors or last.safetensors; is it a run? Runs below it: run"),
      ] {
        try detector.expectErrorAtEnd(
          "\(path): \(reason)",
          Fixture.training(epochs: 1) + ["--out", "next", "--weights", path])
      }
      try detector.expectErrorAtEnd(
        "best.pt: is a PyTorch file; \(remedy)",
        ["detect", "data", "--model", "net.cfg", "--weights", "best.pt"])
      try detector.expectErrorAtEnd(
        "run: is a folder; the folder of a run is given with --run",
        ["detect", "data", "--model", "net.cfg", "--weights", "run"])
      try detector.expectErrorAtEnd(
        "data/*.png: no such file or folder; the shell has left the pattern as it is: nothing "
          + "matches, or it was quoted", ["detect", "data/*.png", "--run", "run"])
      for command in [["summary"], ["bench", "--model"], ["anchors", "--voc", "data", "--model"]] {
        let outcome = try detector.run(command + ["."])
        #expect(
          outcome.errors.hasSuffix("Error: .: is a folder; give one of its cfg files: net\n"),
          "\(outcome.errors)")
      }
    }
  }

  @Test func aRunBecomesLongerAndShorter() throws {
    try Fixture.use { detector in
      let outcome = try detector("train", "--resume", "--out", "run", "--epochs", "6")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "18 iterations instead of 12, 12 done; the rate goes on as before: 0.001 in iteration 13\n"
        ), "\(outcome.errors)")
      #expect(outcome.output.contains("\n18 iterations"), "\(outcome.output)")
      // The longer run is what it would have been from the beginning.
      let long = try detector.run(Fixture.training(epochs: 6) + ["--out", "long"])
      #expect(long.status == 0)
      #expect(
        try detector.bytes("run/last.safetensors") == detector.bytes("long/last.safetensors"))
      try detector.expectErrorAtEnd(
        "--epochs 5 is less than the run has done, which is 18 iterations; give at least 6",
        ["train", "--resume", "--out", "run", "--epochs", "5"])
      let same = try detector("train", "--resume", "--out", "run", "--epochs", "6")
      #expect(same.status == 0)
      #expect(same.output.contains("18 iterations, done before"), "\(same.output)")
    }
  }
}

extension Program {
  /// Expects exit code 1 and an error, after whatever else is said.
  fileprivate func expectErrorAtEnd(
    _ message: String, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == 1, sourceLocation: sourceLocation)
    #expect(
      outcome.errors.hasSuffix("Error: \(message)\n"), "\(outcome.errors)",
      sourceLocation: sourceLocation)
  }
}
