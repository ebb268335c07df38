import Foundation
import Testing

/// Rows × seeds on a tiny data set; an interrupted comparison ends with the same table.
@Suite(.serialized) struct CompareTests {
  private static func arguments(_ more: String...) -> [String] {
    [
      "compare", "--voc", "data", "--model", "net.cfg", "--recipe", "darknet", "--epochs", "40",
      "--learning-rate",
      "0.005",
      "--clip", "20", "--save-every", "10", "--rows", "baseline,uncertainty", "--seeds", "1,2",
      "--out", "c",
    ] + more
  }

  private static let runs = [
    "baseline/seed-1", "uncertainty/seed-1", "baseline/seed-2", "uncertainty/seed-2",
  ]

  /// Table and detections of a comparison that nothing has interrupted, made with one thread.
  private static let uninterrupted = Result {
    var files: [String: Data] = [:]
    try Fixture.use { detector in
      // What a run leaves that was killed before its first checkpoint.
      try FileManager.default.createDirectory(
        at: detector.folder.appending(path: "c/baseline/seed-1/plots"),
        withIntermediateDirectories: true)
      try detector.write(Data("[net]\n".utf8), to: "c/baseline/seed-1/model.cfg")
      let outcome = try detector.run(arguments("--threads", "1"))
      try #require(outcome.status == 0, "\(outcome.errors)")
      let table = try detector.bytes("c/comparison.txt")
      #expect(outcome.output == String(decoding: table, as: UTF8.self))
      try expectFiles(detector)
      for name in ["comparison.txt", "comparison.csv"] + runs.map({ $0 + "/detections.json" }) {
        files[name] = try detector.bytes("c/\(name)")
      }
    }
    return files
  }

  private static func expectFiles(_ detector: Program) throws {
    for run in runs {
      for name in [
        "model.cfg", "config.json", "last.safetensors", "detections.json", "plots/map.png",
      ] { #expect(detector.exists("c/\(run)/\(name)"), "\(run)/\(name)") }
      // One evaluation, at the end, of the last weights.
      #expect(!detector.exists("c/\(run)/best.safetensors"))
      let log = String(decoding: try detector.bytes("c/\(run)/log.csv"), as: UTF8.self)
      let evaluations = log.split(separator: "\n").filter { $0.hasPrefix("evaluation,") }
      #expect(
        evaluations.count == 1 && evaluations[0].hasPrefix("evaluation,120,"), "\(evaluations)")
    }
    for metric in ["voc07", "voc12"] {
      #expect(try detector.bytes("c/comparison-\(metric).png").starts(with: [0x89, 0x50]))
    }
    let json = try detector.json("c/comparison.json")
    #expect(json["reference"] as? String == "baseline")
    let rows = try #require(json["rows"] as? [[String: Any]])
    #expect(rows.map { $0["name"] as? String } == ["baseline", "uncertainty"])
    let scores = try #require(rows[1]["scores"] as? [String: [String: Any]])
    for metric in ["voc07", "voc12"] {
      let values = try rows.map { row in
        try #require(row["runs"] as? [[String: Any]]).map { run in
          let result = try #require(run["result"] as? [String: Any])
          return try #require((result["meanAveragePrecision"] as? [String: Double])?[metric])
        }
      }
      let mean = try #require((scores[metric]?["meanAveragePrecision"] as? [String: Any])?["mean"])
      #expect(abs(try #require(mean as? Double) - (values[1][0] + values[1][1]) / 2) < 1e-12)
      let difference = try #require(scores[metric]?["difference"] as? [String: Any])
      let expected = (values[1][0] - values[0][0] + values[1][1] - values[0][1]) / 2
      #expect(abs(try #require(difference["mean"] as? Double) - expected) < 1e-12)
      #expect((scores[metric]?["interval"] as? [String: Any])?["lower"] is Double)
    }
    let lines = String(decoding: try detector.bytes("c/runs.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == "row,seed,voc07,voc12,iterations,seconds,folder")
  }

  private func expectSameEnd(_ detector: Program) throws {
    let outcome = try detector.run(Self.arguments("--threads", "2"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    // The interrupted run goes on, the finished one is not touched.
    #expect(outcome.errors.contains(/of them done; run in c\/uncertainty\/seed-1\n/))
    #expect(!outcome.errors.contains("run 1 of 4"))
    for (name, bytes) in try Self.uninterrupted.get() {
      #expect(try detector.bytes("c/\(name)") == bytes, "\(name)")
    }
    try Self.expectFiles(detector)
  }

  @Test func interruptedComparisonContinues() throws {
    try Fixture.use { detector in
      let program = try detector.start(Self.arguments())
      let isUnderWay = program.wait {
        ((try? detector.bytes("c/uncertainty/seed-1/log.csv")) ?? Data())
          .count { $0 == UInt8(ascii: "\n") } > 3
      }
      try #require(isUnderWay)
      program.signal(SIGINT)
      let outcome = try program.wait()
      #expect(outcome.status == 130)
      #expect(
        outcome.errors.contains(
          /\ninterrupted in .* of c\/uncertainty\/seed-1; saved\. Continue with the same command/))
      #expect(detector.exists("c/baseline/seed-1/result.json"))
      #expect(!detector.exists("c/uncertainty/seed-1/result.json"))
      #expect(!detector.exists("c/comparison.txt"))

      let early = try detector.run(Self.arguments("--table-only"))
      #expect(early.status == 0 && early.output.hasSuffix("\n\n3 runs are not finished\n"))
      #expect(!detector.exists("c/baseline/seed-2"))

      let first = try detector.bytes("c/baseline/seed-1/last.safetensors")
      try expectSameEnd(detector)
      #expect(try detector.bytes("c/baseline/seed-1/last.safetensors") == first)
    }
  }

  @Test func runsAreOrdinaryOnesAndChangesAreRefused() throws {
    try Fixture.use { detector in
      let outcome = try detector.run(Self.arguments("--epochs", "1", "--seeds", "1"))
      #expect(outcome.status == 0, "\(outcome.errors)")
      let detect = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "c/uncertainty/seed-1", "--json", "d.json")
      #expect(detect.status == 0, "\(detect.errors)")
      let more = try detector("train", "--resume", "--out", "c/baseline/seed-1")
      #expect(more.status == 0 && more.output.contains("3 iterations, done before"), "\(more)")

      let other =
        "c/baseline/seed-1 was started in another way; give its options again, or another --out: "
      for (change, message) in [
        (["--jitter", "0.125"], "options.augmentation.jitter: "),
        (["--init-gain", "0.5"], "initialGain: unset, now 0.5\n"),
        (["--set", "yolo.ignore_thresh=.75"], "model.cfg:45: \"ignore_thresh=.5\", now "),
      ] {
        let outcome = try detector.run(
          Self.arguments("--epochs", "1", "--seeds", "1") + change)
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: \(other)\(message)"), "\(outcome.errors)")
        #expect(outcome.errors.count { $0 == "\n" } == 1)
      }
      // What a row decides is found again; a damaged result is not taken for one.
      try detector.write(Data("{}".utf8), to: "c/baseline/seed-1/detections.json")
      let damaged = try detector.run(Self.arguments("--epochs", "1", "--seeds", "1"))
      #expect(damaged.status == 1)
      #expect(damaged.errors.contains("\nError: c/baseline/seed-1/detections.json: "))
    }
  }
}
