import Foundation
import Testing

/// Whatever ends a run early, it can be continued to the same bytes.
@Suite(.serialized) struct ResumeTests {
  private static let training = Fixture.training(epochs: 60) + ["--evaluate-every", "20"]

  /// The checkpoints of a run that nothing has interrupted, made with one thread.
  private static let uninterrupted = Result {
    var files: [String: Data] = [:]
    try Fixture.use { detector in
      let outcome = try detector.run(training + ["--out", "long", "--threads", "1"])
      try #require(outcome.status == 0, "\(outcome.errors)")
      for name in ["last", "best"] {
        files[name] = try detector.bytes("long/\(name).safetensors")
      }
    }
    return files
  }

  private func expectSameEnd(_ detector: Program) throws {
    let outcome = try detector("train", "--resume", "--out", "long", "--threads", "2")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("180 iterations"))
    for (name, bytes) in try Self.uninterrupted.get() {
      #expect(try detector.bytes("long/\(name).safetensors") == bytes, "\(name)")
    }
    // Every logged iteration is in the log once.
    let log = String(decoding: try detector.bytes("long/log.csv"), as: UTF8.self)
    let iterations = log.split(separator: "\n").filter { $0.hasPrefix("training,") }
      .compactMap { Int($0.split(separator: ",")[1]) }
    #expect(iterations == Array(stride(from: 10, through: 180, by: 10)))
  }

  /// Starts the long run and returns once it has logged some iterations.
  private func started(_ detector: Program, _ arguments: [String]) throws -> RunningProgram {
    let program = try detector.start(arguments)
    let isUnderWay = program.wait {
      ((try? detector.bytes("long/log.csv")) ?? Data()).count { $0 == UInt8(ascii: "\n") } > 4
    }
    try #require(isUnderWay)
    return program
  }

  @Test func interruptSavesAndTheRunContinues() throws {
    try Fixture.use { detector in
      let program = try started(detector, Self.training + ["--out", "long"])
      program.signal(SIGINT)
      let outcome = try program.wait()
      #expect(outcome.status == 130)
      #expect(outcome.errors.contains(/\ninterrupted at iteration \d+; saved\. Continue with:/))
      #expect(outcome.errors.hasSuffix("detector train --resume --out long\n"))
      try expectSameEnd(detector)
    }
  }

  @Test func killedRunContinues() throws {
    try Fixture.use { detector in
      let program = try started(detector, Self.training + ["--out", "long"])
      program.signal(SIGKILL)
      #expect(try program.wait().status == SIGKILL)
      try expectSameEnd(detector)
    }
  }

  @Test func fullDiskLosesNothing() throws {
    try Fixture.use { detector in
      let program = try started(detector, Self.training + ["--out", "long"])
      program.signal(SIGTERM)
      #expect(try program.wait().status == 130)
      let last = try detector.bytes("long/last.safetensors")
      #expect(last.count > 100 << 10)
      // No file may grow beyond 64 KiB: the log can be continued, a checkpoint not.
      let outcome = try detector.run(
        after: "ulimit -f 64", ["train", "--resume", "--out", "long"])
      #expect(outcome.status == 1)
      let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error:") }
      #expect(
        errors == ["Error: long/last.safetensors: cannot be written: File too large"],
        "\(outcome.errors)")
      #expect(try detector.bytes("long/last.safetensors") == last)
      let left = try FileManager.default.contentsOfDirectory(
        atPath: detector.folder.appending(path: "long").path)
      #expect(!left.contains { $0.hasPrefix(".") }, "\(left)")
      try expectSameEnd(detector)
    }
  }

  @Test func resumingARunThatIsDone() throws {
    try Fixture.use { detector in
      let before = try detector.bytes("run/last.safetensors")
      let outcome = try detector("train", "--resume", "--out", "run")
      #expect(outcome.status == 0)
      #expect(outcome.output.hasSuffix("12 iterations, done before: run/last.safetensors\n"))
      #expect(try detector.bytes("run/last.safetensors") == before)
    }
  }
}
