import Foundation
import Testing

/// `detector select` on the drawn images of the fixture.
@Suite struct SelectTests {
  /// Few detections of the barely trained network are confident: all are asked for.
  private static let common = [
    "select", "data/JPEGImages", "--confidence", "0", "--class-confidence", "0",
  ]

  private func images(_ detector: Program, _ folder: String) throws -> [[String: Any]] {
    try #require(try detector.json("\(folder)/selected.json")["images"] as? [[String: Any]])
  }

  private func lines(_ detector: Program, _ file: String) throws -> [String] {
    String(decoding: try detector.bytes(file), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }

  @Test func choosesByUncertaintyAndLeavesOutCopies() throws {
    try Fixture.use { detector in
      let manager = FileManager.default
      try manager.copyItem(
        at: detector.folder.appending(path: "data/JPEGImages/000001.jpg"),
        to: detector.folder.appending(path: "data/JPEGImages/copy.jpg"))
      let model = [
        "--model", "net.cfg", "--weights", "net.weights", "--relative-variance", "0.25",
      ]
      let outcome = try detector.run(Self.common + model + ["--budget", "21", "--out", "all"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasSuffix("chosen 20 of 21 images; 1 copies of them left out\n"))
      let all = try images(detector, "all")
      let chosen = all.filter { $0["rank"] != nil }
      #expect(chosen.map { $0["rank"] as? Int } == (1...20).map { $0 })
      let scores = try chosen.map { try #require($0["score"] as? Double) }
      #expect(scores == scores.sorted(by: >) && scores.allSatisfy { $0 > 0 && $0 <= 1 })
      #expect(try lines(detector, "all/selected.txt") == chosen.map { $0["path"] as? String })
      let copy = try #require(all.first { $0["duplicateOf"] != nil })
      #expect(
        Set([copy["path"] as? String, copy["duplicateOf"] as? String]) == [
          "data/JPEGImages/000001.jpg", "data/JPEGImages/copy.jpg",
        ])
      #expect(copy["hashDistance"] as? Int == 0 && copy["rank"] == nil)
      for image in chosen {
        let classes = try #require(image["classes"] as? [String: Int])
        #expect(classes.values.reduce(0, +) == image["detections"] as? Int && !classes.isEmpty)
      }
      let sheet = try detector.bytes("all/contact-sheet.png")
      #expect(sheet.starts(with: [0x89, 0x50, 0x4E, 0x47]))

      let kept = try detector.run(
        ["select", "data/JPEGImages", "--confidence", "0"] + model + [
          "--budget", "30", "--out", "kept", "--threads", "1", "--quiet", "--keep-copies",
          "--class-confidence", "1",
        ])
      #expect(kept.status == 0 && kept.output == "")
      #expect(kept.errors == "note: no class names; give them with --names\n")
      #expect(try lines(detector, "kept/selected.txt").count == 21)
      // Nothing is that confident: no class counts, the scores stay.
      #expect(try images(detector, "kept").allSatisfy { ($0["classes"] as? [String: Int]) == [:] })
      #expect(try images(detector, "kept").allSatisfy { $0["duplicateOf"] == nil })
      #expect(try images(detector, "kept").compactMap { $0["score"] as? Double }.max() == scores[0])
    }
  }

  @Test func plainNetworksNeedAnotherScore() throws {
    try Fixture.use { detector in
      try detector.expectError(
        "run/model.cfg: no [yolo] section has uncertainty=, so the model cannot say how certain it is; "
          + "--relative-variance makes the heads of a weights file Bayesian; or choose by --score "
          + "entropy",
        "select", "data/JPEGImages", "--run", "run", "--budget", "2", "--out", "chosen")
      #expect(!detector.exists("chosen/selected.txt"))
      for score in ["entropy", "least-confident"] {
        for balance in ["none", "penalty", "round-robin"] {
          let outcome = try detector.run(
            Self.common + [
              "--run", "run", "--budget", "4", "--out", "chosen", "--score", score, "--aggregate",
              "max", "--balance", balance,
            ])
          #expect(outcome.status == 0, "\(outcome.errors)")
          #expect(try lines(detector, "chosen/selected.txt").count == 4)
          let settings = try #require(
            try detector.json("chosen/selected.json")["settings"] as? [String: Any])
          #expect(settings["score"] as? String == score && settings["top"] == nil)
          #expect(settings["balance"] as? String == balance)
        }
      }
    }
  }

  @Test func unreadableImagesAreNamed() throws {
    try Fixture.use { detector in
      try detector.write(Data("no image".utf8), to: "bad.jpg")
      let outcome = try detector(
        "select", "bad.jpg", "data/JPEGImages/000001.jpg", "--run", "run", "--budget", "2", "--out",
        "chosen", "--score", "entropy")
      #expect(outcome.status == 1 && outcome.errors.contains("1 of 2 images could not be read"))
      #expect(try lines(detector, "chosen/selected.txt") == ["data/JPEGImages/000001.jpg"])
    }
  }

  @Test func copiesOfLabelledImagesAreLeftOut() throws {
    try Fixture.use { detector in
      let folder = detector.folder.appending(path: "old")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      for name in ["000002", "000005"] {
        try FileManager.default.copyItem(
          at: detector.folder.appending(path: "data/JPEGImages/\(name).jpg"),
          to: folder.appending(path: "known-\(name).jpg"))
      }
      let select =
        Self.common + ["--run", "run", "--budget", "30", "--out", "new", "--score", "entropy"]
      let outcome = try detector.run(select + ["--labelled", "old", "--hash-distance", "0"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output.hasSuffix(
          "chosen 18 of 20 images; 0 copies of them left out, 2 of 2 labelled ones\n"),
        "\(outcome.output)")
      let left = try images(detector, "new").filter { $0["rank"] == nil }
      #expect(
        Set(left.compactMap { $0["labelledAs"] as? String }) == [
          "old/known-000002.jpg", "old/known-000005.jpg",
        ])
      #expect(
        Set(left.compactMap { $0["path"] as? String }) == [
          "data/JPEGImages/000002.jpg", "data/JPEGImages/000005.jpg",
        ])
      let settings = try detector.json("new/selected.json")["settings"] as? [String: Any]
      #expect(settings?["labelled"] as? Int == 2)
      try detector.expectError(
        "none: no such file or folder", "select", "data/JPEGImages", "--run", "run", "--budget",
        "1",
        "--out", "new", "--score", "entropy", "--labelled", "none")
      try detector.write(Data("no image".utf8), to: "old/bad.jpg")
      let damaged = try detector.run(select + ["--labelled", "old"])
      #expect(damaged.status == 1)
      #expect(damaged.errors.contains("old/bad.jpg: neither JPEG nor PNG"))
      #expect(damaged.errors.hasSuffix("1 of 23 images could not be read\n"))
      let both = try detector.run(select + ["--labelled", "old", "--keep-copies"])
      #expect(both.status == 64 && both.errors.contains("--labelled leaves out copies"))
    }
  }
}
