import Datasets
import Detection
import Foundation
import Images
import TestSupport
import Testing

@Suite struct VOCReaderTests {
  private func load(
    _ folder: URL, _ split: String = "all", names: [String]? = nil, valFraction: Float = 0.25,
    seed: UInt64 = 1
  ) throws -> SampleSet<[GroundTruth]> {
    try SampleSet(
      voc: [DataArgument(folder)], split: split, classNames: names,
      rules: shares(valFraction, seed: seed))
  }

  @Test(arguments: [
    ("Annotations", "JPEGImages"), ("annotations", "images"), ("Annotations", "images"),
    (".", "."), ("a/b", "a/b"),
  ])
  func findsLayouts(annotations: String, images: String) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3, annotations: annotations, images: images)
      let data = try load(folder)
      let prefix = annotations == "a/b" ? "a/b/" : ""
      #expect(data.samples.map(\.id) == ["1", "2", "3"].map { prefix + $0 })
      #expect(data.classNames == ["dog"])
      #expect(data.samples.allSatisfy { $0.target.count == 1 })
      #expect(data.samples.allSatisfy { FileManager.default.fileExists(atPath: $0.image.path) })
      #expect(data.problems.isEmpty)
    }
  }

  @Test func readsDevkits() throws {
    try withTemporaryFolder { folder in
      let devkit = folder.appending(path: "VOCdevkit")
      for year in ["VOC2007", "VOC2012"] {
        try devkit.appending(path: year).writeVOC(2)
        try devkit.write("\(year)/ImageSets/Main/train.txt", "1\r\n\r\n")
      }
      try devkit.write("VOC2007/ImageSets/Main/test.txt", "2\n")
      try devkit.write("VOC2007/ImageSets/Main/dog_test.txt", "2 -1\n")
      for place in [folder, devkit] {
        #expect(try load(place, "train").samples.map(\.id) == ["VOC2007/1", "VOC2012/1"])
        #expect(try load(place, "test").samples.map(\.id) == ["2"])
        #expect(try load(place, "dog_test").samples.map(\.id) == ["2"])
        #expect(try load(place, "all").samples.count == 4)
        #expect(
          message { _ = try load(place, "val") }
            == "\(place.path): no split 'val'; there is all, test, train")
      }
    }
  }

  @Test func splitsBySeed() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(12)
      let val = try load(folder, "val").samples.map(\.id)
      let train = try load(folder, "train").samples.map(\.id)
      #expect(val.count == 3 && train.count == 9)
      #expect(Set(val + train).count == 12)
      #expect(try load(folder, "val").samples.map(\.id) == val)
      #expect(try load(folder, "val", seed: 2).samples.map(\.id) != val)
      #expect(try load(folder, "trainval").samples.count == 12)
      #expect(try load(folder, "val", valFraction: 0.001).samples.count == 1)
      #expect(try load(folder, "train", valFraction: 1).samples.count == 1)
      #expect(try load(folder, "train", valFraction: 0).samples.count == 12)
      #expect(message { _ = try load(folder, "val", valFraction: 0) }?.contains("empty") == true)
      #expect(message { _ = try load(folder, "test") }?.contains("set aside for testing") == true)
    }
  }

  @Test func takesSubfoldersForSplits() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(2, annotations: "train", images: "train")
      try folder.writeVOC(1, annotations: "test", images: "test", first: 9)
      // One of them is for validation.
      #expect(try load(folder, "train").samples.count == 1)
      #expect(
        try load(folder, "train", valFraction: 0).samples.map(\.id) == ["train/1", "train/2"])
      #expect(try load(folder, "test").samples.map(\.id) == ["test/9"])
      #expect(try load(folder, "all").samples.count == 3)
    }
  }

  @Test func readsSeveralSources() throws {
    try withTemporaryFolder { folder in
      let a = folder.appending(path: "a:b")
      try a.writeVOC(2)
      try a.write("ImageSets/Main/some.txt", "2\n2\n7\n")
      try folder.appending(path: "c").writeVOC(3, first: 2)
      let sources = [
        DataArgument(argument: "\(a.path):some"), DataArgument(argument: folder.path + "/c"),
      ]
      #expect(sources.map(\.split) == ["some", nil])
      #expect(DataArgument(argument: a.path).split == nil)
      #expect(DataArgument(argument: a.path).url.path == a.path)
      let data = try SampleSet(voc: sources, split: "all")
      #expect(data.samples.map(\.id) == ["a:b/2", "c/2", "3", "4"])
      #expect(data.problems.map(\.kind) == [.duplicateEntry, .missingAnnotation])
      #expect(data.problems.map(\.line) == [2, 3])
    }
  }

  @Test func leavesOutWhatCannotBeUsed() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3)
      try folder.write("Annotations/1.xml", annotation("1.jpg", [("cat", [1, 1, 5, 5])]))
      try folder.write(
        "Annotations/2.xml",
        annotation(
          "2.jpg", [("dog", [5, 5, 5, 9]), ("dog", [1, 1, 5, 5]), ("dog", [3, 3, 7, 8])],
          difficult: [1]))
      try folder.write("Annotations/3.xml", "<annotation><object>")
      try folder.write("Annotations/4.xml", annotation("4.jpg"))
      let data = try load(folder, names: ["bird", "dog"])
      #expect(data.samples.map(\.id) == ["1", "2"])
      #expect(data.samples[0].target.isEmpty)
      #expect(data.samples[1].target.map(\.isDifficult) == [true, false])
      #expect(data.samples[1].target.map(\.classIndex) == [1, 1])
      #expect(
        data.problems.map(\.kind)
          == [.malformedAnnotation, .missingImage, .unknownClass, .zeroArea])
      let lines = DataProblem.summary(of: data.problems)
      #expect(lines.count == 4)
      let line = try #require(lines.first { $0.hasPrefix("1 × box without area (") })
      #expect(line.hasSuffix("2.xml:4: 'dog' from (5.0, 5.0) to (5.0, 9.0))"), "\(line)")
    }
  }

  @Test func choosesAmongImages() throws {
    try withTemporaryFolder { folder in
      try folder.write("1.xml", annotation("1.png"))
      try folder.writePicture("1.jpg")
      try folder.writePicture("1.png")
      try folder.write("label.xml", annotation("photo.PNG"))
      try folder.writePicture("photo.png")
      try FileManager.default.moveItem(
        at: folder.appending(path: "photo.png"), to: folder.appending(path: "photo.PNG"))
      let data = try load(folder)
      #expect(data.samples.map(\.image.url.lastPathComponent) == ["1.png", "photo.PNG"])
    }
  }

  @Test func namesUnusableFolders() throws {
    try withTemporaryFolder { folder in
      func expect(_ folder: URL, _ part: String) {
        let text = message { _ = try load(folder) }
        #expect(text?.contains(part) == true, "\(text ?? "no error")")
      }
      expect(folder.appending(path: "x"), "no such folder")
      expect(folder, "no VOC annotations")
      try folder.write("Annotations/1.xml", annotation("1.jpg"))
      expect(folder, "no folder JPEGImages")
      try folder.writePicture("JPEGImages/2.jpg")
      expect(folder, "no usable image: 1 × missing image")
    }
  }
}
