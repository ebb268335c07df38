import Detection
import Evaluation
import Files
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct DetectionFileTests {
  private let names = ["dog", "plant", "potted_plant"]

  private func awkwardImages(hasObjectness: Bool = false) -> [ImageDetections] {
    let values = randomValues(600, in: 0...500, seed: 4)
    return (0..<50).map { image in
      ImageDetections(
        file: "2007_\(image)", width: 500, height: 375,
        resize: hasObjectness ? .stretch : nil,
        detections: (0..<2).map { number in
          let v = values[(image * 12 + number * 6)...].prefix(6).map(\.self)
          return NamedDetection(
            className: names[(image + number) % 3], confidence: v[4] / 500,
            objectness: hasObjectness ? v[5] / 500 : nil,
            uncertainty: hasObjectness && number == 1
              ? DetectionUncertainty(
                bald: v[0] / 511, entropy: v[1] / 3e6, objectnessMean: v[2] / 501,
                objectnessVariance: v[3] / 7e9) : nil,
            box: Box(
              left: v[0] / 1000, top: v[1], right: v[0] / 1000 + v[2], bottom: v[1] + v[3]))
        })
    }
  }

  private func flat(_ images: [ImageDetections]) -> [String: Set<NamedDetection>] {
    Dictionary(uniqueKeysWithValues: images.map { ($0.file, Set($0.detections)) })
  }

  @Test func vocFilesReadBackEveryBit() throws {
    let images = awkwardImages()
    try withTemporaryFolder { folder in
      try VOCDetectionFile.write(images, classNames: names + ["cat"], to: folder)
      let empty = folder.appending(path: "comp4_det_test_cat.txt")
      #expect(try Data(contentsOf: empty).isEmpty)
      let read = try DetectionFiles.read(folder, classNames: names + ["cat"])
      #expect(flat(read) == flat(images))
    }
  }

  @Test(arguments: [true, false]) func jsonReadsBackEveryBit(_ hasObjectness: Bool) throws {
    let images = awkwardImages(hasObjectness: hasObjectness)
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "found.json")
      try JSONDetectionFile.data(images).write(to: file)
      let read = try DetectionFiles.read(file, classNames: names)
      #expect(flat(read) == flat(images))
      #expect(read.map(\.file) == images.map(\.file))
      #expect(read.allSatisfy { $0.width == 500 && $0.height == 375 })
      #expect(read.allSatisfy { $0.resize == (hasObjectness ? .stretch : nil) })
    }
  }

  @Test func theTextIsVOCs() {
    let image = ImageDetections(
      file: "000001",
      detections: [
        NamedDetection(
          className: "dog", confidence: 0.25, box: Box(left: 0, top: 9.5, right: 10, bottom: 20)),
        NamedDetection(
          className: "cat", confidence: 0.5, box: Box(left: 0, top: 0, right: 1, bottom: 1)),
      ])
    #expect(VOCDetectionFile.text([image], className: "dog") == "000001 0.25 1 10.5 10 20\n")
  }

  @Test func theJSONKeysAreTheContract() throws {
    let image = ImageDetections(
      file: "a/b.jpg", width: 30, height: 20,
      detections: [
        NamedDetection(
          className: "dog", confidence: 0.25, box: Box(left: 1, top: 2.5, right: 11, bottom: 4))
      ])
    let text = String(decoding: try JSONDetectionFile.data([image]), as: UTF8.self)
    let packed = text.filter { !$0.isWhitespace }
    #expect(
      packed
        == #"{"images":[{"detections":[{"box":[1,2.5,10,1.5],"class":"dog","confidence":0.25}],"#
        + #""file":"a/b.jpg","height":20,"width":30}]}"#)
  }

  @Test func uncertaintyIsWrittenUnderItsOwnKeyAndReadStrictly() throws {
    let uncertainty = DetectionUncertainty(
      bald: 0.25, entropy: 0.5, objectnessMean: 0.75, objectnessVariance: 0.125)
    let image = EvaluatedImage(
      id: "a", objects: [],
      detections: [
        Detection(
          box: Box(left: 0, top: 0, right: 1, bottom: 1), classIndex: 0, confidence: 0.5,
          objectness: 0.75, uncertainty: uncertainty)
      ]
    ).named(["dog"])
    let data = try JSONDetectionFile.data([image])
    let packed = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
    #expect(
      packed.contains(
        #""uncertainty":{"bald":0.25,"entropy":0.5,"objectnessMean":0.75,"#
          + #""objectnessVariance":0.125}"#))
    let joined = try EvaluatedImage.joining(
      JSONDetectionFile.parse(data, file: "f"), to: [EvaluatedImage(id: "a", objects: [])],
      classNames: ["dog"])
    #expect(joined[0].detections[0].uncertainty == uncertainty)
    for (broken, place) in [
      (#""entropy":0.5,"#, "detections[0].uncertainty"), (#""bald":0.25"#, "f: "),
    ] {
      let text = packed.replacing(broken, with: broken.hasPrefix(#""b"#) ? #""bald":1e60"# : "")
      let error = #expect(throws: FileError.self) {
        try JSONDetectionFile.parse(Data(text.utf8), file: "f")
      }
      #expect(error?.description.contains(place) == true)
    }
  }

  @Test func idsMayContainSpacesAndLinesMayEndInCarriageReturns() throws {
    let lists = try VOCDetectionFile.parse(
      "my photo 1 0.5 1 1 5 5\r\n\r\nb .25 2 2 4 4\r\nmy photo 1 0.4 1 1 6 6\r\n", file: "f",
      className: "dog")
    #expect(lists.map(\.file) == ["my photo 1", "b"])
    #expect(lists[0].detections.map(\.confidence) == [0.5, 0.4])
    #expect(lists[1].detections[0].box == Box(left: 1, top: 1, right: 4, bottom: 4))
  }

  @Test(arguments: [
    ("a 0.5 1 1 5\n", "f.txt:1: 5 fields, expected 'image score xmin ymin xmax ymax'"),
    ("a 0.5 1 1 5 5\n\nb x 1 1 5 5\n", "f.txt:3: 'x' is not a finite number"),
    ("a nan 1 1 5 5", "f.txt:1: 'nan' is not a finite number"),
    ("a 0.5 1 1 inf 5", "f.txt:1: 'inf' is not a finite number"),
    ("a 1e300 1 1 5 5", "f.txt:1: '1e300' is not a finite number"),
  ])
  func badLinesAreNamed(_ text: String, _ message: String) throws {
    let error = #expect(throws: EvaluationError.self) {
      try VOCDetectionFile.parse(text, file: "f.txt", className: "dog")
    }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    (
      #"{"images": [{"file": "a", "detections": [{"class": "dog", "confidence": 1}]}]}"#,
      #"images[0].detections[0]: no key "box""#
    ),
    (#"{"images": [{"file": 3, "detections": []}]}"#, "images[0].file: "),
    (
      #"{"images": [{"file": "a", "detections": [{"class": "dog", "confidence": 1, "box": [1]}]}]}"#,
      "images[0].detections[0]: needs a finite confidence"
    ),
    (
      #"{"images": [{"file": "a", "detections": [{"class": "d", "confidence": 1e99, "#
        + #""box": [1, 2, 3, 4]}]}]}"#, "images[0].detections[0]: needs a finite confidence"
    ),
    (#"{"images": [{"file": "a","#, "not valid JSON"),
    ("", "not valid JSON"),
  ])
  func badJSONIsNamed(_ text: String, _ message: String) throws {
    let error = #expect(throws: FileError.self) {
      try JSONDetectionFile.parse(Data(text.utf8), file: "found.json")
    }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("found.json: ") && description.contains(message))
    #expect(!description.contains("\n"))
  }

  @Test func fileNamesSayTheClass() {
    let cases = [
      ("comp4_det_test_dog.txt", "dog"), ("comp3_det_val_potted_plant.txt", "potted_plant"),
      ("dog.txt", "dog"), ("my_results_plant.txt", "plant"), ("x_potted_plant.txt", "potted_plant"),
      ("comp4_det_test_big_plant.txt", nil), ("cat.txt", nil), ("dog.csv", nil),
    ]
    for (file, name) in cases {
      #expect(DetectionFiles.className(ofFile: file, classNames: names) == name, "\(file)")
    }
  }

  @Test func foldersWithoutOrWithForeignFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileError.self) {
        try DetectionFiles.read(folder, classNames: names)
      }
      try Data().write(to: folder.appending(path: "comp4_det_test_zebra.txt"))
      let error = #expect(throws: FileError.self) {
        try DetectionFiles.read(folder, classNames: names)
      }
      #expect(error?.description.contains("comp4_det_test_zebra.txt") == true)
      #expect(throws: FileError.self) {
        try DetectionFiles.read(folder.appending(path: "absent.json"), classNames: names)
      }
    }
  }

  @Test func joiningKnowsImagesByIdNameAndPath() throws {
    let images = ["a", "b.v2", "c"].map { EvaluatedImage(id: $0, objects: []) }
    let detection = NamedDetection(
      className: "plant", confidence: 0.5, box: Box(left: 0, top: 0, right: 1, bottom: 1))
    let lists = ["x/a.jpg", "b.v2", "c.png"].map {
      ImageDetections(file: $0, detections: [detection])
    }
    let joined = try EvaluatedImage.joining(lists, to: images, classNames: names)
    #expect(joined.map(\.detections.count) == [1, 1, 1])
    #expect(joined[0].detections[0].classIndex == 1)
    #expect(joined[0].named(names).detections == [detection])
    let partial = try EvaluatedImage.joining([lists[2]], to: joined, classNames: names)
    #expect(partial.map(\.detections.count) == [0, 0, 1])
  }

  @Test func joiningRefusesWhatItDoesNotKnow() {
    let images = [EvaluatedImage(id: "a", objects: [])]
    let box = Box(left: 0, top: 0, right: 1, bottom: 1)
    let cat = NamedDetection(className: "cat", confidence: 0.5, box: box)
    let lists: [([ImageDetections], EvaluationError)] = [
      (
        [ImageDetections(file: "z.jpg", detections: [], source: "f:2")],
        .unknownImage("z.jpg", source: "f:2", unknown: 1, of: 1)
      ),
      (
        [ImageDetections(file: "a", detections: [cat], source: "f:3")],
        .unknownClass("cat", source: "f:3.detections[0]", suggestion: nil)
      ),
      (
        [
          ImageDetections(file: "a", detections: []),
          ImageDetections(file: "a.jpg", detections: [], source: "f:4"),
        ], .duplicateImage("a.jpg", source: "f:4")
      ),
    ]
    for (list, error) in lists {
      #expect(throws: error) {
        try EvaluatedImage.joining(list, to: images, classNames: names)
      }
    }
  }
}
