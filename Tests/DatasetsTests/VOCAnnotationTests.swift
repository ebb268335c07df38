import Datasets
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct VOCAnnotationTests {
  private func parse(_ text: String) throws -> VOCAnnotation {
    try VOCAnnotation.parse(Foundation.Data(text.utf8), file: "a.xml")
  }

  @Test func readsObjects() throws {
    let objects = [("dog", [48, 240, 195, 371]), ("cat", [1, 1, 2, 2])]
    let read = try parse(annotation("x.jpg", objects))
    #expect(read.filename == "x.jpg")
    #expect(read.size.map { [$0.width, $0.height, $0.line] } == [20, 16, 3])
    #expect(read.objects.map(\.name) == ["dog", "cat"])
    #expect(read.objects[0].box == Box(left: 47, top: 239, right: 195, bottom: 371))
    #expect(read.objects.map(\.line) == [4, 8])
    #expect(read.objects.map(\.hasArea) == [true, true])
    #expect(read.problems.isEmpty)
  }

  @Test func takesOnlyAnObjectsOwnBox() throws {
    let text = """
      <annotation><object>
      <part><name>head</name><bndbox><xmin>7</xmin><ymin>7</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></part>
      <name>person</name>
      <bndbox><ymax>40</ymax><xmin>10</xmin><ymin>20</ymin><xmax>30</xmax></bndbox>
      <part><name>foot</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>6</xmax><ymax>6</ymax></bndbox></part>
      </object>
      <object><name>ghost</name>
      <part><name>head</name><bndbox><xmin>7</xmin><ymin>7</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></part>
      </object></annotation>
      """
    let read = try parse(text)
    #expect(read.objects.map(\.name) == ["person"])
    #expect(read.objects.first?.box == Box(vocXMin: 10, yMin: 20, xMax: 30, yMax: 40))
    #expect(
      read.problems.map(\.description)
        == ["a.xml:7: invalid object: 'ghost' has no <bndbox> of its own"])
  }

  @Test func readsWhatToolsWrite() throws {
    let text = """
      <?xml version="1.0" encoding="utf-8"?>
      <annotation verified="yes"><object><name> a&amp;b </name><difficult>1</difficult>
      <ambiguity>0.25</ambiguity>
      <bndbox><xmin>1.5</xmin><ymin> 2.25 </ymin><xmax>7.5</xmax><ymax>9</ymax></bndbox>
      </object><object><name><![CDATA[c]]></name>
      <bndbox><xmin>3</xmin><ymin>3</ymin><xmax>3</xmax><ymax>9</ymax></bndbox></object>
      </annotation>
      """
    let read = try parse(text)
    #expect(read.objects.map(\.name) == ["a&b", "c"])
    #expect(read.objects.map(\.isDifficult) == [true, false])
    #expect(read.objects.map(\.ambiguity) == [0.25, nil])
    #expect(read.objects.map(\.hasArea) == [true, false])
    #expect(read.objects[0].box == Box(left: 0.5, top: 1.25, right: 7.5, bottom: 9))
    #expect(read.size == nil && read.filename == nil)
  }

  @Test func namesLinesOfIncompleteObjects() throws {
    let text = """
      <annotation>
      <object><bndbox></bndbox></object>
      <object><name>a</name></object>
      <object><name>b</name>
      <bndbox><xmin>1</xmin></bndbox></object>
      <object><name>c</name>
      <bndbox><xmin>1</xmin><ymin>x</ymin><xmax>7</xmax><ymax>nan</ymax></bndbox></object>
      </annotation>
      """
    let read = try parse(text)
    #expect(read.objects.isEmpty)
    #expect(
      read.problems.map { "\($0.line ?? 0) \($0.text)" } == [
        "2 the object has no <name>", "3 'a' has no <bndbox> of its own", "5 'b' has no <ymin>",
        "7 <ymin> of 'c' is 'x', not a number",
      ])
  }

  @Test func refusesWhatIsNoAnnotation() throws {
    let whole = annotation("x.jpg", [("dog", [1, 1, 5, 5]), ("cat", [2, 2, 9, 9])])
    for share in [1, 20, 50, 80, 97] {
      let part = String(whole.prefix(whole.count * share / 100))
      let text = try #require(message { _ = try parse(part) }, "\(share) %")
      #expect(text.hasPrefix("a.xml:"), "\(share) %: \(text)")
    }
    #expect(message { _ = try parse("") } == "a.xml: the file is empty (0 bytes)")
    #expect(
      message { _ = try parse("\n<svg><g/></svg>") }
        == "a.xml:2: the outer element is <svg>, not VOC's <annotation>")
    let broken = "<annotation>\n<object>\n<name>dog</nam>\n</object></annotation>"
    let text = try #require(message { _ = try parse(broken) })
    #expect(text.hasPrefix("a.xml:3: broken or cut-off XML"), "\(text)")
    #expect(
      message { _ = try VOCAnnotation.read(URL(filePath: "/none/a.xml")) }
        == "/none/a.xml: cannot be read: No such file or directory")
  }
}
