import Foundation
import Testing

/// The same of VOC's and YOLO's files.
@Suite struct WrongTextFilesTests {
  private let voc = ["--voc", "voc"]
  private let yolo = ["--yolo", "labels", "--images", "voc/JPEGImages", "--names", "names.txt"]

  @Test func vocDetections() throws {
    let a = "comp4/comp4_det_val_a.txt"
    let b = "comp4/comp4_det_val_b.txt"
    func refused(_ change: InputCase.Change, _ message: String) -> InputCase {
      InputCase(a, change, "comp4_det_val_a.txt" + message)
    }
    try InputCase.expectErrors(
      voc, "comp4",
      [
        refused(
          .end("zz 0.5 1 1 9 9\n"),
          ":4: image 'zz' is not in the evaluated split; evaluate the split that the detections were"
            + " made on"),
        refused(
          .end("i1 0.5 30 30 20 40\n"),
          ":4: the corners (30, 30) and (20, 40) are the wrong way round; expected 'image score xmin"
            + " ymin xmax ymax'"),
        refused(.end("i1 nan 1 1 9 9\n"), ":4: 'nan' is not a finite number"),
        refused(.end("i1 0.5 1 1 inf 9\n"), ":4: 'inf' is not a finite number"),
        refused(
          .end("i1 0.5 1 9 9\n"), ":4: 5 fields, expected 'image score xmin ymin xmax ymax'"),
        InputCase(
          "comp4/comp4_det_val_c.txt", .end(""),
          "comp4_det_val_c.txt: the name ends in none of the evaluated classes, expected"
            + " comp4_det_test_<class>.txt; a names file gives classes that the split lacks"),
        InputCase(
          "comp4/comp4_det_test_b.txt", .end("i4 0.5 1 1 9 9\n"),
          "FOLDER/comp4: comp4_det_test_b.txt and comp4_det_val_b.txt both hold class 'b'; keep those"
            + " of one split"),
      ])
    try InputCase.expectNotes(
      voc, "comp4",
      [
        InputCase(
          b, .remove, "no detection file for 1 of 2 classes (b): their 2 objects count as missed"),
        InputCase(b, .all(""), "the detection files say nothing about 1 of 4 images (first: 'i4')"),
        InputCase(
          a, .end("i1 0.5 65 30 80 40\n"),
          "1 of 6 detections outside the image: it counts as wrong (image 'i1', a 0.5 (64, 29, 80, 40))"
        ),
        // One pixel less than a box of one pixel.
        InputCase(a, .end("i1 0.5 30 30 29 40\n"), "1 of 6 detections with a box without area"),
        InputCase(a, .end("i1 95 30 30 40 40\n"), "1 of 6 detections with a confidence outside"),
        InputCase(a, .end("i1 0.9 9 9 32 32\n"), "1 of 6 detections listed twice"),
      ])
    try InputCase.expectNotes(
      voc, a,
      [
        InputCase(
          a, .end(""), "no detection file for 1 of 2 classes (b): their 2 objects count as missed")
      ])
  }

  @Test func yoloDetections() throws {
    let file = "yolo/i1.txt"
    func refused(_ line: String, _ message: String) -> InputCase {
      InputCase(file, .end(line), "i1.txt:2: " + message)
    }
    try InputCase.expectErrors(
      voc, "yolo",
      [
        refused("7 .5 .5 .1 .1 .5\n", "'7' is not a class index below 2"),
        refused("1.0 .5 .5 .1 .1 .5\n", "'1.0' is not a class index below 2"),
        refused(
          "1 50 .5 .1 .1 .5\n",
          "'50' is no share of the image's size, which x, y, width and height are"),
        refused("1 .5 .5 -.1 .1 .5\n", "a width or height is negative: '-.1', '.1'"),
        refused("1 .5 .5 .1 .1 nan\n", "'nan' is not a finite number"),
        refused("1 .5 .5 .1 .1\n", "5 fields, expected 'class x y width height confidence'"),
        InputCase(
          "yolo/zz.txt", .end(""),
          "zz.txt: image 'zz' is not in the evaluated split; evaluate the split that the detections"
            + " were made on"),
      ])
    try InputCase.expectNotes(
      voc, "yolo",
      [
        InputCase(
          file, .remove,
          "the detection files say nothing about 1 of 4 images (first: 'i1'): nothing counts as found"
            + " there"),
        InputCase(file, .end("1 .5 .5 0 .1 .5\n"), "1 of 6 detections with a box without area"),
        InputCase(file, .end("1 1.2 .5 .1 .1 .5\n"), "1 of 6 detections outside the image"),
        InputCase(file, .end("1 .5 .5 .1 .1 95\n"), "1 of 6 detections with a confidence outside"),
        InputCase(file, .end("0 .3125 .3125 .375 .375 .9\n"), "1 of 6 detections listed twice"),
      ])
  }

  @Test func yoloLabels() throws {
    let file = "labels/i1.txt"
    func refused(_ line: String, _ message: String) -> InputCase {
      InputCase(file, .end(line), "i1.txt:2: " + message)
    }
    try InputCase.expectErrors(
      yolo, "ours.json",
      [
        refused("7 .5 .5 .1 .1\n", "'7' is not a class index below 2"),
        refused(
          "1 .5 .5 40 .1\n",
          "'40' is no share of the image's size, which x, y, width and height are"),
        refused("1 .5 .5 .1 -.1\n", "a width or height is negative: '.1', '-.1'"),
        refused("1 .5 nan .1 .1\n", "'nan' is not a finite number"),
        refused("1 .5 .5 .1 .1 .9\n", "6 fields, expected 'class x y width height'"),
        InputCase("labels/zz.txt", .end(""), "labels/zz.txt: no image of this name in --images"),
        InputCase(
          "voc/JPEGImages/i1.png", .end(""),
          "labels/i1.txt: two images have this name: i1.jpg and i1.png"),
      ])
    try InputCase.expectNotes(
      yolo, "yolo",
      [
        InputCase(file, .end("1 1.2 .5 .1 .1\n"), "1 of 6 objects outside the image"),
        InputCase(file, .end("1 .5 .5 0 .1\n"), "1 of 6 objects with a box without area"),
        InputCase(file, .end("0 .3125 .3125 .375 .375\n"), "1 of 6 objects annotated twice"),
        InputCase(
          "voc/JPEGImages/i5.jpg", .end(""),
          "1 of 5 images have no file in labels (first: 'i5') and are left out; an empty file says"
            + " that there is nothing in an image"),
      ])
  }

  @Test func vocAnnotations() throws {
    let list = "voc/ImageSets/Main/val.txt"
    let xml = "voc/Annotations/i1.xml"
    let unknown =
      "ours.json: images[0]: image 'i1' is not in the evaluated split; evaluate the split that the"
      + " detections were made on"
    // The line above says that the image was left out, and why.
    try InputCase.expectErrors(
      voc, "ours.json",
      [
        InputCase(xml, .remove, unknown), InputCase(xml, .all("<annotation>"), unknown),
        InputCase("voc/JPEGImages/i1.jpg", .remove, unknown),
        InputCase(list, .all("i2\ni3\ni4\n"), unknown),
      ])
    try InputCase.expectNotes(
      voc, "comp4",
      [
        InputCase(
          list, .end("i2\n"),
          "left out of the data: 1 × duplicate entry (FOLDER/\(list):5: 'i2' is listed twice)"),
        InputCase(
          list, .end("i9\n"),
          "left out of the data: 1 × missing annotation (FOLDER/\(list):5: no annotation of 'i9')"),
        InputCase(xml, .swap("<xmax>32", "<xmax>3"), "left out of the data: 1 × box without area"),
        InputCase(xml, .swap("<xmax>32", "<xmax>nan"), "left out of the data: 1 × invalid object"),
        InputCase(xml, .swap("<xmax>32", "<xmax>99"), "1 of 5 objects reaching out of the image"),
      ])
  }

  /// A map that is fitted says the same about what it is fitted to.
  @Test func calibration() throws {
    let calibrate = ["calibrate", "--out", "map.json"]
    let a = "comp4/comp4_det_val_a.txt"
    try InputCase.expectErrors(
      voc, "comp4",
      [
        InputCase(
          a, .end("i1 95 1 1 9 9\n"),
          "no recalibration can be fitted: a confidence is not between 0 and 1"),
        InputCase(
          a, .end(""),
          "no recalibration can be fitted: it takes right and wrong detections with confidence from"
            + " 0.05 on"),
        InputCase(
          a, .end("i1 nan 1 1 9 9\n"), "comp4_det_val_a.txt:4: 'nan' is not a finite number"),
      ], command: calibrate)
    try InputCase.expectNotes(
      voc, "comp4",
      [
        InputCase(
          a, .end("i1 0.5 65 30 80 40\n"), "1 of 6 detections outside the image: it counts as wrong"
        ),
        InputCase(
          a, .all("i2 0.3 1 1 9 9\n"), "the detection files say nothing about 2 of 4 images"),
      ], command: calibrate)
    try InputCase.expectErrors(
      voc, "comp4",
      [
        InputCase(
          "map.json", .end(""), "map.json: not valid JSON: line 1, column 1: the file is empty"),
        InputCase("map.json", .end("{}"), "map.json: no key \"method\""),
      ], command: ["eval", "--calibration", "map.json"])
  }

  /// Data of other classes than a model's give no number; data of which a part is missing say so.
  @Test func modelsOnOtherData() throws {
    try Fixture.use { detector in
      try EvaluationFiles.write(for: detector)
      let place = detector.folder.path + "/voc/Annotations/i1.xml"
      for command in [
        ["eval", "--run", "run"], ["shift", "--run", "run"], ["calibrate", "--run", "run"],
        ["report", "run", "--out", "r.html"],
      ] {
        let outcome = try detector.run(command + ["--voc", "voc"])
        #expect(outcome.status == 1 && outcome.output == "", "\(command)")
        #expect(
          outcome.errors.hasSuffix(
            "Error: \(place): none of the 5 annotated objects is of a known class ('a' is not in the list"
              + " of classes); these are data for another model\n"), "\(command): \(outcome.errors)"
        )
      }
      try FileManager.default.removeItem(
        at: detector.folder.appending(path: "data/JPEGImages/000003.jpg"))
      let missing = detector.folder.path + "/data/Annotations/000003.xml: no image '000003'"
      let shift = try detector(
        "shift", "--run", "run", "--voc", "data:all", "--severities", "0", "--bootstrap", "0")
      #expect(shift.output.contains("left out of the data 1 × missing image (\(missing))"))
      let evaluation = try detector(
        "eval", "--run", "run", "--voc", "data:all", "--bootstrap", "0", "--map-only")
      #expect(
        evaluation.output.contains("note: left out of the data: 1 × missing image (\(missing))"))
      #expect(evaluation.output.contains("19 images"))
    }
  }
}
