import Foundation
import Testing

/// Annotations and detections that are wrong, or allowed but seldom meant, in every format: an error
/// that names the place, or a number with a note of what stands behind it.
@Suite struct WrongDetectionsTests {
  private static let voc = ["--voc", "voc"]
  private static let coco = ["--coco", "coco.json"]
  private static let yolo = [
    "--yolo", "labels", "--images", "voc/JPEGImages", "--names", "names.txt",
  ]

  @Test func nothingIsSaidOfWhatIsRight() throws {
    try Fixture.use { detector in
      try EvaluationFiles.write(for: detector)
      for (truth, files) in [
        (Self.voc, ["ours.json", "comp4", "yolo"]), (Self.yolo, ["ours.json", "comp4", "yolo"]),
        (Self.coco, ["ours.json", "comp4", "yolo", "results.json"]),
      ] {
        for file in files {
          let result = try detector.run(
            ["eval", "--map-only", "--bootstrap", "0", "--json", "e.json"] + truth
              + ["--detections", file])
          #expect(result.status == 0 && result.errors == "", "\(truth) \(file): \(result.errors)")
          #expect(!result.output.contains("note"), "\(truth) \(file): \(result.output)")
          let json = try detector.json("e.json")
          let metrics = try #require(json["metrics"] as? [String: [String: Any]])
          #expect(metrics["voc12"]?["mAP"] as? Double == 1)
          #expect(json["notes"] == nil)
        }
      }
    }
  }

  @Test func ourJSON() throws {
    let file = "ours.json"
    let first = "\"confidence\": 0.9, \"box\": [8, 8, 24, 24]"
    try InputCase.expectErrors(
      Self.voc, file,
      [
        InputCase(
          file, .swap("\"i2\"", "\"zz\""),
          "ours.json: images[1]: image 'zz' is not in the evaluated split; evaluate the split that"
            + " the detections were made on"),
        InputCase(
          file, .swap("\"class\": \"b\"", "\"class\": \"c\""),
          "ours.json: images[1].detections[0]: class 'c' is not among the evaluated classes; check"
            + " the spelling in the names file"),
        InputCase(
          file, .swap("\"class\": \"b\"", "\"class\": \"B\""),
          "ours.json: images[1].detections[0]: class 'B' is not among the evaluated classes; did you"
            + " mean 'b'?"),
        InputCase(
          file, .swap("\"i2\"", "\"i1.jpg\""),
          "ours.json: images[1]: image 'i1.jpg' is listed twice; keep one list of detections per"
            + " image"),
        InputCase(
          file, .swap(first, "\"confidence\": 0.9, \"box\": [32, 32, -24, 24]"),
          "ours.json: images[0].detections[0]: a box of -24 x 24 pixels: width and height may not be"
            + " negative"),
        InputCase(
          file, .swap(first, "\"confidence\": NaN, \"box\": [8, 8, 24, 24]"),
          "ours.json: not valid JSON: line 3, column 45: 'NaN' is not a value of JSON"),
        InputCase(
          file, .swap(first, "\"confidence\": 1e60, \"box\": [8, 8, 24, 24]"),
          "ours.json: images[0].detections[0]: needs a finite confidence and \"box\": [left, top,"
            + " width, height]"),
        InputCase(
          file, .swap(first, "\"confidence\": \"0.9\", \"box\": [8, 8, 24, 24]"),
          "ours.json: images[0].detections[0].confidence: a value of another kind is needed here"),
        InputCase(
          file, .swap("]}\n]}", ""),
          "ours.json: not valid JSON: line 11, column 1: the file ends inside a list"),
        InputCase(file, .all(""), "ours.json: not valid JSON: line 1, column 1: the file is empty"),
        InputCase(file, .all("{}"), "ours.json: no key \"images\""),
        InputCase(
          file,
          .all(
            "{\"images\": [{\"file\": \"x\", \"detections\": []}, {\"file\": \"y\", \"detections\": []}]}"
          ),
          "ours.json: images[0]: image 'x' is not in the evaluated split, nor is any other of the 2"
            + " images with detections; evaluate the split that the detections were made on"),
        InputCase(
          file,
          .all(
            "{\"images\": [{\"file\": \"i1\", \"detections\": []}, {\"file\": \"y\", \"detections\": []},"
              + "{\"file\": \"z\", \"detections\": []}]}"),
          "ours.json: images[1]: image 'y' is not in the evaluated split, as 2 of the 3 images with"
            + " detections are not; evaluate the split that the detections were made on"),
      ])
    func boxed(_ box: String) -> InputCase.Change { .swap("[8, 8, 24, 24]", box) }
    try InputCase.expectNotes(
      Self.voc, file,
      [
        InputCase(
          file, boxed("[70, 8, 24, 24]"),
          "1 of 5 detections outside the image: it counts as wrong (image 'i1', a 0.9 (70, 8, 94, 32))"
        ),
        InputCase(
          file, boxed("[-8, 8, 24, 24]"), "1 of 5 detections reaching out of the image by more"),
        InputCase(file, boxed("[8, 8, 0, 24]"), "1 of 5 detections with a box without area"),
        InputCase(
          file, .swap("0.9, \"box\": [8, 8", "90, \"box\": [8, 8"),
          "1 of 5 detections with a confidence outside 0...1: calibration takes probabilities"),
        InputCase(
          file,
          .swap("}]},", "}, {\"class\": \"a\", \"confidence\": 0.9, \"box\": [8, 8, 24, 24]}]},"),
          "1 of 6 detections listed twice, same class, box and confidence"),
        InputCase(
          file, .swap("\"width\": 64", "\"width\": 640"),
          "image sizes in detections and annotations differ 1 times (first: 'i1' 640x64, annotated as"
            + " 64x64)"),
        InputCase(file, .all("{\"images\": []}"), "there is no detection in any image"),
        InputCase(
          file,
          .all(
            "{\"images\": [{\"file\": \"i1\", \"detections\": [{\"class\": \"a\", \"confidence\": 1,"
              + " \"box\": [0.1, 0.1, 0.5, 0.5]}]}]}"), "every box lies within two pixels"),
        InputCase(
          file,
          .all(
            "{\"images\": [{\"file\": \"i1\", \"detections\": [{\"class\": \"a\", \"confidence\": 1,"
              + " \"box\": [8, 8, 24, 24]}]}]}"),
          "the detection files say nothing about 3 of 4 images (first: 'i2'): nothing counts as found"
            + " there"),
      ])
  }

  @Test func cocoResults() throws {
    let file = "results.json"
    func second(_ old: String, _ new: String) -> InputCase.Change {
      .swap("\"image_id\": 2, \"category_id\": 2, " + old, new)
    }
    try InputCase.expectErrors(
      Self.coco, file,
      [
        InputCase(
          file, second("", "\"image_id\": 77, \"category_id\": 2, "),
          "results.json: [1]: image '77' is not in the evaluated split; evaluate the split that the"
            + " detections were made on"),
        InputCase(
          file, second("", "\"image_id\": 2.5, \"category_id\": 2, "),
          "results.json: [1].image_id: 2.5 is not a whole number"),
        InputCase(
          file, second("", "\"image_id\": 2, \"category_id\": 90, "),
          "results.json: [1]: category 90 is not among the annotated ones"),
        InputCase(
          file, .swap("[16, 16, 32, 32]", "[16, 16, 32, -32]"),
          "results.json: [1]: a box of 32 x -32 pixels: width and height may not be negative"),
        InputCase(
          file, .swap("[16, 16, 32, 32]", "[16, 16, 32]"),
          "results.json: [1]: needs a finite score and \"bbox\": [left, top, width, height]"),
        InputCase(
          file, .swap("0.9},", "Infinity},"),
          "results.json: not valid JSON: line 2, column 68: 'Infinity' is not a value of JSON"),
      ])
    try InputCase.expectNotes(
      Self.coco, file,
      [
        InputCase(file, .all("[]"), "there is no detection in any image"),
        InputCase(
          file, .swap("[16, 16, 32, 32]", "[-40, 16, 32, 32]"),
          "1 of 5 detections outside the image"),
        InputCase(file, .swap("0.9", "-0.9"), "1 of 5 detections with a confidence outside 0...1"),
        InputCase(
          file,
          .all("[{\"image_id\": 3, \"category_id\": 1, \"bbox\": [4, 4, 36, 36], \"score\": 0.9}]"),
          "the detection files say nothing about 3 of 4 images (first: 'i1')"),
      ])
    try Fixture.use { detector in
      try EvaluationFiles.write(for: detector)
      try detector.expectError(
        "results.json: COCO results name images by number; they need COCO annotations", "eval",
        "--voc", "voc", "--detections", file)
    }
  }

  @Test func cocoAnnotations() throws {
    let file = "coco.json"
    func refused(_ change: InputCase.Change, _ message: String) -> InputCase {
      InputCase(file, change, "coco.json: " + message)
    }
    try InputCase.expectErrors(
      Self.coco, "results.json",
      [
        refused(
          .swap("{\"image_id\": 2, ", "{\"image_id\": 77, "), "annotations[1]: no image 77"),
        refused(
          .swap("\"category_id\": 2", "\"category_id\": 7"), "annotations[1]: no category 7"),
        refused(
          .swap("[16, 16, 32, 32]", "[16, 16, -32, 32]"),
          "annotations[1]: a box of -32 x 32 pixels: width and height may not be negative"),
        refused(
          .swap("\"iscrowd\": 0", "\"area\": -4"), "annotations[0]: an area of -4.0 is negative"),
        refused(.swap("\"id\": 2, \"file", "\"id\": 1, \"file"), "image 1 twice"),
        refused(.swap("i2.jpg", "i1.jpg"), "images 1 and 2 are both 'i1.jpg'"),
        refused(
          .swap("\"name\": \"b\"", "\"name\": \"a\""), "categories 1 and 2 are both called 'a'"),
        refused(.all("[]"), "a value of another kind is needed here"),
        refused(
          .all("{\"images\": [], \"categories\": [], \"annotations\": []}"), "\"images\" is empty"),
      ])
    try InputCase.expectNotes(
      Self.coco, "results.json",
      [
        InputCase(
          file, .swap("[16, 16, 32, 32]", "[66, 16, 32, 32]"), "1 of 5 objects outside the image"),
        InputCase(
          file, .swap("[16, 16, 32, 32]", "[-6, 16, 32, 32]"),
          "1 of 5 objects reaching out of the image by more than a pixel"),
        InputCase(
          file, .swap("[16, 16, 32, 32]", "[16, 16, 32, 0]"),
          "1 of 5 objects with a box without area"),
        InputCase(
          file,
          .swap(
            "\n]}", ",\n{\"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 8, 24, 24]}\n]}"),
          "1 of 6 objects annotated twice"),
      ])
  }
}
