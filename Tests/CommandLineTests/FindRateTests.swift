import Foundation
import TestSupport
import Testing

/// `detector train --find-rate` and `--optimizer`, as users give them.
@Suite struct FindRateTests {
  @Test func aDetectorsRates() throws {
    try Fixture.use { detector in
      let run = try detector.bytes("run/last.safetensors")
      let outcome = try detector.run(
        ["train", "--voc", "data", "--model", "net.cfg", "--find-rate", "--rate-updates", "20"]
          + ["--optimizer", "adamw", "--out", "rates", "--json", "-"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("steepest descent: "), "\(outcome.errors)")
      #expect(outcome.errors.contains("least / 10: "))
      #expect(
        outcome.errors.hasSuffix("written: rates/find-rate.csv, rates/find-rate.png\n"))
      let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      let points = (json as? [String: Any])?["points"] as? [[String: Any]]
      #expect((points?.count ?? 0) > 5 && points?.first?["smoothed"] is Double)
      #expect(try detector.bytes("run/last.safetensors") == run)
      #expect(!detector.exists("rates/config.json") && !detector.exists("runs"))
      let again = try detector.run(
        ["train", "--voc", "data", "--model", "net.cfg", "--find-rate", "--out", "run"])
      #expect(again.status == 64)
      #expect(again.errors.contains("run is not empty; --find-rate needs a new folder in --out"))
      #expect(try detector.bytes("run/last.safetensors") == run)
    }
  }

  @Test func aClassifiersRates() throws {
    try withTemporaryFolder { folder in
      let net = smallClassifier(
        """
        batch=8
        width=16
        height=16
        learning_rate=.05
        max_batches=100
        """, classes: 2, filters: 4)
      try folder.write("net.cfg", net)
      for (index, name) in ["ant", "bee"].enumerated() {
        for i in 0..<8 {
          try folder.writePicture("data/train/\(name)/\(i).png", seed: UInt64(100 * index + i))
        }
      }
      let outcome = try Program(folder: folder).run(
        ["train", "--data", "data", "--model", "net.cfg", "--find-rate", "--rate-updates", "20"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("steepest descent: "), "\(outcome.output)")
      #expect(
        outcome.errors.hasSuffix(
          "written: runs/find-rate/find-rate.csv, runs/find-rate/find-rate.png\n"))
    }
  }

  @Test(arguments: [
    (["--find-rate", "--learning-rate", "1"], "leave out --learning-rate"),
    (["--find-rate", "--minutes", "1"], "leave out --minutes"),
    (["--find-rate", "--overwrite"], "leave out --overwrite"),
    (["--find-rate", "--rate-updates", "9"], "--rate-updates must be between 10 and 100000"),
    (["--rate-updates", "50"], "--rate-updates needs --find-rate"),
    (
      ["--optimizer", "adam", "--set", "net.optimizer=sgd"],
      "--optimizer and --set net.optimizer=sgd exclude each other"
    ),
    (["--optimizer", "lion"], "sgd, nesterov, adam, adamw, rmsprop"),
  ])
  func contradictionsAreRefused(_ arguments: [String], _ message: String) throws {
    try Fixture.use { detector in
      let outcome = try detector.run(["train", "--voc", "data", "--model", "net.cfg"] + arguments)
      #expect(outcome.status == 64)
      let text = outcome.errors.replacingOccurrences(of: "'", with: "")
      #expect(text.contains(message), "\(outcome.errors)")
    }
  }

  @Test func resumedRunsKeepTheirOptimizer() throws {
    try Fixture.use { detector in
      for option in [["--optimizer", "adam"], ["--decay-all"]] {
        let outcome = try detector.run(["train", "--resume", "--out", "run"] + option)
        #expect(outcome.status == 64)
        #expect(
          outcome.errors.contains(
            "--resume continues the run as it was started; leave out \(option[0])"))
      }
    }
  }
}
