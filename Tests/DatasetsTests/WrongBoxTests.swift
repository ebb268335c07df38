import Compute
import Datasets
import Detection
import Foundation
import Geometry
import TestSupport
import Testing

/// Boxes that are not where the file seems to say.
@Suite struct WrongBoxTests {
  private func parse(_ objects: String) throws -> VOCAnnotation {
    try VOCAnnotation.parse(
      Foundation.Data("<annotation>\n\(objects)\n</annotation>".utf8), file: "a.xml")
  }

  private func box(_ corners: [String]) -> String {
    let pairs = zip(["xmin", "ymin", "xmax", "ymax"], corners)
    return "<bndbox>" + pairs.map { "<\($0)>\($1)</\($0)>" }.joined() + "</bndbox>"
  }

  private func texts(_ read: VOCAnnotation) -> [String] {
    read.problems.map { "\($0.line ?? 0) \($0.kind.rawValue): \($0.text)" }
  }

  @Test func everyBoxOfAnObjectCounts() throws {
    let two = box(["1", "1", "5", "5"]) + box(["7", "1", "9", "5"])
    let read = try parse("<object><name>dog</name>\(two)</object>")
    #expect(read.objects.map(\.box.left) == [0, 6])
    #expect(
      texts(read)
        == ["2 several boxes in one object: 'dog' has 2 <bndbox>, taken for as many objects"])
    #expect(read.problems.allSatisfy { $0.kind.isUsed && !$0.kind.isNote })
    let twice = "<bndbox><xmin>1</xmin><xmin>3</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax>"
    #expect(
      texts(try parse("<object><name>dog</name>\(twice)</bndbox></object>"))
        == ["2 invalid object: <xmin> of 'dog' is '1 and 3', not a number"])
  }

  @Test func sharesAreNoPixels() throws {
    for corners in [["0.1", "0.2", "0.5", "0.9"], ["0", "0", "1", "0.5"]] {
      let read = try parse("<object><name>dog</name>\(box(corners))</object>")
      #expect(read.objects.isEmpty)
      #expect(read.problems.map(\.kind) == [.invalidObject])
      #expect(read.problems.first?.text.contains("shares of the image") == true)
    }
    let pixels = try parse("<object><name>dog</name>\(box(["0", "0", "1", "1"]))</object>")
    #expect(pixels.objects.count == 1 && pixels.problems.isEmpty)
  }

  @Test func objectsElsewhereAreNotNothing() throws {
    for (text, what) in [
      ("<objects>\n<object/><object/></objects>", "2 × <object> inside <objects>"),
      ("\n<Object/>", "1 × <Object>"), ("<a><b>\n<object/></b></a>", "1 × <object> inside <b>"),
    ] {
      #expect(
        message { _ = try parse(text) }
          == "a.xml:3: \(what), where VOC has <object> in <annotation>")
    }
    let good = "<object><name>dog</name>\(box(["1", "1", "5", "5"]))<part><object/></part></object>"
    #expect(try parse(good).problems.isEmpty)
    #expect(texts(try parse(good + "<list><object/></list>")).count == 1)
  }

  @Test func theSameObjectTwiceIsSaid() throws {
    let dog = "<object><name>dog</name>\(box(["1", "1", "5", "5"]))</object>\n"
    let cat = dog.replacingOccurrences(of: "dog", with: "cat")
    let read = try parse(dog + cat + dog)
    #expect(read.objects.count == 3)
    #expect(texts(read) == ["4 the same object twice: 'dog': line 2 has it, too"])
  }

  @Test(arguments: [
    ("yes", true, false), ("True", true, false), ("1", true, false), ("no", false, false),
    ("FALSE", false, false), ("Unspecified", false, false), ("", false, false),
    ("perhaps", false, true),
  ])
  func flagsMayBeWords(word: String, expected: Bool, isUnclear: Bool) throws {
    let object = "<object><name>dog</name><difficult>\(word)</difficult>"
    let read = try parse(object + box(["1", "1", "5", "5"]) + "</object>")
    #expect(read.objects.map(\.isDifficult) == [expected])
    #expect(read.problems.map(\.kind) == (isUnclear ? [.unclearFlag] : []))
  }

  /// Pictures are 20 x 16.
  @Test(arguments: [
    ((40, 32), [3, 5, 20, 32], DataProblem.Kind.scaledBoxes, [1, 2, 10, 16] as [Float]),
    ((10, 8), [2, 3, 10, 8], .scaledBoxes, [2, 4, 20, 16]),
    ((8, 8), [2, 3, 15, 12], .ignoredSize, [1, 2, 15, 12] as [Float]),
    ((16, 20), [2, 3, 10, 12], .sizeMismatch, []), ((300, 300), [2, 3, 10, 12], .sizeMismatch, []),
  ])
  func sizesAreCompared(
    size: (Int, Int), corners: [Int], kind: DataProblem.Kind, expected: [Float]
  ) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(2)
      try folder.write(
        "Annotations/1.xml", annotation("1.jpg", [("dog", corners)], size: size))
      let data = try SampleSet(voc: [DataArgument(folder)], split: "all")
      #expect(data.problems.map(\.kind) == [kind])
      let first = data.samples.first { $0.id == "1" }?.target.first?.box
      #expect(first.map { [$0.left, $0.top, $0.right, $0.bottom] } ?? [] == expected)
      let check = try DatasetCheck(
        sources: [DataArgument(folder)], pool: ThreadPool(threadCount: 1))
      #expect(check.problems.map(\.kind) == [kind])
    }
  }

  /// Who knows better than `<size>` says so: pictures are 20 x 16.
  @Test(arguments: [
    (AnnotatedSizeRule.ignore, (40, 32), [DataProblem.Kind.ignoredSize], 2),
    (.ignore, (300, 300), [.ignoredSize], 2), (.ignore, (20, 16), [], 2),
    (.refuse, (40, 32), [.sizeMismatch], 1), (.refuse, (300, 300), [.sizeMismatch], 1),
    (.refuse, (20, 16), [], 2),
  ])
  func sizesFollowTheRule(
    rule: AnnotatedSizeRule, size: (Int, Int), kinds: [DataProblem.Kind], count: Int
  ) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(2)
      let file = "Annotations/1.xml"
      try folder.write(file, annotation("1.jpg", [("dog", [3, 5, 18, 15])], size: size))
      let rules = ReadingRules(annotatedSize: rule)
      let data = try SampleSet(voc: [DataArgument(folder)], split: "all", rules: rules)
      #expect(data.samples.count == count && data.problems.map(\.kind) == kinds)
      if count == 2 {
        let boxes: [Box] = data.samples[0].target.map { $0.box }
        #expect(boxes == [Box(left: 2, top: 4, right: 18, bottom: 15)])
      }
      if let problem = data.problems.first {
        let sizes = "<size> is \(size.0)x\(size.1), the image 20x16"
        #expect(problem.text == sizes + (rule == .ignore ? "; ignored" : ""))
        #expect(problem.file.hasSuffix(file) && problem.line == 3)
      }
      let check = try DatasetCheck(
        sources: [DataArgument(folder)], rules: rules, pool: ThreadPool(threadCount: 1))
      #expect(check.problems.map(\.kind) == kinds)
    }
  }

  /// A stored picture of 20 x 16 with a box at its upper left, as each orientation shows it.
  @Test(arguments: [
    (UInt8(5), [2, 1, 8, 5] as [Float]), (UInt8(6), [8, 1, 14, 5] as [Float]),
    (UInt8(7), [8, 15, 14, 19] as [Float]), (UInt8(8), [2, 15, 8, 19] as [Float]),
  ])
  func boxesTurnWithThePicture(orientation: UInt8, expected: [Float]) throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(1)
      try folder.write("Annotations/1.xml", annotation("1.jpg", [("dog", [2, 3, 5, 8])]))
      let file = folder.appending(path: "JPEGImages/1.jpg")
      let bytes = try [UInt8](Foundation.Data(contentsOf: file))
      let tag: [UInt8] =
        Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]
        + [0, 0, 0, 0, 0, 0]
      let segment = [0xFF, 0xE1, 0, UInt8(tag.count + 2)] + tag
      try Foundation.Data(bytes.prefix(2) + segment + bytes.dropFirst(2)).write(to: file)
      let data = try SampleSet(voc: [DataArgument(folder)], split: "all")
      let box = data.samples.first?.target.first?.box
      #expect(box.map { [$0.left, $0.top, $0.right, $0.bottom] } == expected)
      #expect(data.problems.map(\.kind) == [.turnedBoxes])
    }
  }

  @Test func nothingToLearnIsRefused() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(4)
      func train(_ names: [String]?) -> String? {
        message {
          _ = try SampleSet(voc: [DataArgument(folder)], split: "train", classNames: names)
        }
      }
      #expect(train(nil) == nil)
      #expect(train(["cat"])?.contains("nothing can be learned: none of 2 images") == true)
      for i in 1...4 {
        try folder.write(
          "Annotations/\(i).xml",
          annotation("\(i).jpg", [("dog", [2, 3, 10, 12])], difficult: [0]))
      }
      #expect(
        train(nil)?.hasSuffix("all 2 objects are difficult, which training leaves out") == true)
    }
  }
}
