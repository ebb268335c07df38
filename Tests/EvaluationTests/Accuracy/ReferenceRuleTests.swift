import Detection
import Evaluation
import Testing

/// One tiny picture per rule that sets tools apart, with every tool's number from the rule itself.
///
/// VOC boxes are written xmin ymin xmax ymax, the last pixel inside. Numbers are mAP by 11 points
/// and by area; COCO's is AP at IoU .5, by 101 points.
@Suite struct ReferenceRuleTests {
  /// What each tool must give: 11 points and area; `coco` is AP50.
  struct Expected {
    var devkit: [Double]
    var frcnn: [Double]
    var detectron2: [Double]
    var alexey: [Double]
    var chainer: [Double]
    var coco: Double

    /// The same for all but those named.
    init(
      _ all: [Double], coco: Double, frcnn: [Double]? = nil, detectron2: [Double]? = nil,
      alexey: [Double]? = nil, chainer: [Double]? = nil
    ) {
      devkit = all
      self.frcnn = frcnn ?? all
      self.detectron2 = detectron2 ?? frcnn ?? all
      self.alexey = alexey ?? all
      self.chainer = chainer ?? all
      self.coco = coco
    }
  }

  private func expect(
    _ objects: [GroundTruth], _ detections: [Detection], classNames: [String] = ["a"],
    _ expected: Expected, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let images = [EvaluatedImage(id: "i", objects: objects, detections: detections)]
    for tool in ReferenceTool.allCases {
      let values = try tool.evaluate(images, classNames: classNames).values.map(\.value)
      let wanted =
        switch tool {
        case .devkit: expected.devkit
        case .frcnn: expected.frcnn
        case .detectron2: expected.detectron2
        case .alexey: expected.alexey
        case .chainer: expected.chainer
        case .coco: [expected.coco]
        }
      for (value, number) in zip(tool == .coco ? [values[1]] : values, wanted) {
        #expect(
          isClose(value, number, 1e-12), "\(tool): \(values), not \(wanted)",
          sourceLocation: sourceLocation)
      }
    }
  }

  /// Objects in a row, 10 x 10 pixels each, far from each other.
  private func row(_ count: Int, difficult: Bool = false) -> [GroundTruth] {
    (0..<count).map {
      object(Float(30 * $0 + 1), 1, Float(30 * $0 + 10), 10, difficult: difficult)
    }
  }

  /// A detection of object `index` of the row, exact.
  private func hit(_ index: Int, _ confidence: Float) -> Detection {
    found(confidence, Float(30 * index + 1), 1, Float(30 * index + 10), 10)
  }

  @Test func oneHalfIsRightOrWrong() throws {
    // 10 x 5 of 10 x 10 pixels: IoU 1/2. Without the last pixel 9 x 4 of 9 x 9 = 4/9; as continuous
    // edges 10 x 5 of 10 x 10 again.
    try expect(
      row(1), [found(0.5, 1, 1, 10, 5)],
      Expected([1, 1], coco: 1, frcnn: [0, 0], alexey: [0, 0]))
  }

  @Test func theLastPixelIsInsideOrNot() throws {
    // Shifted by one of 4 x 4 pixels: 3 · 4 / (16 + 16 − 12) = 3/5; without the last pixel
    // 2 · 3 / (9 + 9 − 6) = 1/2, which is not above 1/2. COCO's edges, 4 wide, give 3/5.
    try expect(
      [object(1, 1, 4, 4)], [found(0.5, 2, 1, 5, 4)],
      Expected([1, 1], coco: 1, alexey: [0, 0]))
  }

  @Test func difficultObjectsAreIgnoredRemovedOrCounted() throws {
    // The surest detection is of a difficult object. Ignored: the other one is all there is, AP 1.
    // Removed (alexey): wrong, then right: the best precision is 1/2 at every recall.
    // Counted (coco): two objects, two right.
    try expect(
      [object(1, 1, 10, 10, difficult: true), row(2)[1]], [hit(0, 0.9), hit(1, 0.8)],
      Expected([1, 1], coco: 1, alexey: [0.5, 0.5]))
    // Not found at all, a difficult object costs something only where it is counted: recall 1/2
    // reaches 51 of 101 levels.
    try expect(
      [object(1, 1, 10, 10, difficult: true), row(2)[1]], [hit(1, 0.8)],
      Expected([1, 1], coco: 51 / 101.0))
  }

  @Test func elevenPointsAreExactOrRounded() throws {
    // Three of ten objects, nothing wrong: recall 3/10. In integers it reaches the levels 0, .1, .2,
    // .3: 4/11. 3 · 0.1 is 0.30000000000000004 in floating point: 3/11. The area is 3/10, and
    // of 101 levels 0, .01, …, .30 are reached: 31.
    try expect(
      row(10), (0..<3).map { hit($0, 0.9 - Float($0) / 10) },
      Expected(
        [4 / 11.0, 0.3], coco: 31 / 101.0, frcnn: [3 / 11.0, 0.3], chainer: [3 / 11.0, 0.3]))
  }

  @Test func duplicatesAreWrongEverywhere() throws {
    // Right, its duplicate, right: precision 1 up to recall 1/2, then 2/3. 11 points: levels 0 to .5
    // are 6, .6 to 1 are 5. Area: 1/2 · 1 + 1/2 · 2/3. COCO: 51 levels up to .5, 50 above.
    try expect(
      row(2), [hit(0, 0.9), hit(0, 0.8), hit(1, 0.7)],
      Expected([(6 + 5 * 2 / 3.0) / 11, 5 / 6.0], coco: (51 + 50 * 2 / 3.0) / 101))
  }

  @Test func theNextBestObjectIsTriedByCOCOAlone() throws {
    // Objects 1...20 and 5...24 (16 of 24 columns shared: 2/3). The second detection, 2...21,
    // overlaps the first object most (19/21), which is taken, and the second by 17/23. For VOC it is
    // a duplicate: recall 1/2 at precision 1 is all. For COCO both are right.
    try expect(
      [object(1, 1, 20, 20), object(5, 1, 24, 20)],
      [found(0.9, 1, 1, 20, 20), found(0.8, 2, 1, 21, 20)],
      Expected([6 / 11.0, 0.5], coco: 1))
  }

  @Test func ofEqualOverlapsTheFirstOrTheLastObjectIsTaken() throws {
    // Objects 1...20 and 9...28; the surest detection, 5...24, overlaps both by 16/24. VOC takes the
    // first, so that the exact detection of the first is a duplicate. COCO takes the last.
    try expect(
      [object(1, 1, 20, 20), object(9, 1, 28, 20)],
      [found(0.9, 5, 1, 24, 20), found(0.8, 1, 1, 20, 20)],
      Expected([6 / 11.0, 0.5], coco: 1))
  }

  @Test func tiesKeepTheFileOrderOrReverseIt() throws {
    // Right and wrong with the same confidence. In file order precision 1, reversed 1/2.
    try expect(
      row(1), [hit(0, 0.5), hit(3, 0.5)], Expected([1, 1], coco: 1, chainer: [0.5, 0.5]))
    // The other way round, reversing is what makes it right.
    try expect(
      row(1), [hit(3, 0.5), hit(0, 0.5)],
      Expected([0.5, 0.5], coco: 0.5, chainer: [1, 1]))
  }

  @Test func aTieDecidesWhichOfTwoTakesAnObject() throws {
    // Equally sure, the loose one first: 7 of 10 rows. Whichever comes second is the duplicate, so
    // that every order has one right and one wrong: AP 1 as the right one comes first.
    try expect(
      row(1), [found(0.5, 1, 1, 10, 7), hit(0, 0.5)], Expected([1, 1], coco: 1))
  }

  @Test func scoresAndBoxesAreRoundedByDetectron2() throws {
    // 0.5004 and 0.5001 are both written 0.500, and file order decides: the right one is first.
    try expect(
      row(1), [hit(0, 0.5001), hit(3, 0.5004)],
      Expected([0.5, 0.5], coco: 0.5, detectron2: [1, 1]))
    // 10 x 5.04 of 10 x 10 pixels is above one half, written as 5.0 it is not. Without the last
    // pixel 9 x 4.04 of 9 x 9 is not even near.
    try expect(
      row(1), [found(0.5, 1, 1, 10, 5.04)],
      Expected([1, 1], coco: 1, detectron2: [0, 0], alexey: [0, 0]))
  }

  @Test func aHundredDetectionsCountForCOCO() throws {
    // A hundred wrong ones are surer than the right one: precision 1/101, or nothing.
    let wrong = (0..<100).map { hit(3, 0.9 - Float($0) / 1000) }
    try expect(
      row(1), wrong + [hit(0, 0.1)], Expected([1 / 101.0, 1 / 101.0], coco: 0))
    try expect(
      row(1), wrong.dropLast() + [hit(0, 0.1)], Expected([1 / 100.0, 1 / 100.0], coco: 1 / 100.0))
  }

  @Test func classesWithoutObjectsAreLeftOutOrZero() throws {
    // Nothing is said about class b, of which there is a wrong detection: only alexey's mean sees it.
    try expect(
      row(1), [hit(0, 0.9), found(0.9, 1, 1, 10, 10, classIndex: 1)], classNames: ["a", "b"],
      Expected([1, 1], coco: 1, alexey: [0.5, 0.5]))
  }
}
