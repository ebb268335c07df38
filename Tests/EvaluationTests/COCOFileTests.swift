import Detection
import Evaluation
import Files
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct COCOFileTests {
  private func golden(_ name: String) throws -> Data {
    try Data(contentsOf: packageRoot.appending(path: "Tests/Golden/\(name).json"))
  }

  /// Crowds, mask areas, ids out of order: the twelve numbers of pycocotools.
  @Test func agreesWithPycocotools() throws {
    let numbers = try goldenCases("coco")[0].numbers
    let file = try COCOAnnotationFile(golden("coco_annotations"), file: "a.json")
    #expect(file.classNames == ["person", "dog", "bottle"])
    #expect(file.images.map(\.id) == ["000004", "000007", "000011", "000019", "000031", "000052"])
    #expect(file.images[0].size == EvaluatedImage.Size(width: 400, height: 300))
    let images = try file.joining(results: golden("coco_results"), file: "r.json")
    let s = try COCOEvaluation(images: images, classNames: file.classNames).summary
    let values = [
      "ap": s.ap, "ap50": s.ap50, "ap75": s.ap75, "apSmall": s.apSmall, "apMedium": s.apMedium,
      "apLarge": s.apLarge, "ar1": s.ar1, "ar10": s.ar10, "ar100": s.ar100, "arSmall": s.arSmall,
      "arMedium": s.arMedium, "arLarge": s.arLarge,
    ]
    #expect(numbers.count == 12)
    for (name, expected) in numbers {
      #expect(isClose(values[name] ?? nil, expected, 1e-12), "\(name): \(values)")
    }
    // Without the areas and crowds the result is another.
    let plain = images.map { image in
      var image = image
      image.details = []
      return image
    }
    let other = try COCOEvaluation(images: plain, classNames: file.classNames).summary
    #expect(!isClose(other.ap, numbers["ap"] ?? 0, 1e-4))
  }

  @Test(arguments: [
    (#"{"images": [], "annotations": []}"#, #"no key "categories""#),
    (
      #"{"images": [{"id": 4, "file_name": "a"}], "categories": [{"id": 1, "name": "x"}], "#
        + #""annotations": [{"image_id": 3, "category_id": 1, "#
        + #""bbox": [0, 0, 1, 1]}]}"#, "annotations[0]: no image 3"
    ),
    (
      #"{"images": [{"id": 3, "file_name": "a.jpg"}], "categories": [{"id": 2, "name": "x"}], "#
        + #""annotations": [{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1]}]}"#,
      "annotations[0]: no category 1"
    ),
    (
      #"{"images": [{"id": 3, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "x"}], "#
        + #""annotations": [{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1]}]}"#,
      "annotations[0]: needs"
    ),
    (
      #"{"images": [{"id": 3, "file_name": "a.jpg"}, {"id": 3, "file_name": "b.jpg"}], "#
        + #""categories": [{"id": 2, "name": "x"}], "annotations": []}"#, "image 3 twice"
    ),
  ]) func badAnnotationsAreNamed(_ text: String, _ message: String) throws {
    let error = #expect(throws: FileError.self) {
      try COCOAnnotationFile(Data(text.utf8), file: "a.json")
    }
    #expect(error?.description.contains("a.json: " + message) == true)
  }

  @Test func badResultsAreNamed() throws {
    let file = try COCOAnnotationFile(golden("coco_annotations"), file: "a.json")
    for (text, message) in [
      (#"[{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]"#, "[0]: image '3'"),
      (#"[{"image_id": 4, "category_id": 2, "bbox": [0, 0, 1, 1], "score": 1}]"#, "[0]: category"),
      (#"[{"image_id": 4, "category_id": 1, "bbox": [0], "score": 1}]"#, "[0]: needs"),
      (#"[{"image_id": 4}]"#, "category_id"),
    ] {
      let error = #expect(throws: (any Error).self) {
        try file.joining(results: Data(text.utf8), file: "r.json")
      }
      #expect("\(String(describing: error))".contains(message), "\(String(describing: error))")
    }
  }

  @Test func filesOfEveryKindAreRecognised() throws {
    let file = try COCOAnnotationFile(golden("coco_annotations"), file: "a.json")
    let images = try file.joining(results: golden("coco_results"), file: "r.json")
    let expected = try VOCEvaluation(images: images, classNames: file.classNames, rule: .area)
    try withTemporaryFolder { folder in
      let results = folder.appending(path: "r.json")
      try golden("coco_results").write(to: results)
      let ours = folder.appending(path: "o.json")
      try JSONDetectionFile.data(images.map { $0.named(file.classNames) }).write(to: ours)
      let texts = folder.appending(path: "labels")
      let kit = folder.appending(path: "kit")
      try FileManager.default.createDirectory(at: texts, withIntermediateDirectories: false)
      try VOCDetectionFile.write(
        images.map { $0.named(file.classNames) }, classNames: file.classNames, to: kit)
      for image in images {
        let lines = image.detections.map { detection in
          let box = detection.box
          return "\(detection.classIndex) \(Double(box.centerX) / 400) \(Double(box.centerY) / 300)"
            + " \(Double(box.width) / 400) \(Double(box.height) / 300) \(detection.confidence)"
        }
        try Data(lines.joined(separator: "\n").utf8)
          .write(to: texts.appending(path: image.id + ".txt"))
      }
      for place in [results, ours, texts, kit] {
        let read = try DetectionFiles.joining(
          place, to: file.images, classNames: file.classNames, annotations: file)
        #expect(read.notes == [], "\(place.lastPathComponent)")
        let value = try VOCEvaluation(images: read.images, classNames: file.classNames, rule: .area)
        #expect(
          isClose(value.meanAveragePrecision, expected.meanAveragePrecision ?? 0, 1e-6),
          "\(place.lastPathComponent)")
      }
      #expect(throws: FileError.self) {
        try DetectionFiles.joining(results, to: file.images, classNames: file.classNames)
      }
      let sizeless = file.images.map { EvaluatedImage(id: $0.id, objects: $0.objects) }
      #expect(throws: FileError.self) {
        try DetectionFiles.joining(texts, to: sizeless, classNames: file.classNames)
      }
    }
  }

  @Test func yoloLinesAreReadStrictly() throws {
    let size = EvaluatedImage.Size(width: 200, height: 100)
    let objects = try YOLOTextFile.objects(
      "1 0.5 0.5 0.25 0.5\r\n\n0 0.25 0.25 0.5 0.5\n", file: "a.txt", size: size, classCount: 2)
    #expect(objects.map(\.classIndex) == [1, 0])
    #expect(objects[0].box == Box(left: 75, top: 25, right: 125, bottom: 75))
    for (text, message) in [
      ("0 0.5 0.5 0.5", "a.txt:1: 4 fields"), ("2 .5 .5 .5 .5", "a.txt:1: '2' is not a class"),
      ("0 .5 .5 .5 x", "a.txt:1: 'x' is not"), ("\n0 .5 .5 .5 1e60", "a.txt:2: '1e60' is not"),
      ("0 .5 .5 .5 .5 .5", "a.txt:1: 6 fields"),
    ] {
      let error = #expect(throws: EvaluationError.self) {
        try YOLOTextFile.objects(text, file: "a.txt", size: size, classCount: 2)
      }
      #expect(error?.description.hasPrefix(message) == true)
    }
    let found = try YOLOTextFile.detections(
      "0 .5 .5 .5 .5 .75", file: "a.txt", size: size, classCount: 1)
    #expect(found[0].confidence == 0.75)
    try withTemporaryFolder { folder in
      try Data("0 .5 .5 .5 .5".utf8).write(to: folder.appending(path: "b.txt"))
      try Data().write(to: folder.appending(path: "a.txt"))
      let images = try YOLOTextFile.images(in: folder, classCount: 1) { _ in size }
      #expect(images.map(\.id) == ["a", "b"] && images.map(\.objects.count) == [0, 1])
    }
  }
}
