import Foundation
import Testing

/// What users get wrong ends in one clear line and exit code 1.
@Suite struct BadInputTests {
  private let image = "data/JPEGImages/000001.jpg"

  @Test func damagedWeights() throws {
    try Fixture.use { detector in
      let weights = try detector.bytes("net.weights")
      #expect(weights.count == 62680)
      func expect(_ message: String, for data: Data) throws {
        try detector.write(data, to: "bad.weights")
        try detector.expectError(
          message, "detect", image, "--model", "net.cfg", "--weights", "bad.weights")
      }
      try expect(
        "bad.weights: ends inside layer 1 ([convolutional], line 19 of the cfg), which needs 18944 "
          + "bytes where 8020 are left (10024 bytes; the cfg asks for 62680): the file is "
          + "truncated or belongs to another cfg", for: weights.prefix(10024))
      try expect(
        "bad.weights: 4 bytes are left over after the last layer (62684 bytes; the cfg asks for "
          + "62680): the file belongs to another cfg", for: weights + Data([1, 2, 3, 4]))
      var notFinite = weights
      notFinite.replaceSubrange(24..<28, with: [0, 0, 0xC0, 0x7F])
      try expect(
        "bad.weights: biases of layer 0 ([convolutional], line 11 of the cfg) has the value nan at "
          + "1: the training that wrote it had diverged, or the file belongs to another cfg",
        for: notFinite)
      let other = Fixture.network.replacingOccurrences(of: "classes=6", with: "classes=4")
      try detector.write(
        Data(other.replacingOccurrences(of: "filters=33", with: "filters=27").utf8), to: "4.cfg")
      try detector.expectError(
        "net.weights: holds weights for 6 classes, 4.cfg is for another number; take the cfg that "
          + "belongs to it", "convert", "--model", "4.cfg", "--weights", "net.weights", "--out",
        "4.weights")
      try detector.expectError(
        "none.weights: no such file", "detect", image, "--model", "net.cfg", "--weights",
        "none.weights")
    }
  }

  @Test func configurations() throws {
    try Fixture.use { detector in
      let typo = Fixture.network.replacingOccurrences(of: "stride=2", with: "strde=2")
      try detector.write(Data(typo.utf8), to: "typo.cfg")
      let message = "typo.cfg:15: unknown key strde= in [convolutional]; did you mean stride=?"
      try detector.expectError(message, "summary", "typo.cfg")
      try detector.expectError(
        message, "detect", image, "--model", "typo.cfg", "--weights", "net.weights")
      try detector.expectError(message, "train", "--voc", "data", "--model", "typo.cfg")
      try detector.expectError("none.cfg: no such file", "summary", "none.cfg")
      try detector.expectError(
        "net.cfg:40: an input width of 100 is not a multiple of 8, the stride of [yolo]; 104 is",
        "bench", "--model", "net.cfg", "--size", "100")
      let headless = try #require(Fixture.network.components(separatedBy: "[yolo]").first)
      try detector.write(Data(headless.utf8), to: "headless.cfg")
      try detector.expectError(
        "headless.cfg has no loss to train with: no [yolo], [region] or [heatmap], and no [softmax] or "
          + "[logistic] over classes at its end", "bench", "--model", "headless.cfg", "--mode",
        "training")
    }
  }

  @Test func damagedData() throws {
    try Fixture.use { detector in
      let annotation = "data/Annotations/000002.xml"
      let photo = "data/JPEGImages/000003.jpg"
      for name in [annotation, photo] {
        let bytes = try detector.bytes(name)
        try detector.write(bytes.prefix(bytes.count / 2), to: name)
      }
      let check = try detector("check", "--voc", "data")
      #expect(check.status == 1 && check.errors == "")
      let root = detector.folder.path + "/"
      let lines = check.output.split(separator: "\n")
      #expect(
        lines.contains {
          $0.wholeMatch(of: /.*\/000002\.xml:\d+: malformed annotation: .*/) != nil
            && $0.hasPrefix(root + annotation)
        }, "\(check.output)")
      #expect(
        lines.contains(
          "\(root)\(photo): unreadable image: truncated or corrupt JPEG: Premature end of JPEG "
            + "file; fetch it again"), "\(check.output)")
      #expect(check.output.contains("2 problems:\n"))
      // Training goes on with the rest and says what it leaves out.
      let training = try detector.run(Fixture.training(epochs: 1) + ["--out", "rest"])
      #expect(training.status == 0, "\(training.errors)")
      #expect(training.errors.contains("1 × malformed annotation"))

      // So does detection, with exit code 1.
      let detection = try detector("detect", photo, image, "--run", "run", "--json", "d.json")
      #expect(detection.status == 1)
      #expect(
        detection.errors.contains(
          "Error: \(root)\(photo): truncated or corrupt JPEG: Premature end of JPEG file; fetch it "
            + "again\n"), "\(detection.errors)")
      #expect(detection.errors.hasSuffix("1 of 2 images could not be read\n"))
      #expect((try detector.json("d.json")["images"] as? [Any])?.count == 1)
    }
  }

  @Test func missingAndEmptyFolders() throws {
    try Fixture.use { detector in
      let empty = detector.folder.appending(path: "empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: false)
      try detector.expectError(
        "empty: no image file (.jpg, .png, .bmp, .tif, .webp) in this folder", "detect", "empty",
        "--run", "run")
      try detector.expectError(
        "none.jpg: no such file or folder", "detect", "none.jpg", "--run", "run")
      let layouts =
        ": no VOC annotations; expected Annotations and JPEGImages, annotations and images, XML "
        + "files beside images, or a VOCdevkit of such folders"
      for command in [["check"], ["anchors"], ["eval", "--run", "run"]] {
        let outcome = try detector.run(command + ["--voc", "empty"])
        #expect(outcome.errors.hasSuffix("Error: \(empty.path)\(layouts)\n"), "\(command)")
        #expect(outcome.status == 1)
      }
      try detector.expectError(
        "\(empty.path)\(layouts)", "train", "--voc", "empty", "--model", "net.cfg")
      try detector.expectError(
        "\(detector.folder.path)/none: no such folder; give PATH or PATH:SPLIT", "check", "--voc",
        "none")
      try detector.expectError(
        "\(detector.folder.path)/data: no split 'extra'; there is all, test, train, trainval, val",
        "check", "--voc", "data:extra")
      try detector.expectError(
        "none: holds no best.safetensors or last.safetensors; is it a run?", "detect", image,
        "--run", "none")
      try detector.expectError(
        "empty holds no last.safetensors to continue from; leave out --resume to start a run",
        "train", "--resume", "--out", "empty")
      try detector.expectError(
        "run is not empty; continue that run with --resume or give another --out", "train",
        "--voc", "data", "--model", "net.cfg", "--out", "run")
    }
  }

  @Test func divergingTrainingKeepsTheLastFiniteWeights() throws {
    try Fixture.use { detector in
      let outcome = try detector.run(
        Fixture.training(epochs: 9) + [
          "--learning-rate", "1e30", "--burn-in", "0", "--out", "wild", "--json", "t.json",
        ])
      #expect(outcome.status == 1)
      let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      try #require(errors.count == 1, "\(outcome.errors)")
      #expect(
        errors[0].contains(
          /(loss|gradient) is not finite in iteration \d+; the last finite checkpoint is kept/
        ))
      #expect(errors[0].contains(/images: \d{6}(, \d{6}){3}$/), "\(errors)")
      #expect(try detector("detect", image, "--run", "wild").status == 0)
    }
  }

  // Below a regular file nothing can be written, not even by root.
  @Test func unwritablePlaces() throws {
    try Fixture.use { detector in
      let place = "net.cfg/x"
      let made = "\(place): cannot be made: Not a directory"
      let written = "\(place): cannot be written: Not a directory"
      let detect = ["detect", image, "--run", "run"]
      for (arguments, message) in [
        (detect + ["--out", place], made), (detect + ["--voc-out", place], made),
        (detect + ["--json", place], written),
        (["train", "--voc", "data", "--model", "net.cfg", "--out", place], made),
        (["train", "--voc", "data", "--model", "net.cfg", "--json", place], written),
        (["eval", "--voc", "data", "--run", "run", "--json", place], written),
        (["eval", "--voc", "data", "--run", "run", "--plots", place], made),
        (["convert", "--run", "run", "--out", place], written),
        (["bench", "--model", "net.cfg", "--json", place], written),
      ] {
        let outcome = try detector.run(arguments)
        #expect(outcome.errors.hasSuffix("Error: \(message)\n"), "\(arguments)")
        #expect(outcome.status == 1 && outcome.output == "", "\(arguments)")
      }
      try detector.expectError(
        "data/JPEGImages: the picture of \(image) would replace it; give another folder", "detect",
        image, "--run", "run", "--out", "data/JPEGImages")
    }
  }
}
