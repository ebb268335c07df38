import Datasets
import Detection
import Evaluation
import Files
import Foundation
import Geometry
import Tasks
import TestSupport
import Testing

@Suite struct COCOFileTests {
  private func golden(_ name: String) throws -> Data {
    try Data(contentsOf: packageRoot.appending(path: "Tests/Golden/\(name).json"))
  }

  private func annotated(_ file: COCOAnnotations) -> [EvaluatedImage] {
    file.pictures.map { EvaluatedImage($0) }
  }

  private func joined(_ results: Data, to file: COCOAnnotations) throws -> [EvaluatedImage] {
    try file.results.joining(results, file: "r.json", to: annotated(file)).images
  }

  /// Crowds, mask areas, ids out of order: the twelve numbers of pycocotools.
  @Test func agreesWithPycocotools() throws {
    let numbers = try goldenCases("coco")[0].numbers
    let file = try COCOAnnotations(golden("coco_annotations"), file: "a.json")
    #expect(file.classNames == ["person", "dog", "bottle"])
    #expect(
      file.pictures.map(\.id) == ["000004", "000007", "000011", "000019", "000031", "000052"])
    #expect(file.pictures[0].size == PixelSize(width: 400, height: 300))
    let images = try joined(golden("coco_results"), to: file)
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
      try COCOAnnotations(Data(text.utf8), file: "a.json")
    }
    #expect(error?.description.contains("a.json: " + message) == true)
  }

  @Test func badResultsAreNamed() throws {
    let file = try COCOAnnotations(golden("coco_annotations"), file: "a.json")
    for (text, message) in [
      (#"[{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]"#, "[0]: image '3'"),
      (#"[{"image_id": 4, "category_id": 2, "bbox": [0, 0, 1, 1], "score": 1}]"#, "[0]: category"),
      (#"[{"image_id": 4, "category_id": 1, "bbox": [0], "score": 1}]"#, "[0]: needs"),
      (#"[{"image_id": 4}]"#, "category_id"),
    ] {
      let error = #expect(throws: (any Error).self) {
        try joined(Data(text.utf8), to: file)
      }
      #expect("\(String(describing: error))".contains(message), "\(String(describing: error))")
    }
  }

  @Test func filesOfEveryKindAreRecognised() throws {
    let file = try COCOAnnotations(golden("coco_annotations"), file: "a.json")
    let images = try joined(golden("coco_results"), to: file)
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
          place, to: annotated(file), classNames: file.classNames, results: file.results)
        #expect(read.notes == [], "\(place.lastPathComponent)")
        let value = try VOCEvaluation(images: read.images, classNames: file.classNames, rule: .area)
        #expect(
          isClose(value.meanAveragePrecision, expected.meanAveragePrecision ?? 0, 1e-6),
          "\(place.lastPathComponent)")
      }
      #expect(throws: FileError.self) {
        try DetectionFiles.joining(results, to: annotated(file), classNames: file.classNames)
      }
      let sizeless = file.pictures.map { EvaluatedImage(id: $0.id, objects: $0.objects) }
      #expect(throws: FileError.self) {
        try DetectionFiles.joining(texts, to: sizeless, classNames: file.classNames)
      }
    }
  }

  @Test func yoloDetectionsAreReadStrictly() throws {
    let size = PixelSize(width: 200, height: 100)
    let found = try YOLOTextFile.detections(
      "0 .5 .5 .5 .5 .75", file: "a.txt", size: size, classCount: 1)
    #expect(found[0].confidence == 0.75)
    #expect(found[0].box == Box(left: 50, top: 25, right: 150, bottom: 75))
    #expect(
      message {
        _ = try YOLOTextFile.detections(
          "0 .5 .5 .5 .5", file: "a.txt", size: size, classCount: 1)
      } == "a.txt:1: 5 fields, expected 'class x y width height confidence'")
  }
}
