import Foundation
import TestSupport
import Testing

/// What users of keypoints get wrong ends in one clear line, before anything is written.
@Suite(.serialized) struct KeypointInputTests {
  private func use(_ body: (Program, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let folder = folder.resolvingSymlinksInPath()
      try KeypointFixture.write(to: folder)
      let detector = Program(folder: folder)
      try body(detector, String(decoding: detector.bytes("persons.json"), as: UTF8.self))
    }
  }

  private func train(_ detector: Program, _ data: String, _ more: String...) throws -> Outcome {
    let arguments = KeypointFixture.training(data, "net.cfg", epochs: 1) + ["--out", "new"]
    return try detector.run(arguments + more)
  }

  /// The last line of an error's output, which is the only one that names it; nothing was made.
  private func refusal(_ detector: Program, _ data: String) throws -> String {
    let outcome = try train(detector, data)
    #expect(outcome.status == 1 && outcome.output == "" && !detector.exists("new"))
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("Error: ") } == 1, "\(outcome.errors)")
    return lines.last.map(String.init) ?? ""
  }

  @Test func annotations() throws {
    try use { detector, text in
      let place = "Error: \(detector.folder.path)/bad.json: "
      func refused(_ old: String, _ new: String) throws -> String {
        #expect(text.contains(old))
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        try detector.write(Data(changed.utf8), to: "bad.json")
        return try refusal(detector, "bad.json")
      }
      #expect(
        try refused("\"flip\": [[0, 1]]", "\"flip\": [[0, 1], [1, 2]]")
          == place + "flip pair 1:2: a keypoint changes places with one other, and so it back")
      #expect(
        try refused("\"flip\": [[0, 1]]", "\"flip\": [[0, 7]]")
          == place + "flip[0]: expected two of the names")
      #expect(
        try refused("\"keypoints\": [[", "\"keypoints\": [[1, 1, 2], [")
          == place + "images[0].persons[0]: 4 keypoints, there are 3")
      #expect(
        try refused("\"nose tip\"]", "\"left eye\"]").contains("'left eye' is there twice"))
      #expect(try refused("keypoints 1", "keypoints 9").contains("format 'keypoints 9'"))
      #expect(try refused("\"persons\": [", "\"persons\": [{}, ").hasPrefix(place))
      // Nobody has a labelled joint.
      let blank = text.replacing(/\[[0-9.]+, [0-9.]+, [012]\]/, with: "[0, 0, 0]")
      try detector.write(Data(blank.utf8), to: "bad.json")
      #expect(try refusal(detector, "bad.json").contains("16 × no labelled keypoint"))
      // Centres are no joints.
      #expect(
        try refusal(detector, "dots.json").contains(
          "'0' has several centres of 'red', where keypoints that are there once each"))
    }
  }

  /// Data without pairs take those of the cfg away, and it is said.
  @Test func pairsOfTheCfgAlone() throws {
    try use { detector, text in
      let bare = text.replacing(
        "\"left eye\", \"right eye\", \"nose tip\"", with: "\"a\", \"b\", \"c\""
      )
      .replacing("\"flip\": [[0, 1]], \"skeleton\": [[0, 1], [1, 2]], ", with: "")
      #expect(bare != text && !bare.contains("flip"))
      try detector.write(Data(bare.utf8), to: "bare.json")
      let cfg = KeypointFixture.network("names=a,b,c\nflip=0:1\nsigmas=.1,.1,.1")
      try detector.write(Data(cfg.utf8), to: "net.cfg")
      let outcome = try train(detector, "bare.json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("note: flip=, sigmas= of [heatmap] in net.cfg left out: the data "),
        "\(outcome.errors)")
      // Data that say them are quiet.
      let quiet = try train(detector, "persons.json", "--overwrite")
      #expect(quiet.status == 0 && !quiet.errors.contains("left out: the data "))
    }
  }

  @Test func newerMATLABFiles() throws {
    try use { detector, _ in
      try detector.folder.write("lsp/images/im0001.png", "")
      var bytes = Data("MATLAB 7.3 MAT-file, Platform: GLNXA64".utf8)
      bytes += Data(repeating: 32, count: 124 - bytes.count) + Data([0, 2, 0x49, 0x4D])
      try detector.write(bytes + Data(count: 512), to: "lsp/joints.mat")
      let line = try refusal(detector, "lsp")
      #expect(line.contains("joints.mat: MATLAB's version 7.3, which is HDF5, is not read"))
    }
  }

  /// A batch of joints that all lie outside teaches nothing, and nothing becomes no number.
  @Test func batchesWithoutJoints() throws {
    try use { detector, text in
      let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
      let moved = parts.map { line in
        line.contains("\"split\": \"train\"")
          ? String(line).replacing(/\[[0-9.]+, [0-9.]+, [12]\]/, with: "[500.5, 500.5, 2]")
          : String(line)
      }
      try detector.write(Data(moved.joined(separator: "\n").utf8), to: "outside.json")
      let outcome = try train(detector, "outside.json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let log = String(decoding: try detector.bytes("new/log.csv"), as: UTF8.self)
      #expect(!log.lowercased().contains("nan") && log.contains("training,"))
      let found = try detector("predict", "--run", "new", "images/1.png")
      #expect(found.status == 0 && !found.output.contains("nan"))
    }
  }

  /// Torsos without length divide nothing: another reference is taken, or the note says it.
  @Test func torsosWithoutLength() throws {
    try use { detector, text in
      let named = text.replacing(
        "\"left eye\", \"right eye\", \"nose tip\"",
        with: "\"left_shoulder\", \"right_hip\", \"nose\""
      ).replacing(/\[\[([0-9.]+), ([0-9.]+), [12]\], \[[0-9.]+, [0-9.]+, 2\]/) { match in
        "[[\(match.1), \(match.2), 2], [\(match.1), \(match.2), 2]"
      }
      try detector.write(Data(named.utf8), to: "flat.json")
      let trained = try train(detector, "flat.json")
      try #require(trained.status == 0, "\(trained.errors)")
      let judged = try detector("eval", "--run", "new", "--bootstrap", "0")
      #expect(judged.status == 0 && judged.output.contains("reference longer side of the box"))
      let torso = try detector(
        "eval", "--run", "new", "--bootstrap", "0", "--pck-reference", "torso")
      #expect(torso.output.contains("16 of 16 persons have no reference length"))
      #expect(!torso.output.contains("nan"))
    }
  }

  @Test func modelsAndOptionsOfOtherTasks() throws {
    try KeypointFixture.use { detector in
      try KeypointFixture.write(to: detector.folder)
      func expect(_ message: String, _ status: Int32, _ arguments: String...) throws {
        let outcome = try detector.run(arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(outcome.errors.contains("Error: " + message), "\(arguments): \(outcome.errors)")
      }
      try expect(
        "run/model.cfg is made for keypoints; detection is needed here", 1, "detect", "--run",
        "run", "images/1.png")
      for (option, value) in [("--metric", "coco"), ("--ood", "images"), ("--risk", "0.5")] {
        try expect(
          "\(option) is not for keypoints, which is what this network finds", 64, "eval", "--run",
          "run", option, value)
      }
      try expect(
        "--peak-radius is not for joints, which is what this network finds", 64, "eval", "--run",
        "run", "--peak-radius", "3")
      try expect(
        "--iou is not for keypoints, which is what this network finds", 64, "calibrate", "--run",
        "run", "--iou", "0.6")
      try expect(
        "--thresholds is for networks of objects: each joint is there once", 64, "calibrate",
        "--run", "run", "--thresholds", "f1")
      try expect(
        "--top is not for keypoints, which is what this network finds", 64, "predict", "--run",
        "run", "--top", "3", "images/1.png")
      try expect(
        "--iou is not for keypoints, which is what this network finds", 64, "report", "run",
        "--out", "page.html", "--iou", "0.6")
      try expect(
        "--nms is not for keypoints, which is what this network finds", 64, "select", "images",
        "--run", "run", "--budget", "1", "--out", "chosen", "--nms", "0.3")
      try expect(
        "--opacity is not for keypoints, which is what this network finds", 64, "uncertainty",
        "images/1.png", "--run", "run", "--out", "maps", "--opacity", "0.3")
      // A sheet beside the photos that it is of does not take the place of one.
      let photo = try detector.bytes("images/1.png")
      let sheets = try detector(
        "uncertainty", "images/1.png", "--run", "run", "--kind", "heat", "--out", "images")
      #expect(sheets.status == 0, "\(sheets.errors)")
      #expect(try detector.bytes("images/1.png") == photo)
      #expect(try !detector.bytes("images/1-maps.png").isEmpty)
      try expect(
        "--box-class needs --boxes", 64, "predict", "--run", "run", "--box-class", "a", "x")
      try expect(
        "--pck 0.2,x: numbers above 0, separated by commas, are needed", 64, "eval", "--run", "run",
        "--pck", "0.2,x")
      try expect(
        "--pck-reference of is none of torso", 64, "eval", "--run", "run", "--pck-reference", "of")
      // Other keypoints than the network's, and none of its names.
      let text = String(decoding: try detector.bytes("persons.json"), as: UTF8.self)
      let other = text.replacing(
        "\"left eye\", \"right eye\", \"nose tip\"", with: "\"a\", \"b\", \"c\"")
      try detector.write(Data(other.utf8), to: "other.json")
      try expect(
        "\(detector.folder.path)/other.json: keypoint JSON has the keypoints a, b, c, where left eye, "
          + "right eye, nose tip are needed", 1, "eval", "--run", "run", "--data", "other.json")
      try expect(
        "net.cfg: pictures of one person each cannot be mixed; leave out mosaic, mixup and cutmix",
        1,
        "train", "--data", "persons.json", "--model", "net.cfg", "--set", "net.mosaic=1",
        "--epochs",
        "1", "--out", "new")
      // A file that says nothing of the image.
      try detector.write(Data("{\"images\": []}".utf8), to: "boxes.json")
      try expect(
        "boxes.json: says nothing of images/1.png", 1, "predict", "--run", "run", "images/1.png",
        "--boxes", "boxes.json")
      try expect(
        "missing.json: cannot be read", 1, "predict", "--run", "run", "images/1.png", "--boxes",
        "missing.json")
      #expect(!detector.exists("new"))
      #expect(detector.exists("run/best.safetensors"))
    }
  }
}
