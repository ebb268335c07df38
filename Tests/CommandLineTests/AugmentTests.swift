import Foundation
import Testing

/// `--augment`: several views of every image.
@Suite struct AugmentTests {
  @Test func evalSaysWhatItWasEvaluatedWith() throws {
    try Fixture.use { detector in
      let plain = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--map-only", "--bootstrap", "0", "--json",
        "plain.json")
      #expect(plain.status == 0 && !plain.output.contains("augment"), "\(plain.errors)")
      let views = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--map-only", "--bootstrap", "0", "--json",
        "views.json", "--augment", "flip,0.75,1.25", "--save-detections", "found.json")
      #expect(views.status == 0, "\(views.errors)")
      let settings = try #require(try detector.json("views.json")["settings"] as? [String: String])
      // 64 · 0.75 and 64 · 1.25, the stride being 8: 2 (1 + 0.75² + 1.25²) times the pixels.
      let text = "6 views (64x64, 48x48, 80x80, each also mirrored), about 6.2 times the work"
      #expect(settings["augment"] == text)
      #expect(views.output.contains("augment " + text) && views.errors.contains(text))
      #expect(try detector.bytes("run/eval.json") == detector.bytes("views.json"))
      let other = try #require(try detector.json("plain.json")["settings"] as? [String: String])
      #expect(other["augment"] == nil)
      // A run that it is compared with is looked at in the same way.
      let same = try detector(
        "eval", "--voc", "data:test", "--run", "run", "--map-only", "--augment", "flip",
        "--bootstrap", "20", "--against", "run")
      #expect(same.status == 0 && same.output.contains("0.00"), "\(same.errors)")
    }
  }

  @Test func detectAndTheOthersTakeIt() throws {
    try Fixture.use { detector in
      func found(_ options: String...) throws -> (NSArray, String) {
        let outcome = try detector.run(
          ["detect", "data/JPEGImages", "--run", "run", "--confidence", "0.01", "--json", "d.json"]
            + options)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return (
          try #require(try detector.json("d.json")["images"] as? NSArray), outcome.errors
        )
      }
      let plain = try found()
      let flipped = try found("--augment", "flip")
      #expect(plain.0 != flipped.0)
      #expect(flipped.1.contains("; 2 views (64x64 and mirrored), about 2.0 times the work"))
      #expect(flipped.0 == (try found("--augment", "flip,1.01")).0)
      #expect(flipped.0 == (try found("--augment", "flip", "--threads", "1")).0)
      for arguments in [
        ["calibrate", "--allow-training-images", "--floor", "0.001", "--out", "map.json"],
        ["shift", "--corruptions", "blur", "--severities", "1", "--bootstrap", "0"],
        ["report", "run", "--out", "page.html", "--bootstrap", "10", "--examples", "2"],
      ] {
        let run = arguments[0] == "report" ? [] : ["--run", "run"]
        let outcome = try detector.run(
          arguments + run + ["--voc", "data:trainval", "--augment", "flip"])
        #expect(outcome.status == 0, "\(arguments[0]): \(outcome.errors)")
        #expect(outcome.errors.contains("; 2 views"), "\(arguments[0]): \(outcome.errors)")
      }
      let page = String(decoding: try detector.bytes("page.html"), as: UTF8.self)
      #expect(page.contains("2 views (64x64 and mirrored)"))
      let chosen = try detector(
        "select", "data/JPEGImages", "--run", "run", "--score", "entropy", "--budget", "3", "--out",
        "next", "--augment", "0.75")
      #expect(chosen.status == 0 && chosen.errors.contains("2 views (64x64, 48x48)"))
    }
  }

  @Test(arguments: [
    (
      "mirror",
      "--augment: there is no view 'mirror'; it takes flip, scales and numbers such as 0.75, separated by commas"
    ),
    (
      "flip,",
      "--augment: there is no view ''; it takes flip, scales and numbers such as 0.75, separated by commas"
    ),
    ("flip,8", "--augment: the scale 8 is not between 0.25 and 4.0"),
    ("nan", "--augment: the scale nan is not between 0.25 and 4.0"),
    ("1", "--augment: the scale 1 is the picture as it is; name flip, or other scales"),
  ]) func wrongViewsAreNamed(_ views: String, _ message: String) throws {
    try Fixture.use { detector in
      for command in [["detect", "a.jpg"], ["eval", "--voc", "data"]] {
        let outcome = try detector.run(command + ["--run", "run", "--augment", views])
        #expect(outcome.status == 64 && outcome.errors.hasPrefix("Error: \(message)\n"))
      }
    }
  }

  @Test func whatHasNoViewsIsRefused() throws {
    try Fixture.use { detector in
      let files = try detector(
        "eval", "--voc", "data", "--detections", "d.json", "--augment", "flip")
      #expect(
        files.status == 64
          && files.errors.hasPrefix(
            "Error: --augment needs a model: --detections are what was found already\n")
      )
      let same = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--run", "run", "--augment", "1.01")
      #expect(
        same.status == 64
          && same.errors.hasPrefix(
            "Error: --augment: at an input of 64x64 with a stride of 8 pixels every view is the picture as"
              + " it is; take scales that are further from 1, or flip\n"),
        "\(same.errors)")
      let maps = try detector(
        "uncertainty", "data/JPEGImages", "--run", "run", "--out", "maps", "--augment", "flip")
      #expect(maps.status == 64 && maps.errors.contains("Unknown option '--augment'"))
      let classifier = """
        [net]
        width=8
        height=8
        channels=3
        [convolutional]
        filters=4
        size=3
        pad=1
        activation=leaky
        [avgpool]
        [convolutional]
        filters=4
        size=1
        activation=linear
        [softmax]
        """
      try detector.write(Data(classifier.utf8), to: "classes.cfg")
      // Header (0.2.0, nothing seen), 4 + 4·27 and 4 + 16 numbers.
      try detector.write(
        Data([0, 0, 0, 0, 2, 0, 0, 0] + [UInt8](repeating: 0, count: 12 + 4 * 132)), to: "c.weights"
      )
      let classes = try detector(
        "detect", "data/JPEGImages/000001.jpg", "--model", "classes.cfg", "--weights", "c.weights",
        "--augment", "flip")
      #expect(classes.status == 64 && classes.errors.contains("ask it with detector predict"))
    }
  }
}
