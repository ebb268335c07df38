import Foundation
import Testing

/// An image that cannot be read costs no run: it is left out and counted.
@Suite struct UnreadableImageTests {
  /// Makes two of the training images of the fixture's data unreadable.
  private func damage(_ detector: Program) throws -> [String] {
    let list = try String(
      contentsOf: detector.folder.appending(path: "data/ImageSets/Main/train.txt"), encoding: .utf8)
    let ids = list.split(separator: "\n").prefix(2).map(String.init)
    for id in ids {
      try Data("no picture".utf8)
        .write(to: detector.folder.appending(path: "data/JPEGImages/\(id).jpg"))
    }
    return ids
  }

  @Test func evaluationGoesOnWithoutIt() throws {
    try Fixture.use { detector in
      let total = try detector.run(
        ["eval", "--voc", "data:train", "--run", "run", "--json", "whole.json"])
      #expect(total.status == 0, "\(total.errors)")
      let whole = try detector.json("whole.json")
      #expect(whole["unreadableImages"] == nil)
      let ids = try damage(detector)
      let part = try detector.run(
        ["eval", "--voc", "data:train", "--run", "run", "--json", "part.json"])
      #expect(part.status == 1)
      for id in ids { #expect(part.errors.contains("left out: "), "\(id)") }
      #expect(part.output.contains("2 more could not be read"))
      let json = try detector.json("part.json")
      #expect(json["unreadableImages"] as? Int == 2)
      let images = try #require(whole["images"] as? Int)
      #expect(json["images"] as? Int == images - 2)
      let notes = try #require(json["notes"] as? [String])
      #expect(notes.contains { $0.contains("2 × unreadable image") })
    }
  }

  @Test func shiftReportAndCalibrationGoOnToo() throws {
    try Fixture.use { detector in
      _ = try damage(detector)
      for arguments in [
        ["shift", "--run", "run", "--json", "x.json", "--severities", "0-1"],
        ["report", "run", "--out", "page.html", "--examples", "3"],
        ["calibrate", "--run", "run", "--allow-training-images", "--out", "map.json"],
      ] {
        let outcome = try detector.run(arguments + ["--voc", "data:train"])
        #expect(outcome.status == 1, "\(arguments[0]): \(outcome.errors)")
        #expect(outcome.errors.contains("left out: "), "\(arguments[0]): \(outcome.errors)")
        let file = arguments[arguments[0] == "shift" ? 4 : arguments[0] == "report" ? 3 : 5]
        #expect(
          FileManager.default.fileExists(atPath: detector.folder.appending(path: file).path),
          "\(arguments[0])")
      }
      #expect(try detector.json("x.json")["unreadableImages"] as? Int == 2)
    }
  }

  @Test func trainingGoesOnToo() throws {
    try Fixture.use { detector in
      _ = try damage(detector)
      let outcome = try detector.run([
        "train", "--voc", "data:train", "--validate", "data:train", "--model", "net.cfg",
        "--recipe", "darknet",
        "--epochs", "2", "--out", "new", "--json", "train.json",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("left out of the validation: "))
      let json = try detector.json("train.json")
      #expect(json["leftOutImages"] as? Int == 2 && json["replacedImages"] as? Int == 2)
    }
  }
}
