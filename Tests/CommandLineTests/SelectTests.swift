import Foundation
import Testing

/// `detector select` as a user runs it; what it chooses is tested without the program.
@Suite struct SelectTests {
  @Test func withoutAScoreItTakesTheOneThatWorks() throws {
    try Fixture.use { detector in
      func select(_ options: String...) throws -> Outcome {
        try detector.run(
          [
            "select", "data/JPEGImages", "--run", "run", "--budget", "2", "--out", "chosen",
            "--confidence", "0",
          ] + options)
      }
      func score() throws -> String? {
        (try detector.json("chosen/selected.json")["settings"] as? [String: Any])?["score"]
          as? String
      }
      let unknown = try select()
      #expect(
        unknown.errors.contains(
          "scored by the entropy of the confidence: it is not known which score tells wrong detections; "
            + "detector calibrate --run run finds out what does\n"), "\(unknown.errors)")
      #expect(try score() == "entropy")
      let missing = try select("--score", "probability")
      #expect(missing.status == 64 && missing.errors.contains("there is no probability.json"))
      let fit = try detector(
        "calibrate", "--voc", "data:trainval", "--run", "run", "--allow-training-images", "--floor",
        "0.001")
      try #require(fit.status == 0, "\(fit.errors)")
      let file = detector.folder.appending(path: "run/probability.json")
      var json = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      let areas = try #require((json["telling"] as? [String: Any])?["areas"] as? [String: Double])
      #expect(Set(areas.keys) == ["confidence", "probability"])
      // Whatever it came to here: the larger one is taken.
      for (best, name, words) in [
        ("confidence", "entropy", "the entropy of the confidence"),
        ("probability", "probability", "the entropy of the probability of being right"),
      ] {
        var areas = ["confidence": 0.7, "probability": 0.7, "bald": 0.25]
        areas[best] = 0.812
        json["telling"] = ["areas": areas]
        try JSONSerialization.data(withJSONObject: json).write(to: file)
        let known = try select()
        #expect(known.status == 0, "\(known.errors)")
        #expect(try score() == name)
        #expect(
          known.errors.contains(
            "scored by \(words): of 16 images (run/probability.json) wrong detections were told with an AUROC "
              + "of 1 - "), "\(known.errors)")
        #expect(known.errors.contains("81.2") && known.errors.contains("BALD 25.0 %\n"))
      }
    }
  }

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
        "select", "data/JPEGImages", "--run", "run", "--budget", "2", "--out", "bald", "--score",
        "bald")
    }
  }
}
