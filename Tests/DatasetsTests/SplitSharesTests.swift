import Datasets
import Foundation
import TestSupport
import Testing

/// Seeded shares of data that nobody has divided.
@Suite struct SplitSharesTests {
  static let formats = ["VOC", "COCO", "YOLO", "VOC train", "COCO train", "CIFAR"]

  /// A set of one format without lists; CIFAR's has two classes of `count` pictures.
  private func make(_ format: String, _ folder: URL, _ count: Int) throws -> RecognizedDataset {
    switch format {
    case "VOC": try folder.writeVOC(count)
    case "VOC train": try folder.writeVOC(count, annotations: "train", images: "train")
    case "COCO": try folder.writeCOCO("a.json", images: 1...count, folder: "images")
    case "COCO train":
      try folder.writeCOCO("train/_annotations.coco.json", images: 1...count, folder: "train")
    case "YOLO":
      try folder.writeYOLO(images: "images", labels: "labels", 1...count)
      try folder.write("classes.txt", "dog\n")
    default:
      for batch in 1...2 {
        let labels = (0..<count).map { [UInt8($0 % 2 == 0 ? 3 : 8)] }
        try folder.writeCIFAR("data_batch_\(batch).bin", labels: labels)
      }
      let names = (0..<10).map { "class\($0)" }
      try folder.write("batches.meta.txt", names.joined(separator: "\n"))
    }
    return try recognized(folder)
  }

  private func ids(
    _ set: RecognizedDataset, _ split: String, _ rules: ReadingRules
  ) throws -> [String] {
    set.format.hasObjects
      ? try [set].objects(split: split, classNames: ["dog"], rules: rules).samples.map(\.id)
      : try [set].labels(split: split, rules: rules).samples.map(\.id)
  }

  /// Runs know their images by these choices: a seed and a share for validation mean them for ever.
  @Test(
    arguments: [
      (Float(0.1), UInt64(1), [6, 8], ["1#9", "1#19", "2#0", "2#6"]),
      (
        0.25, 7, [1, 2, 8, 19, 20],
        ["1#1", "1#8", "1#9", "1#10", "1#15", "2#0", "2#5", "2#6", "2#10", "2#19"]
      ),
      (
        0.4, 2, [1, 4, 5, 8, 9, 11, 14, 17],
        [
          "1#0", "1#2", "1#3", "1#7", "1#9", "1#10", "1#12", "1#18", "2#2", "2#3", "2#4", "2#7",
          "2#9", "2#11", "2#13", "2#14",
        ]
      ),
    ], [Float(0), 0.1, 0.5])
  func validationImagesStay(
    golden: (share: Float, seed: UInt64, numbers: [Int], records: [String]), test: Float
  ) throws {
    for format in Self.formats {
      try withTemporaryFolder { folder in
        let set = try make(format, folder, 20)
        let val = try ids(set, "val", shares(golden.share, test: test, seed: golden.seed))
        let expected =
          format == "CIFAR"
          ? golden.records.map { "data_batch_" + $0 }
          : golden.numbers.map { format == "VOC train" ? "train/\($0)" : "\($0)" }
        #expect(Set(val) == Set(expected) && val.count == expected.count, "\(format)")
      }
    }
  }

  @Test(arguments: formats) func sharesAreDisjoint(format: String) throws {
    try withTemporaryFolder { folder in
      let set = try make(format, folder, 20)
      let rules = shares(0.2, test: 0.3, seed: 5)
      let all = try ids(set, "all", rules)
      let (train, val) = (try ids(set, "train", rules), try ids(set, "val", rules))
      let test = try ids(set, "test", rules)
      let count = all.count
      #expect(train.count == count / 2 && val.count == count / 5 && test.count == count * 3 / 10)
      #expect(Set(train + val + test) == Set(all) && Set(all).count == count)
      #expect(try Set(ids(set, "trainval", rules)) == Set(train + val))
      #expect(try ids(set, "testing", rules) == test)
      #expect(try ids(set, "test", shares(0.2, test: 0.3, seed: 6)) != test)
      // The share for validation says nothing about the test images, nor the other way round.
      #expect(try ids(set, "test", shares(0.6, test: 0.3, seed: 5)) == test)
      let untested = shares(0.2, seed: 5)
      #expect(try Set(ids(set, "train", untested)) == Set(train + test))
      #expect(try ids(set, "trainval", untested) == all)
      #expect(
        message { _ = try ids(set, "test", untested) }
          == "\(folder.path): no images are set aside for testing: their share is 0; give "
          + "--test-fraction 0.1, to train as well")
    }
  }

  @Test(arguments: ["VOC", "COCO", "YOLO"]) func smallSetsAreNotUsedUp(format: String) throws {
    try withTemporaryFolder { folder in
      let rules = shares(0.1, test: 0.1)
      let three = try make(format, folder.appending(path: "three"), 3)
      let splits = try ["train", "val", "test"].map { try ids(three, $0, rules) }
      #expect(splits.map(\.count) == [1, 1, 1] && Set(splits.joined()) == ["1", "2", "3"])
      #expect(try ids(three, "train", shares(0.5, test: 0.49)).count == 1)
      let place = folder.appending(path: "two")
      let two = try make(format, place, 2)
      #expect(try ids(two, "val", rules).count == 1)
      #expect(try ids(two, "trainval", rules).count == 2)
      #expect(try ids(two, "test", shares(0, test: 0.1)).count == 1)
      #expect(
        message { _ = try ids(two, "test", rules) }
          == "\(place.path): no usable image: split 'test' is empty: too few images for the shares "
          + "80 % train, 10 % val, 10 % test")
    }
  }

  /// Where test images are told, none are chosen, and training has as many as ever.
  @Test(arguments: ["list", "folder", "COCO", "YOLO", "CIFAR", "other folder's list"])
  func toldTestImagesAreAll(format: String) throws {
    try withTemporaryFolder { folder in
      var expected = ["21"]
      switch format {
      case "list":
        try folder.writeVOC(21)
        try folder.write("ImageSets/Main/test.txt", "21\n")
      case "folder":
        try folder.writeVOC(20, annotations: "train", images: "train")
        try folder.writeVOC(1, annotations: "test", images: "test", first: 21)
        expected = ["test/21"]
      case "COCO":
        try folder.writeCOCO("train/_annotations.coco.json", images: 1...20, folder: "train")
        try folder.writeCOCO("test/_annotations.coco.json", images: 21...21, folder: "test")
      case "YOLO":
        try folder.writeYOLO(images: "images/train", labels: "labels/train", 1...20)
        try folder.writeYOLO(images: "images/test", labels: "labels/test", 21...21)
      case "CIFAR":
        _ = try make(format, folder, 20)
        try folder.writeCIFAR("test_batch.bin", labels: [[3]])
        expected = ["test_batch#0"]
      default:
        try folder.appending(path: "VOC2007").writeVOC(1, first: 21)
        try folder.write("VOC2007/ImageSets/Main/test.txt", "21\n")
        try folder.appending(path: "VOC2012").writeVOC(20)
      }
      let set = try recognized(folder)
      let rules = shares(0.1, test: 0.1)
      #expect(try ids(set, "test", rules) == expected)
      if format == "list" {
        let train = message { _ = try ids(set, "train", rules) }
        #expect(train == "\(folder.path): no split 'train'; there is all, test")
      } else {
        let count = format == "CIFAR" ? 36 : 18
        #expect(try ids(set, "train", rules).count == count)
        #expect(try ids(set, "train", rules) == ids(set, "train", shares(0.1)))
        #expect(try !set.summary().contains("10 % test"))
        #expect(try set.summary().contains("; no lists: 90 % train, 10 % val of the "))
      }
    }
  }

  @Test func whoHasDividedIntoTrainAndValKeepsBoth() throws {
    try withTemporaryFolder { folder in
      try folder.writeYOLO(images: "images/train", labels: "labels/train", 1...10)
      try folder.writeYOLO(images: "images/val", labels: "labels/val", 11...12)
      let set = try recognized(folder)
      let rules = shares(0.1, test: 0.1)
      #expect(try ids(set, "train", rules).count == 10)
      #expect(try ids(set, "trainval", rules).count == 12)
      #expect(
        message { _ = try ids(set, "test", rules) }
          == "\(folder.path): no split 'test'; there is train, val, trainval, all")
    }
  }

  @Test func sharesAreSaid() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3)
      func said(_ split: String?, _ shares: SplitShares) throws -> String {
        let set = try recognized(folder, split: split)
        let text = try set.summary(shares: shares)
        return String(text.drop { $0 != ";" })
      }
      let usual = "; no lists: 80 % train, 10 % val, 10 % test of the images, chosen by seed 1"
      #expect(try said(nil, SplitShares()) == usual)
      #expect(try said("test", SplitShares()) == "; split test" + usual)
      #expect(try said("all", SplitShares()) == "; split all")
      #expect(
        try said(nil, SplitShares(validation: 0.125, test: 0, seed: 9))
          == "; no lists: 87.5 % train, 12.5 % val of the images, chosen by seed 9")
    }
  }
}
