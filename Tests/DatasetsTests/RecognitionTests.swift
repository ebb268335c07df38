import Datasets
import Detection
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@Suite struct RecognitionTests {
  private let share = "; no lists: 80 % train, 10 % val, 10 % test of the images"

  /// The same objects in every format are the same samples, and so are the splits.
  @Test func formatsAgree() throws {
    try withTemporaryFolder { folder in
      let voc = folder.appending(path: "voc")
      try voc.writeVOC(5)
      try voc.write("Annotations/5.xml", annotation("5.jpg", []))
      let coco = folder.appending(path: "coco")
      try coco.writeCOCO("a.json", images: 1...5, folder: "images")
      let yolo = folder.appending(path: "yolo")
      try yolo.writeYOLO(images: "images", labels: "labels", 1...5)
      try yolo.write("classes.txt", "dog\n")
      for split in ["all", "train", "val", "trainval", "test"] {
        // VOC's names come from the objects, of which a split may have none.
        let names = split == "all" ? nil : ["dog"]
        let sets = try [voc, coco, yolo].map {
          try [recognized($0)].objects(split: split, classNames: names)
        }
        let first = try #require(sets.first)
        #expect(first.classNames == ["dog"])
        #expect(split != "all" || first.samples.map(\.target.count) == [1, 1, 1, 1, 0])
        for set in sets.dropFirst() {
          #expect(set.samples.map(\.id) == first.samples.map(\.id), "\(split)")
          #expect(set.samples.map(\.size) == first.samples.map(\.size))
          #expect(set.classNames == first.classNames && set.problems.isEmpty)
          for (a, b) in zip(set.samples, first.samples) {
            #expect(a.target.count == b.target.count)
            let (x, y) = (try a.image.read(), try b.image.read())
            #expect(x == y)
            for (x, y) in zip(a.target, b.target) {
              expectClose(
                [x.box.left, x.box.top, x.box.right, x.box.bottom],
                [y.box.left, y.box.top, y.box.right, y.box.bottom])
              #expect(x.classIndex == y.classIndex)
            }
          }
        }
      }
    }
  }

  @Test(arguments: [
    ("a.json", "images", "a.json", "a.json, 3 images in images/"),
    ("a.json", ".", "", "a.json, 3 images in the same folder"),
    ("annotations/b.json", "images", "", "COCO, annotations/b.json, 3 images in ../images/"),
    (
      "annotations/instances_val2017.json", "val2017", "annotations/instances_val2017.json",
      "instances_val2017.json, 3 images in ../val2017/"
    ),
    (
      "train/_annotations.coco.json", "train", "",
      "train train/_annotations.coco.json, 3 images in the same folder"
    ),
  ]) func findsCOCO(json: String, images: String, path: String, text: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeCOCO(json, images: 1...3, folder: images)
      let set = try recognized(folder, path)
      #expect(set.format == .coco)
      let summary = try set.summary()
      #expect(summary.hasPrefix("data: COCO, ") && summary.contains(text), "\(summary)")
      #expect(try [set].objects(split: "all").samples.map(\.id) == ["1", "2", "3"])
    }
  }

  @Test func takesCOCOsSplits() throws {
    try withTemporaryFolder { folder in
      try folder.writeCOCO("train/_annotations.coco.json", images: 1...4, folder: "train")
      try folder.writeCOCO("valid/_annotations.coco.json", images: 5...6, folder: "valid")
      try folder.writeCOCO("test/_annotations.coco.json", images: 7...9, folder: "test")
      let set = try recognized(folder)
      func ids(_ split: String) throws -> [String] {
        try [set].objects(split: split).samples.map(\.id)
      }
      #expect(try ids("train") == ["1", "2", "3", "4"])
      #expect(try ids("val") == ["5", "6"])
      #expect(try ids("valid") == ["5", "6"])
      #expect(try ids("trainval") == ["1", "2", "3", "4", "5", "6"])
      #expect(try ids("test") == ["7", "8", "9"])
      #expect(try !set.summary().contains("no lists"))
      #expect(
        message { _ = try ids("x") }
          == "\(folder.path): no split 'x'; there is train, val, trainval, test, all")
      try FileManager.default.removeItem(at: folder.appending(path: "valid"))
      let rest = try recognized(folder)
      #expect(try [rest].objects(split: "val").samples.count == 1)
      let trained = try [rest].objects(split: "train").samples.map(\.id)
      #expect(trained.count == 3 && Set(trained).isSubset(of: ["1", "2", "3", "4"]))
      #expect(
        try rest.summary().hasSuffix(
          "; no lists: 90 % train, 10 % val of the images of train, chosen by seed 1"))
    }
  }

  @Test func leavesOutWhatCOCOCannotUse() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("a.jpg")
      try folder.write(
        "a.json",
        #"""
        {"images": [{"id": 3, "file_name": "a.jpg"}, {"id": 4, "file_name": "b.jpg"}],
        "categories": [{"id": 9, "name": "cat"}, {"id": 2, "name": "dog"}], "annotations": [
        {"image_id": 3, "category_id": 9, "bbox": [1, 1, 0, 5]},
        {"image_id": 3, "category_id": 2, "bbox": [1, 1, 4, 5], "iscrowd": 1, "area": 7},
        {"image_id": 3, "category_id": 2, "bbox": [1, 1, -4, 5]},
        {"image_id": 3, "category_id": 8, "bbox": [1, 1, 4, 5]}]}
        """#)
      let set = try recognized(folder, "a.json")
      let data = try [set].objects(split: "all")
      #expect(data.classNames == ["dog", "cat"])
      #expect(
        data.samples.map(\.target) == [
          [
            GroundTruth(
              box: Box(left: 1, top: 1, right: 5, bottom: 6), classIndex: 0, isDifficult: true)
          ]
        ])
      #expect(data.details == [[GroundTruthDetail(area: 7, isCrowd: true)]])
      #expect(
        data.problems.map(\.kind) == [.invalidObject, .invalidObject, .missingImage, .zeroArea])
      #expect(
        data.problems.last?.text == "'cat' 0 x 5 at (1, 1) (annotations[0], image 'a')")
      let named = try [set].objects(split: "all", classNames: ["cat", "dog"])
      #expect(named.samples.first?.target.first?.classIndex == 1)
      let cats = try [set].objects(split: "all", classNames: ["cat"])
      #expect(cats.problems.map(\.kind).contains(.unknownClass))
    }
  }

  @Test(arguments: [
    ("images", "labels", "images/ and labels/, 3 images (1 without label file: nothing in them)"),
    ("images/train", "labels/train", "images/ and labels/, train 3 images"),
    ("train/images", "train/labels", "SPLIT/images/ and SPLIT/labels/, train 3 images"),
  ]) func findsYOLO(images: String, labels: String, text: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeYOLO(images: images, labels: labels, 1...3)
      let set = try recognized(folder)
      let summary = try set.summary()
      #expect(summary.hasPrefix("data: YOLO, " + text), "\(summary)")
      #expect(summary.contains("classes not named" + share))
      #expect(
        message { _ = try [set].objects(split: "all") }
          == "\(folder.path): the names of the classes are missing: no data.yaml, classes.txt or "
          + ".names file; give them with --names")
      let data = try [set].objects(split: "all", classNames: ["dog"])
      #expect(data.samples.map(\.target.count) == [1, 1, 0])
    }
  }

  @Test(arguments: [
    "train: images/train\nval: images/val\nnc: 1\nnames: ['dog']\n",
    "path: .\ntrain:\n  - images/train # half\n  - images/train2\nval: val.txt\nnames:\n  0: dog\n",
    "train: ../images/train\nval: ../images/val\nnames: [\"dog\"]\ndownload: |\n  import x: y\n",
  ]) func readsDescriptions(yaml: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeYOLO(images: "images/train", labels: "labels/train", 1...3)
      try folder.writeYOLO(images: "images/train2", labels: "labels/train2", 6...6)
      try folder.writeYOLO(images: "images/val", labels: "labels/val", 4...5)
      try folder.write("val.txt", "./images/val/4.jpg\nimages/val/5.jpg\n\n")
      try folder.write("data.yaml", yaml)
      for path in ["", "data.yaml"] {
        let set = try recognized(folder, path)
        #expect(set.format == .yolo)
        let train = try [set].objects(split: "train")
        #expect(train.samples.prefix(3).map(\.id) == ["1", "2", "3"])
        #expect(train.classNames == ["dog"] && train.samples[0].target.count == 1)
        #expect(try [set].objects(split: "val").samples.map(\.id) == ["4", "5"])
        #expect(try set.summary().hasPrefix("data: YOLO, data.yaml, train"))
      }
    }
  }

  @Test func namesWrongLabelLines() throws {
    try withTemporaryFolder { folder in
      try folder.writeYOLO(images: "images", labels: "labels", 1...2)
      for (line, text) in [
        ("0 .5 .5 .1 .1\n1 .5 .5 .1 .1", ":2: '1' is not a class index below 1"),
        (
          "0 .1 .1 .2 .1 .2 .2",
          ":1: 7 fields, expected 'class x y width height'; polygons are not read: convert them to "
            + "boxes"
        ),
        ("0 .5 .5 .1 .1 .9", ":1: 6 fields, expected 'class x y width height'"),
        (
          "0 .5 .5 40 .1",
          ":1: '40' is no share of the image's size, which x, y, width and height are"
        ),
      ] {
        try folder.write("labels/1.txt", line)
        let text = "\(folder.path)/labels/1.txt" + text
        #expect(
          message { _ = try [recognized(folder)].objects(split: "all", classNames: ["dog"]) }
            == text)
      }
    }
  }
}
