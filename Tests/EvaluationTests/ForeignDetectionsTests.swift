import Datasets
import Detection
import Evaluation
import Files
import Foundation
import Geometry
import Tasks
import TestSupport
import Testing

/// What other detectors write, for the same three images: everything is found.
@Suite struct ForeignDetectionsTests {
  private let names = ["hex bolt", "nut", "washer"]
  private let ids = ["0007", "shop_0012", "c.v2"]
  private let size = PixelSize(width: 200, height: 120)

  private func box(_ image: Int, _ number: Int) -> [Int] {
    [20 + 30 * image + 60 * number, 10 + 20 * number, 40, 30 + 10 * image]
  }

  private var images: [EvaluatedImage] {
    ids.enumerated().map { index, id in
      let objects = (0..<2).map { number in
        let b = box(index, number).map { Float($0) }
        return GroundTruth(
          box: Box(left: b[0], top: b[1], right: b[0] + b[2], bottom: b[1] + b[3]),
          classIndex: (index + number) % 3)
      }
      return EvaluatedImage(id: id, objects: objects, size: size)
    }
  }

  private func reason(_ body: () throws -> Void) -> String { message(body) ?? "nothing is thrown" }

  /// The objects as lines or entries, one list per image.
  private func entries(_ text: (_ image: Int, _ classIndex: Int, _ box: [Int]) -> String)
    -> [[String]]
  {
    (0..<3).map { image in (0..<2).map { text(image, (image + $0) % 3, box(image, $0)) } }
  }

  private func shares(_ b: [Int]) -> [Double] {
    [
      (Double(b[0]) + Double(b[2]) / 2) / 200, (Double(b[1]) + Double(b[3]) / 2) / 120,
      Double(b[2]) / 200, Double(b[3]) / 120,
    ]
  }

  private func texts(_ lines: [[String]], to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (id, lines) in zip(ids, lines) {
      try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: folder.appending(path: id + ".txt"))
    }
  }

  private func expectAllFound(
    _ place: URL, results: COCOResultFile? = nil, notes: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let read = try DetectionFiles.joining(place, to: images, classNames: names, results: results)
    #expect(read.notes.count == notes, "\(read.notes)", sourceLocation: sourceLocation)
    let value = try VOCEvaluation(images: read.images, classNames: names, rule: .area)
    #expect(value.meanAveragePrecision == 1, sourceLocation: sourceLocation)
    for image in read.images {
      for (detection, object) in zip(image.detections, image.objects) {
        let overlap = detection.box.intersectionOverUnion(with: object.box)
        #expect(overlap > 0.999, "\(image.id): \(detection)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test func textFilesOfEveryTool() throws {
    let underlined = names.map { $0.replacing(" ", with: "_") }
    let layouts: [String: [[String]]] = [
      "labels": entries { _, c, b in
        "\(c) \(shares(b).map { "\($0)" }.joined(separator: " ")) 0.75"
      },
      "cartucho": entries { _, c, b in
        "\(underlined[c]) 0.75 \(b[0] + 1) \(b[1] + 1) \(b[0] + b[2]) \(b[1] + b[3])"
      },
      "padilla": entries { _, c, b in "\(names[c]) .75 \(b[0]) \(b[1]) \(b[2]) \(b[3])" },
      "padillaNumbers": entries { _, c, b in "\(c) .75 \(b[0]) \(b[1]) \(b[2]) \(b[3])" },
      "padillaShares": entries { _, c, b in
        "\(names[c]) .75 \(shares(b).map { "\($0)" }.joined(separator: " "))"
      },
    ]
    try withTemporaryFolder { folder in
      for (name, lines) in layouts {
        let place = folder.appending(path: name)
        try texts(lines, to: place)
        try expectAllFound(place)
      }
      // The folder that Ultralytics' predict makes.
      try expectAllFound(folder)
    }
  }

  @Test func numbersAndConfidenceFirst() throws {
    try withTemporaryFolder { folder in
      try texts(
        entries { _, c, b in "\(c) .75 \(shares(b).map { "\($0)" }.joined(separator: " "))" },
        to: folder.appending(path: "x"))
      try expectAllFound(folder.appending(path: "x"), notes: 1)
    }
  }

  @Test func darknetsResults() throws {
    func json(_ folder: String, names: [String]) -> String {
      let objects = entries { _, c, b in
        let s = shares(b)
        return "{\"class_id\":\(c), \"name\":\"\(names[c])\", \"relative_coordinates\":{"
          + "\"center_x\":\(s[0]), \"center_y\":\(s[1]), \"width\":\(s[2]), \"height\":\(s[3])},"
          + " \"confidence\":0.75}"
      }
      let frames = zip(ids, objects).enumerated().map { number, frame in
        "{\n \"frame_id\":\(number + 1), \n \"filename\":\"\(folder)\(frame.0).jpg\", \n"
          + " \"objects\": [ \n\(frame.1.joined(separator: ", \n")) ] \n}"
      }
      return "[\n\(frames.joined(separator: ", \n")) \n]\n"
    }
    let unnamed = ["", "", ""]
    try withTemporaryFolder { folder in
      for (number, text) in [
        json("data/obj/", names: names), json("C:\\\\data\\\\", names: names),
        json("C:\\temp\\new\\user\\", names: names), json("x/", names: unnamed),
        json("C:\\temp\\", names: names),
      ].enumerated() {
        // Recognised by content: Darknet's -out takes any name.
        let place = folder.appending(path: "result\(number)" + (number % 2 == 0 ? ".json" : ".out"))
        try Data(text.utf8).write(to: place)
        try expectAllFound(place)
      }
      let wrong = folder.appending(path: "wrong.json")
      try Data(json("", names: ["bolt", "nut", "washer"]).utf8).write(to: wrong)
      #expect(
        reason { _ = try DetectionFiles.joining(wrong, to: images, classNames: names) }
          .contains("wrong.json: [0].detections[0]: class 'bolt' is not among"))
    }
  }

  private func results(
    _ image: (Int) -> String, _ category: (Int) -> Int, more: String = ""
  ) -> Data {
    let all = entries { i, c, b in
      "{\"image_id\": \(image(i)), \"category_id\": \(category(c)), \"bbox\": \(b), \"score\": 0.75\(more)}"
    }
    return Data("[\(all.joined().joined(separator: ","))]".utf8)
  }

  @Test func resultsWithNamesForImages() throws {
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "predictions.json")
      let images: [(Int) -> String] = [
        { "\"\(ids[$0])\"" }, { "\"\(ids[$0]).jpg\"" }, { "\"D:\\\\set\\\\\(ids[$0]).png\"" },
      ]
      for image in images {
        for first in [0, 1] {
          try results(image) { $0 + first }.write(to: place)
          try expectAllFound(place)
        }
        // Newer versions of Ultralytics say the file as well; a wrong one does not count.
        try results(image, { $0 }, more: ", \"file_name\": \"x.jpg\"").write(to: place)
        try expectAllFound(place)
      }
      try results({ "\"\(ids[$0])\"" }, { $0 + 2 }).write(to: place)
      #expect(
        reason { _ = try DetectionFiles.joining(place, to: self.images, classNames: names) }
          .contains("is none of 3 classes"))
      try results({ "\"q\($0)\"" }, { $0 }).write(to: place)
      #expect(
        reason { _ = try DetectionFiles.joining(place, to: self.images, classNames: names) }
          .contains("image 'q0' is not in the evaluated split, nor is any other"))
    }
  }

  @Test func numbersInNames() throws {
    let numbered = [7, 12, 345].map { EvaluatedImage(id: "s_\($0)", objects: [], size: size) }
    let data = Data(
      #"[{"image_id": 12, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]"#.utf8)
    for prefix in ["s_00", "COCO_val2014_0000", "000"] {
      let images = numbered.map {
        EvaluatedImage(id: prefix + $0.id.dropFirst(2), objects: [], size: size)
      }
      let read = try COCOResultFile().joining(data, file: "r", to: images, classCount: 1)
      #expect(read.images.map(\.detections.count) == [0, 1, 0])
    }
    let twice = numbered + [EvaluatedImage(id: "s_0012", objects: [])]
    #expect(
      reason { _ = try COCOResultFile().joining(data, file: "r", to: twice, classCount: 1) }
        .contains("need COCO annotations"))
  }

  @Test func annotationsWithTextForIds() throws {
    let annotations = try COCOAnnotations(
      Data(
        #"""
        {"images": [{"id": "b", "file_name": "x/b.jpg"}, {"id": "a", "file_name": "x/a.jpg"}],
        "categories": [{"id": 3, "name": "n"}],
        "annotations": [{"image_id": "b", "category_id": 3, "bbox": [1, 2, 3, 4]}]}
        """#.utf8), file: "a.json")
    #expect(annotations.pictures.map(\.id) == ["a", "b"])
    let results = Data(
      #"[{"image_id": "b", "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.5}]"#.utf8)
    let images = annotations.pictures.map { EvaluatedImage($0) }
    let read = try annotations.results.joining(results, file: "r", to: images)
    #expect(read.images.map(\.detections.count) == [0, 1])
  }

  /// Ids and numbers of names that mean different images: the files decide, or a note says it.
  @Test func idsBeforeNumbersInNames() throws {
    let images = ["1", "2"].map { EvaluatedImage(id: $0, objects: [], size: size) }
    let file = COCOResultFile(
      imageIndices: [.number(1): 1, .number(2): 0], classIndices: [.number(1): 0])
    func read(_ more: String) throws -> (images: [EvaluatedImage], notes: [String]) {
      let text =
        #"[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5\#(more)}]"#
      return try file.joining(Data(text.utf8), file: "r", to: images)
    }
    #expect(try read("").images.map(\.detections.count) == [0, 1])
    #expect(try read("").notes.count == 1)
    #expect(try read(#", "file_name": "1.jpg""#).images.map(\.detections.count) == [1, 0])
    #expect(try read(#", "file_name": "2.jpg""#).notes == [])
  }

  @Test func undecidableLayoutsAreNamed() throws {
    try withTemporaryFolder { folder in
      try texts([["nut 0.5 10 10 90 90"], [], []], to: folder)
      let text = reason { _ = try DetectionFiles.joining(folder, to: images, classNames: names) }
      #expect(text.contains("Cartucho") && text.contains("rafaelpadilla") && !text.contains("\n"))
      try texts([["nut 0.5 10 10 8 90"], ["nut 0.5 1 1 -9 9"], []], to: folder)
      let other = reason { _ = try DetectionFiles.joining(folder, to: images, classNames: names) }
      #expect(
        other.contains("0007.txt:1 has its corners") && other.contains("shop_0012.txt:1 has a"))
      try texts([["nut 0.5 10 10 9"], [], ["nut 0.5 1 1 9 9"]], to: folder)
      #expect(
        reason { _ = try DetectionFiles.joining(folder, to: images, classNames: names) }
          == "0007.txt:1: 5 fields, expected a class and five numbers")
    }
  }

  @Test func classNamesThatAreNoFileNames() throws {
    let names = ["traffic light", "a/b", "自行车", "50%", "a%2Fb", "plain_name-1"]
    let image = ImageDetections(
      file: "x",
      detections: names.enumerated().map { number, name in
        NamedDetection(
          className: name, confidence: 0.5,
          box: Box(left: Float(number), top: 0, right: 10, bottom: 10))
      })
    try withTemporaryFolder { folder in
      try VOCDetectionFile.write([image], classNames: names, to: folder)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 6)
      let read = try DetectionFiles.read(folder, classNames: names)
      #expect(Set(read.flatMap(\.detections)) == Set(image.detections))
    }
    #expect(VOCDetectionFile.name(className: "a b") == "comp4_det_test_a%20b.txt")
    // What others have written stays readable.
    #expect(
      DetectionFiles.className(ofFile: "comp4_det_test_traffic light.txt", classNames: names)
        == "traffic light")
  }

  @Test func idsWithFolders() throws {
    let images = ["site-a/data/1", "site-b/data/1", "b/2"].map {
      EvaluatedImage(id: $0, objects: [])
    }
    func counts(_ files: [String]) throws -> [Int] {
      let box = Box(left: 0, top: 0, right: 1, bottom: 1)
      let lists = files.map {
        ImageDetections(
          file: $0, detections: [NamedDetection(className: "n", confidence: 1, box: box)])
      }
      return try EvaluatedImage.joining(lists, to: images, classNames: ["n"]).map(
        \.detections.count)
    }
    #expect(try counts(["site-b/data/1", "2"]) == [0, 1, 1])
    #expect(try counts(["D:\\x\\site-a\\data\\JPEGImages\\1.png", "z/b/2.jpg"]) == [1, 0, 1])
    #expect(
      reason { _ = try counts(["1.jpg"]) }
        .contains("'1.jpg' may be image 'site-a/data/1' or 'site-b/data/1'"))
  }
}
