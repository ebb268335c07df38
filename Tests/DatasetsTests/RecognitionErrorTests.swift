import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct RecognitionErrorTests {
  private func expectError(
    _ folder: URL, _ path: String, _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = message { _ = try recognized(folder, path) }
    let place = path.isEmpty ? folder.path : folder.path + "/" + path
    #expect(found == place + text, sourceLocation: sourceLocation)
    #expect(found?.contains("\n") == false, sourceLocation: sourceLocation)
  }

  @Test func namesWhatItLookedFor() throws {
    let looked =
      ": no data set recognised; looked for VOC (Annotations and JPEGImages, XML beside images, a "
      + "VOCdevkit), COCO (annotations/*.json, SPLIT/_annotations.coco.json, a .json), YOLO "
      + "(data.yaml, images and labels), CIFAR (data_batch_*.bin, train.bin), folders of pictures "
      + "named for their classes (train/CLASS/*.jpg), CSV (path,label,split), Darknet's .data with "
      + "labels, keypoints (joints.mat, MPII's or COCO's JSON, our own JSON, CollectedData_*.csv, CSV of "
      + "name,a_x,a_y) and dots (001cell.png and 001dots.png, CSV of image,x,y)"
    try withTemporaryFolder { folder in
      expectError(folder, "", looked)
      expectError(folder, "x", ": no such file or folder; give PATH or PATH:SPLIT")
      try folder.writePicture("images/1.jpg")
      expectError(folder, "", looked)
      expectError(folder, "images/1.jpg", looked)
      try folder.write("Annotations/1.xml", annotation("1.jpg"))
      try FileManager.default.moveItem(
        at: folder.appending(path: "images"), to: folder.appending(path: "elsewhere"))
      expectError(folder, "", ": there are annotations but no folder JPEGImages or images")
    }
  }

  @Test func namesTwoThings() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(2, images: "images")
      try folder.writeYOLO(images: "images", labels: "labels", 1...2)
      expectError(
        folder, "",
        ": could be VOC (Annotations/ and images/) or YOLO (images/ and labels/); choose with "
          + "--voc \(folder.path)")
      try folder.write("data.yaml", "train: images\nnames: [dog]\n")
      expectError(
        folder, "",
        ": could be VOC (Annotations/ and images/) or YOLO (data.yaml); choose with --voc "
          + "\(folder.path) or --data \(folder.path)/data.yaml")
      #expect(try recognized(folder, "data.yaml").format == .yolo)
      #expect(try RecognizedDataset(voc: DataArgument(folder)).format == .voc)
    }
    try withTemporaryFolder { folder in
      try folder.writeVOC(1, annotations: "xml")
      try folder.writeCOCO("annotations/a.json", images: 1...2, folder: "JPEGImages")
      // Of the folders of annotations, VOC takes that with XML.
      expectError(
        folder, "",
        ": could be VOC (xml/ and JPEGImages/) or COCO (annotations/a.json); choose with "
          + "--voc \(folder.path) or --data \(folder.path)/annotations/a.json")
      try folder.write("annotations/1.xml", annotation("1.jpg"))
      expectError(
        folder, "",
        ": could be VOC with the annotations of annotations/ or with those of xml/; move one of "
          + "them away")
    }
    try withTemporaryFolder { folder in
      try folder.writeCOCO("annotations/train_a.json", images: 1...2, folder: "images")
      try folder.writeCOCO("annotations/train_b.json", images: 1...2, folder: nil)
      expectError(
        folder, "", ": could be train_a.json or train_b.json; give the path of one of them")
    }
  }

  @Test func namesBrokenFiles() throws {
    try withTemporaryFolder { folder in
      try folder.writeCOCO("a.json", images: 1...2, folder: nil)
      let found = message { _ = try recognized(folder, "a.json") }
      #expect(
        found?.hasPrefix(
          "\(folder.path)/a.json: its images are not found: looked for '1.jpg' in ., images, ..,")
          == true)
      try folder.write("a.json", "[]")
      expectError(folder, "a.json", ": a value of another kind is needed here")
      try folder.write("data.yaml", "names: [dog]\ntrain: pictures\n")
      expectError(
        folder, "data.yaml",
        ":2: train: no folder or list 'pictures'; looked for \(folder.path)/pictures")
      try folder.write("data.yaml", "path: /no/where\nnames: [dog]\ntrain: pictures\n")
      expectError(
        folder, "data.yaml",
        ":3: train: no folder or list 'pictures'; looked for /no/where/pictures, "
          + "\(folder.path)/pictures")
      for (text, reason) in [
        ("", ":1: the file is empty"),
        ("names: [dog]\n", ": neither train, val nor test says where images are"),
        ("train: x\n", ":1: no class names: 'names'"),
        ("a: 1\nnames: [a, a]\n", ":2: names: 'a' twice"),
        ("nc: 3\nnames: [a, b]\n", ":1: nc: is 3, but there are 2 names"),
        ("names:\n  0: a\n  2: b\n", ":3: names: '2' where 1 is due"),
        ("names: [a\n", ":1: a bracket is not closed"),
        ("names: a]\n", ":1: a bracket is closed that was not opened"),
        ("a: &x 1\n", ":1: '&x 1': anchors, tags and the like are not read"),
        ("a: 1\nb\n", ":2: 'b' is not 'key: value'"),
        ("a: 1\n\tb: 2\n", ":2: a tab for indentation"),
        ("a: 'b\n", ":1: a quote is not closed"), ("a: 1\n   b: 2\n", ":2: unexpected indentation"),
        ("a: 1\na: 2\n", ":2: 'a' twice"),
      ] {
        try folder.write("data.yaml", text)
        expectError(folder, "data.yaml", reason)
      }
    }
  }

  @Test func namesTheOtherKind() throws {
    try withTemporaryFolder { folder in
      let voc = folder.appending(path: "voc")
      try voc.writeVOC(1)
      #expect(
        message { _ = try [recognized(voc)].labels(split: "all") }
          == "\(voc.path): VOC has objects with boxes, where images of one class each, as of CIFAR "
          + "or folders of classes, are needed")
      let cifar = folder.appending(path: "cifar")
      try cifar.writeCIFAR("test_batch.bin", labels: [[1]])
      #expect(
        message { _ = try [recognized(cifar)].objects(split: "all") }
          == "\(cifar.path): CIFAR-10 has one class per image, where objects with boxes are needed")
    }
  }
}
