import Detection
import Images
import TestSupport
import Testing

@testable import Drawing
@testable import Geometry

@Suite struct DetectionPictureTests {
  private let painter = DetectionPicture(classNames: ["dog", "cat"])

  private func detection(
    _ left: Float, _ top: Float, _ right: Float, _ bottom: Float, classIndex: Int = 0,
    confidence: Float = 0.9
  ) -> Detection {
    Detection(
      box: Box(left: left, top: top, right: right, bottom: bottom), classIndex: classIndex,
      confidence: confidence, objectness: confidence)
  }

  @Test func boxesAreDrawnInTheirClassColor() {
    let photo = Image(width: 300, height: 300)
    let result = painter.drawing([detection(50, 60, 250, 260, classIndex: 1)], on: photo)
    let color = Palette.photoColor(1)
    for (x, y) in [(50, 150), (249, 150), (150, 60), (150, 259), (51, 150)] {
      #expect(result[x, y] == (color.red, color.green, color.blue), "(\(x), \(y))")
    }
    #expect(result[150, 150] == (0, 0, 0))
    #expect(result[20, 280] == (0, 0, 0))
    #expect(result.width == 300 && result.height == 300)
  }

  @Test func labelsSayClassAndConfidence() {
    #expect(painter.label(of: detection(0, 0, 1, 1, confidence: 0.876)) == "dog 88%")
    #expect(painter.label(of: detection(0, 0, 1, 1, classIndex: 7)) == "class 7 90%")
    #expect(painter.label(of: detection(0, 0, 1, 1, confidence: 3)) == "dog 100%")
    var uncertain = detection(0, 0, 1, 1, confidence: 0.93)
    uncertain.uncertainty = DetectionUncertainty(
      bald: 0.123, entropy: 0.5, objectnessMean: 1, objectnessVariance: 1)
    #expect(painter.label(of: uncertain) == "dog 93%  0.12 bit")
  }

  /// Letters of 10 pixels are 5 wide: 17 of them for all, 12 without the unit, 7 for class and confidence.
  @Test func labelsBecomeShortWhereTheyWouldHideMuch() {
    var uncertain = detection(0, 0, 1, 1, confidence: 0.93)
    uncertain.uncertainty = DetectionUncertainty(
      bald: 0.123, entropy: 0.5, objectnessMean: 1, objectnessVariance: 1)
    func label(_ width: Double) -> String { painter.label(of: uncertain, fitting: width, size: 10) }
    #expect(label(85) == "dog 93%  0.12 bit")
    #expect(label(84) == "dog 93% 0.12" && label(60) == "dog 93% 0.12")
    #expect(label(59) == "dog 93%" && label(1) == "dog 93%")
    var trusting = painter
    trusting.showsTrust = true
    #expect(trusting.label(of: uncertain, fitting: 1, size: 10) == "dog 93%  0.12 bit")
    var coloured = painter
    coloured.color = Color(hex: 0x123456)
    let photo = Image(width: 300, height: 300)
    let result = coloured.drawing([detection(50, 60, 250, 260, classIndex: 1)], on: photo)
    #expect(result[50, 150] == (0x12, 0x34, 0x56))
  }

  @Test func picturesAreReducedBeforeTheyAreLabelled() {
    let sheet = ContactSheet(columns: 1, cellWidth: 100, cellHeight: 100)
    let result = painter.drawing(
      [detection(40, 40, 160, 160)], on: Image(width: 200, height: 200), in: sheet)
    #expect(result.width == 100 && result.height == 100)
    let color = Palette.photoColor(0)
    #expect(result[20, 50] == (color.red, color.green, color.blue))
  }

  @Test func edgesAndTrustAreShownWhereAskedFor() {
    var known = detection(100, 100, 200, 200)
    known.edges = EdgeDeviations(left: 20, top: 10, right: 20, bottom: 10)
    known.expectedIoU = 0.75
    known.probability = DetectionProbability(right: 0.5, placed: 1, classRight: 1, quality: 0.4)
    var painter = painter
    #expect(painter.label(of: known) == "dog 90%")
    let photo = Image(width: 300, height: 300)
    let plain = painter.drawing([known], on: photo)
    painter.showsTrust = true
    #expect(painter.label(of: known) == "dog 90%  right 0.50  IoU 0.75")
    painter.showsTrust = false
    painter.showsEdges = true
    let drawn = painter.drawing([known], on: photo)
    // From one deviation outside to one inside of each edge, at its middle.
    // The label is above the box.
    for (x, y) in [
      (81, 150), (119, 150), (181, 150), (219, 150), (150, 109), (150, 191), (150, 209),
    ] {
      #expect(plain[x, y] == (0, 0, 0) && drawn[x, y] == (255, 255, 255), "(\(x), \(y))")
    }
    for (x, y) in [(76, 150), (124, 150), (150, 150), (150, 114), (90, 130)] {
      #expect(drawn[x, y] == (0, 0, 0), "(\(x), \(y))")
    }
    // One that is longer than half of the box ends in its middle.
    known.edges = EdgeDeviations(left: 60, top: 1, right: 1, bottom: 1)
    let wide = painter.drawing([known], on: photo)
    #expect(wide[41, 150] == (255, 255, 255) && wide[148, 150] == (255, 255, 255))
    #expect(wide[155, 150] == (0, 0, 0))
    known.edges?.isBounded = true
    #expect(painter.drawing([known], on: photo) == plain)
  }

  @Test func manyLabelsShrinkAndFewDoNot() {
    // 640 x 480: 23 pixels high alone; of thirty, which would hide a fifth of the picture, 17.
    let photo = Image(width: 640, height: 480)
    func tallest(_ count: Int) -> Int {
      let boxes = (0..<count).map { (index: Int) -> Detection in
        let left = Float(20 + 100 * (index % 6))
        let top = Float(60 + 90 * (index / 6))
        return detection(left, top, left + 70, top + 10)
      }
      let drawn = painter.drawing(boxes, on: photo)
      // Coloured pixels above the first box: its label's.
      return (0..<60).count { drawn[22, $0] != (0, 0, 0) }
    }
    #expect(tallest(1) > 20 && tallest(30) < 20 && tallest(30) > 8)
  }

  @Test func withoutDetectionsThePhotoIsUntouched() {
    let photo = Image(width: 3, height: 2, pixels: (0..<18).map { UInt8($0) })
    #expect(painter.drawing([], on: photo) == photo)
    let undefined = detection(.nan, 0, 1, 1)
    let scoreless = detection(0, 0, 1, 1, confidence: .nan)
    #expect(painter.drawing([undefined, scoreless], on: photo) == photo)
  }

  @Test(arguments: [(1, 1), (2, 30), (40, 3), (10000, 50)])
  func picturesOfAnyShapeWork(_ width: Int, _ height: Int) {
    let photo = Image(width: width, height: height)
    let boxes = [
      detection(0, 0, 1, 1), detection(-50, -50, 20000, 20000, classIndex: 1),
      detection(-9, -9, -3, -3), detection(20000, 3, 20001, 9), detection(5, 5, 2, 2),
    ]
    let result = painter.drawing(boxes, on: photo)
    #expect(result.width == width && result.height == height)
    #expect(result != photo)
  }

  @Test func theOrderOfDetectionsDoesNotMatter() {
    let photo = Image(width: 120, height: 90)
    let boxes = (0..<6).map {
      detection(
        Float(10 * $0), Float(8 * $0), Float(10 * $0 + 50), Float(8 * $0 + 40),
        classIndex: $0 % 2, confidence: Float($0) / 10 + 0.1)
    }
    #expect(painter.drawing(boxes, on: photo) == painter.drawing(boxes.reversed(), on: photo))
  }

  @Test func labelsStayInsideAndApart() {
    let values = randomValues(400, in: 0...1, seed: 9)
    for set in 0..<20 {
      var placement = LabelPlacement(width: 500, height: 400)
      var taken: [Box] = []
      for index in 0..<5 {
        let v = values[(set * 20 + index * 4)...].prefix(4).map(\.self)
        let box = Box(
          left: v[0] * 400, top: v[1] * 300, right: v[0] * 400 + v[2] * 100 + 1,
          bottom: v[1] * 300 + v[3] * 100 + 1)
        let corner = placement.place(width: 90, height: 18, box: box, thickness: 2)
        let label = Box(
          left: Float(corner.x), top: Float(corner.y), right: Float(corner.x) + 90,
          bottom: Float(corner.y) + 18)
        #expect(label.left >= 0 && label.top >= 0 && label.right <= 500 && label.bottom <= 400)
        // Eight places for each of five labels: a free one is always among them.
        for other in taken { #expect(label.intersectionOverUnion(with: other) < 0.2) }
        taken.append(label)
      }
    }
  }

  @Test func aLabelGoesAboveItsBoxWhereThereIsRoom() {
    var placement = LabelPlacement(width: 500, height: 400)
    let box = Box(left: 100, top: 100, right: 200, bottom: 200)
    let first = placement.place(width: 60, height: 20, box: box, thickness: 3)
    #expect(first == Point(100, 80))
    let second = placement.place(width: 60, height: 20, box: box, thickness: 3)
    #expect(second == Point(100, 103))
    let top = Box(left: 300, top: 5, right: 400, bottom: 100)
    let third = placement.place(width: 60, height: 20, box: top, thickness: 3)
    #expect(third == Point(300, 8))
  }
}
