import Foundation
import Testing

/// `detector select` as a user runs it; what it chooses is tested without the program.
@Suite struct SelectTests {
  @Test func writesItsFilesAndNamesUnreadableImages() throws {
    try Fixture.use { detector in
      // Few detections of the barely trained network are confident: all are asked for.
      let select = [
        "select", "data/JPEGImages", "--run", "run", "--budget", "2", "--out", "chosen", "--score",
        "entropy", "--confidence", "0", "--class-confidence", "0",
      ]
      let outcome = try detector.run(select)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("model: run/best.safetensors"))
      #expect(
        outcome.output.wholeMatch(
          of: /(\d  \d\.\d{4}  data\/JPEGImages\/\d{6}\.jpg  \(.*\)\n){2}chosen 2 of 20 .*\n/)
          != nil,
        "\(outcome.output)")
      let chosen = String(decoding: try detector.bytes("chosen/selected.txt"), as: UTF8.self)
        .split(separator: "\n")
      #expect(chosen.count == 2 && chosen.allSatisfy { detector.exists(String($0)) })
      let json = try detector.json("chosen/selected.json")
      #expect((json["images"] as? [Any])?.count == 20)
      #expect((json["settings"] as? [String: Any])?["score"] as? String == "entropy")
      #expect(
        try detector.bytes("chosen/contact-sheet.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))

      try detector.write(Data("no image".utf8), to: "bad.jpg")
      let damaged = try detector.run(select + ["--quiet", "--labelled", "bad.jpg"])
      #expect(damaged.status == 1 && damaged.output == "")
      #expect(damaged.errors.contains("bad.jpg: neither JPEG, PNG, BMP, TIFF nor WebP"))
      #expect(damaged.errors.hasSuffix("1 of 21 images could not be read\n"))
      let both = try detector.run(select + ["--labelled", "old", "--keep-copies"])
      #expect(both.status == 64 && both.errors.contains("--labelled leaves out copies"))
      try detector.expectError(
        "run/model.cfg: no [yolo] section has uncertainty=, so the model cannot say how certain it is; "
          + "--relative-variance makes the heads of a weights file Bayesian; or choose by --score "
          + "entropy",
        "select", "data/JPEGImages", "--run", "run", "--budget", "2", "--out", "bald")
    }
  }
}
