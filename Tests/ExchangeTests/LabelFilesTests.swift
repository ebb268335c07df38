import Evaluation
import Files
import Foundation
import Geometry
import TestSupport
import Testing

@testable import Exchange

@Suite struct LabelFilesTests {
  private func image(_ name: String, _ boxes: [(String, Box)]) -> ImageDetections {
    ImageDetections(
      file: name, width: 40, height: 20,
      detections: boxes.map { NamedDetection(className: $0, confidence: 0.5, box: $1) })
  }

  private let images: [(String, Box)] = [
    ("cat & dog", Box(left: 3.4, top: 5.6, right: 11.5, bottom: 30)),
    ("cat", Box(left: -20, top: 2, right: -1, bottom: 9)),
    ("cat", Box(left: 39.9, top: 0, right: 50, bottom: 0.3)),
  ]

  @Test func vocCountsWholePixelsFromOne() throws {
    try withTemporaryFolder { folder in
      try LabelFiles.voc.write(
        [image("photos/a<b.jpg", images)], classNames: ["cat", "cat & dog"], to: folder.path)
      let text = try String(
        contentsOf: folder.appending(path: "a<b.xml"), encoding: .utf8)
      #expect(text.contains("<folder>photos</folder>"))
      #expect(text.contains("<filename>a&lt;b.jpg</filename>"))
      let values = text.matches(of: /<(name|xmin|ymin|xmax|ymax)>([^<]*)</).map { String($0.2) }
      #expect(
        values == [
          "cat &amp; dog", "4", "7", "12", "20",
          // What is left of the third is a part of the last pixel.
          "cat", "40", "1", "40", "1",
        ])
    }
  }

  @Test func yoloHasSharesAndTheNames() throws {
    try withTemporaryFolder { folder in
      try LabelFiles.yolo.write(
        [image("a.jpg", images), image("b.jpg", [])], classNames: ["cat", "cat & dog"],
        to: folder.path)
      func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      }
      // (3.4 + 11.5) / 2 / 40, (5.6 + 20) / 2 / 20, 8.1 / 40, 14.4 / 20.
      let rows = try text("a.txt")
      #expect(
        rows == """
          1 0.186250 0.640000 0.202500 0.720000
          0 0.998750 0.007500 0.002500 0.015000

          """)
      #expect(try text("b.txt").isEmpty)
      let names = try text("classes.txt")
      #expect(names == "cat\ncat & dog\n")
    }
  }

  @Test func cocoNumbersImagesWhereAllAreNumbers() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "r.json").path
      func ids(_ names: [String]) throws -> [String] {
        try COCOResults.write(
          names.map { image($0, [images[1]]) }, classNames: ["cat & dog", "cat"], to: path)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("\"category_id\" : 2"))
        return text.matches(of: /"image_id" : (.*?),?\n/).map { String($0.1) }
      }
      let numbers = try ids(["x/000012.jpg", "7.png"])
      #expect(numbers == ["12", "7"])
      let texts = try ids(["x/000012.jpg", "a.png"])
      #expect(texts == ["\"000012.jpg\"", "\"a.png\""])
    }
  }
}
