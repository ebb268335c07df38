import Compute
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatasetCheckTests {
  private func check(
    _ folder: URL, names: [String]? = nil, threads: Int = 2
  ) throws -> DatasetCheck {
    try DatasetCheck(
      sources: [DataArgument(folder)], classNames: names,
      pool: ThreadPool(threadCount: threads))
  }

  @Test func findsEveryKindOfProblem() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(4)
      try folder.write(
        "Annotations/1.xml",
        annotation(
          "other.jpg",
          [("dog", [5, 5, 5, 9]), ("wolf", [0, 1, 21, 5]), ("dog", [0, 1, 3, 3])]))
      try folder.write("Annotations/2.xml", annotation("2", [], size: (16, 20)))
      try folder.write("Annotations/3.xml", "<annotation>\n<object>")
      try folder.write("Annotations/5.xml", annotation("5.jpg"))
      try folder.write("Annotations/6.xml", "<annotation><object/></annotation>")
      try FileManager.default.copyItem(
        at: folder.appending(path: "JPEGImages/4.jpg"),
        to: folder.appending(path: "JPEGImages/6.jpg"))
      try folder.write("JPEGImages/4.png", "")
      try folder.write("JPEGImages/7.jpg", "GIF")
      try folder.write("Annotations/8.xml", annotation("8.jpg"))
      try folder.write("JPEGImages/8.jpg", "")
      try folder.write("ImageSets/Main/train.txt", "1\n2\n1\n99\n")
      let check = try check(folder, names: ["dog"])
      let found = check.findings.map { finding in
        let name = URL(filePath: finding.file).lastPathComponent
        return "\(name):\(finding.line ?? 0) \(finding.kind)"
      }
      #expect(
        found.sorted() == [
          "1.xml:12 zeroBased", "1.xml:2 filenameDiffers", "1.xml:4 zeroArea",
          "1.xml:8 outOfImage", "1.xml:8 unknownClass", "2.xml:0 noObjects", "2.xml:3 sizeMismatch",
          "3.xml:2 malformedAnnotation", "4.xml:0 ambiguousImage", "5.xml:0 missingImage",
          "6.jpg:0 duplicateImage", "6.xml:1 invalidObject", "7.jpg:0 missingAnnotation",
          "8.jpg:0 unreadableImage", "train.txt:3 duplicateEntry", "train.txt:4 missingAnnotation",
        ])
      #expect(check.notes.count == 2 && check.problems.count == found.count - 2)
      #expect(check.annotationCount == 7)
      #expect(check.imageCount == 5)
      #expect(check.objectCounts == ["dog": 5, "wolf": 1])
      #expect(try self.check(folder, names: ["dog"], threads: 1).findings == check.findings)
    }
  }

  @Test func acceptsAGoodSet() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(3)
      #expect(try check(folder).findings.isEmpty)
    }
  }

  @Test func acceptsHalfBrokenImagesNot() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(1)
      let file = folder.appending(path: "JPEGImages/1.jpg")
      let bytes = try Foundation.Data(contentsOf: file)
      try bytes.prefix(bytes.count / 2).write(to: file)
      let findings = try check(folder).findings
      #expect(findings.map(\.kind) == [.unreadableImage])
      #expect(findings.first?.text.hasPrefix("truncated or corrupt JPEG") == true)
    }
  }

  @Test(.needsShared("datasets/bccd")) func bloodCellsHaveTwoBoxesWithoutArea() throws {
    let check = try check(sharedData("datasets/bccd"))
    #expect(check.problems.map(\.kind) == [.zeroArea, .zeroArea])
    #expect(
      check.problems.map { URL(filePath: $0.file).lastPathComponent }
        == ["BloodImage_00338.xml", "BloodImage_00343.xml"])
    #expect(check.objectCounts == ["RBC": 4155, "WBC": 372, "Platelets": 361])
    #expect(check.annotationCount == 364 && check.imageCount == 364)
  }

  @Test(.needsShared("datasets/raccoon")) func raccoonsHaveFourPicturesTwice() throws {
    let check = try check(sharedData("datasets/raccoon"))
    #expect(check.problems.filter { $0.kind == .duplicateImage }.count == 4)
    #expect(check.imageCount == 200 && check.objectCounts == ["raccoon": 217])
  }

  @Test(.needsShared("datasets/fruit-nuts")) func nutsLieBesideTheirAnnotations() throws {
    let check = try check(sharedData("datasets/fruit-nuts/data/images"))
    #expect(check.imageCount == 18)
    #expect(check.objectCounts == ["date": 71, "hazelnut": 53, "fig": 40])
  }
}
