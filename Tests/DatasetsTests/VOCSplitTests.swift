import Datasets
import Foundation
import TestSupport
import Testing

/// Splits as people make them.
@Suite struct VOCSplitTests {
  private func ids(_ folder: URL, _ split: String) throws -> [String] {
    try SampleSet(voc: [DataArgument(folder)], split: split, rules: shares(0.25)).samples
      .map(\.id)
  }

  private func summary(_ folder: URL) throws -> String {
    try RecognizedDataset(recognizing: DataArgument(folder)).summary()
  }

  @Test(arguments: ["valid", "val", "validation", "dev", "Val"])
  func foldersOfFilesAreSplits(name: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3, annotations: "train", images: "train")
      try folder.writeVOC(2, annotations: name, images: name, first: 4)
      try folder.writeVOC(1, annotations: "test", images: "test", first: 9)
      try folder.write("README.roboflow.txt", "made by a tool\n")
      #expect(try ids(folder, "train") == ["train/1", "train/2", "train/3"])
      for split in ["val", "valid", name] {
        #expect(try ids(folder, split) == ["\(name)/4", "\(name)/5"])
      }
      #expect(try ids(folder, "test") == ["test/9"])
      #expect(try ids(folder, "trainval").count == 5)
      #expect(try ids(folder, "all").count == 6)
      let text = try summary(folder)
      #expect(text.hasSuffix("splits by folders: all, test, train, trainval, val"), "\(text)")
    }
  }

  @Test(arguments: [("images", "annotations"), ("JPEGImages", "Annotations"), ("img", "xmls")])
  func foldersOfFoldersAreSplits(images: String, annotations: String) throws {
    try withTemporaryFolder { folder in
      for (name, first) in [("train", 1), ("validation", 5), ("test", 9)] {
        try folder.writeVOC(
          3, annotations: "\(name)/\(annotations)", images: "\(name)/\(images)", first: first)
      }
      #expect(try ids(folder, "train") == ["1", "2", "3"])
      #expect(try ids(folder, "val") == ["5", "6", "7"])
      #expect(try ids(folder, "test") == ["9", "10", "11"].sorted())
      try FileManager.default.removeItem(at: folder.appending(path: "validation"))
      try folder.write("extra/note.rst", "")
      let (train, val) = (try ids(folder, "train"), try ids(folder, "val"))
      #expect(val.count == 1 && Set(train + val) == ["1", "2", "3"])
      #expect(
        try summary(folder).hasSuffix(
          "no lists: 90 % train, 10 % val of the images of train, chosen by seed 1; not used: extra/"
        ))
    }
  }

  @Test(arguments: [
    "ImageSets/Main/", "ImageSets/", "", "JPEGImages/", "Annotations/", "splits/",
  ])
  func listsLieInManyPlaces(place: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(6)
      try folder.write(place + "train.txt", "1\n2\n3\n")
      try folder.write(place + "valid.txt", "4\n")
      try folder.write(place + "test_list.txt", "5\n6\n")
      #expect(try ids(folder, "train") == ["1", "2", "3"])
      #expect(try ids(folder, "val") == ["4"])
      #expect(try ids(folder, "trainval") == ["1", "2", "3", "4"])
      #expect(try summary(folder).hasSuffix("images") == false)
      if place.isEmpty {
        #expect(try ids(folder, "test") == ["5", "6"])
      }
    }
  }

  @Test(arguments: [
    "a 1.jpg", "a 1", "\"a 1\"", "'a 1'", "JPEGImages/a 1.jpg", "/data/set/Annotations/a 1.xml",
    ".\\JPEGImages\\a 1.jpg", "JPEGImages/a 1.jpg\tAnnotations/a 1.xml", "a 1.jpg,a 1.xml",
    "  a 1  ",
    "\"JPEGImages/a 1.jpg\" \"Annotations/a 1.xml\"",
  ])
  func listsNameImagesInManyWays(line: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(2)
      try folder.write("Annotations/a 1.xml", annotation("a 1.jpg", [("dog", [2, 3, 10, 12])]))
      try folder.writePicture("JPEGImages/a 1.jpg")
      try folder.write(
        "ImageSets/Main/train.txt", "\(line)\n./JPEGImages/2.jpg ./Annotations/2.xml")
      let data = try SampleSet(voc: [DataArgument(folder)], split: "train")
      #expect(data.samples.map(\.id) == ["a 1", "2"])
      #expect(data.problems.isEmpty)
    }
  }

  @Test func listsAreReadInEveryUnicode() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3)
      let text = "1\r\n3\r\n"
      let units = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      for bytes in [
        Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + units, units,
      ] {
        try folder.write("ImageSets/Main/train.txt", "")
        try Foundation.Data(bytes).write(to: folder.appending(path: "ImageSets/Main/train.txt"))
        #expect(try ids(folder, "train") == ["1", "3"])
      }
      try Foundation.Data([0xFF, 0xFE] + units.dropLast())
        .write(to: folder.appending(path: "ImageSets/Main/train.txt"))
      let cut = message { _ = try ids(folder, "train") }
      #expect(cut?.hasSuffix("train.txt:3: the UTF-16 ends inside a letter: cut off") == true)
    }
  }

  @Test func testImagesAreNeverTrainedOn() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(4)
      try folder.write("ImageSets/Main/train.txt", "1\n2\n3\n")
      try folder.write("ImageSets/Main/test.txt", "3\n4\n")
      let data = try SampleSet(voc: [DataArgument(folder)], split: "train")
      #expect(data.samples.map(\.id) == ["1", "2"])
      #expect(data.problems.map(\.kind) == [.testImage] && data.problems.map(\.line) == [3])
    }
  }

  @Test func twoReadingsAreNamed() throws {
    try withTemporaryFolder { folder in
      let both = folder.appending(path: "both")
      try both.writeVOC(2)
      try both.write("xmls/1.xml", annotation("1.jpg"))
      let two = message { _ = try ids(both, "all") }
      #expect(two?.contains("Annotations/ or with those of xmls/") == true, "\(two ?? "")")
      let lists = folder.appending(path: "lists")
      try lists.writeVOC(3)
      try lists.write("val.txt", "1\n")
      try lists.write("valid.txt", "2\n")
      let text = message { _ = try ids(lists, "val") }
      #expect(text?.contains("split 'val' of val.txt or valid.txt") == true, "\(text ?? "")")
      let parts = folder.appending(path: "parts")
      try parts.writeVOC(2, annotations: "train", images: "train")
      try parts.writeVOC(1, annotations: "test", images: "test", first: 9)
      try parts.write("train.txt", "train/1.jpg\ntest/9.jpg\n")
      let clash = message { _ = try ids(parts, "train") }
      #expect(
        clash?.contains("'test/9' of test (its folder) or of train") == true, "\(clash ?? "")")
    }
  }

  @Test func namesOfSeveralSourcesDiffer() throws {
    try withTemporaryFolder { folder in
      for site in ["site-a", "site-b"] {
        try folder.appending(path: "\(site)/data").writeVOC(2)
      }
      let expected = ["site-a/data/1", "site-a/data/2", "site-b/data/1", "site-b/data/2"]
      #expect(try ids(folder, "all") == expected)
      let sources = ["site-a/data", "site-b/data"].map { DataArgument(folder.appending(path: $0)) }
      #expect(try SampleSet(voc: sources, split: "all").samples.map(\.id) == expected)
    }
  }

  @Test(arguments: [
    ("annotations/xmls", "images"), ("xml", "imgs"), ("labels", "images"), ("annotations", "."),
    (".", "images"), ("a/labels", "a/photos"),
  ])
  func usualPairsOfFolders(annotations: String, images: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3, annotations: annotations, images: images)
      #expect(try ids(folder, "all").count == 3)
    }
  }
}
