import Compute
import Detection
import Geometry
import TestSupport
import Testing

@Suite struct TargetAssignmentTests {
  private let anchors = [(8, 8), (16, 32), (32, 16), (60, 60)].map {
    AnchorBox(width: Float($0.0), height: Float($0.1))
  }

  /// The targets of one image, 4 by 4 cells, 64 pixels; logits far from every truth unless given.
  private func assignment(
    _ truths: [GroundTruth], mask: [Int] = [1, 2], ignore: Float = 0.5, truth: Float = 1,
    logits: [Float]? = nil
  ) throws -> TargetAssignment {
    let head = YOLOHead(
      anchors: anchors, mask: mask, classCount: 3, ignoreThreshold: ignore, truthThreshold: truth)
    let shape = Shape(height: 4, width: 4, channels: head.channelCount)
    let values = logits ?? [Float](repeating: -6, count: shape.count)
    return TargetAssignment(
      logits: try Tensor(shape, values: values), image: 0, truths: truths, head: head,
      inputWidth: 64, inputHeight: 64)
  }

  private func object(
    _ x: Float, _ y: Float, _ width: Float, _ height: Float, _ classIndex: Int = 0,
    isDifficult: Bool = false
  ) -> GroundTruth {
    GroundTruth(
      box: Box(centerX: x / 64, centerY: y / 64, width: width / 64, height: height / 64),
      classIndex: classIndex, isDifficult: isDifficult)
  }

  @Test func bestAnchorOfAllScalesWins() throws {
    let result = try assignment([
      object(40, 20, 30, 17, 2), object(8, 8, 9, 8), object(32, 32, 50, 50),
    ])
    let positive = try #require(result.positives.first)
    #expect(result.positives.count == 1)
    #expect([positive.row, positive.column, positive.anchor] == [1, 2, 1])
    #expect(positive.truthIndex == 0 && positive.classes == [2])
    #expect(result.states.count { $0 == .positive } == 1)
    #expect(result.states[(1 * 4 + 2) * 2 + 1] == .positive)
  }

  @Test func laterTruthTakesTheBoxAndAddsItsClass() throws {
    let result = try assignment([
      object(40, 20, 30, 17, 2), object(41, 21, 31, 15, 0), object(42, 22, 32, 15, 2),
    ])
    #expect(result.positives.count == 1)
    #expect(result.positives.first?.truthIndex == 2)
    #expect(result.positives.first?.classes == [2, 0])
  }

  @Test(arguments: [
    (Float(40), Float(20), Float(30), Float(17), true),
    (40, 20, 0, 17, false), (64, 20, 30, 17, false), (-1, 20, 30, 17, false),
    (40, 64, 30, 17, false), (.nan, 20, 30, 17, false),
  ])
  func truthsThatCannotBeFoundAreLeftOut(
    x: Float, y: Float, width: Float, height: Float, isDifficult: Bool
  ) throws {
    let result = try assignment([object(x, y, width, height, isDifficult: isDifficult)])
    #expect(result.positives.isEmpty)
    #expect(result.states.allSatisfy { $0 == .negative })
  }

  /// Decoded at logits 0: a box of the anchor's size in the middle of its cell.
  @Test func overlapIsIgnoredAboveTheThreshold() throws {
    let zeros = [Float](repeating: 0, count: 16 * 16)
    // The anchor 32 x 16 at cell (1, 2) covers 24...56 x 16...32; the truth is that moved by 8 and
    // 8 pixels, so its centre is in the next cells and their IoU is 24·8 / (1024 − 192) = 0.2308.
    let truth = object(48, 32, 32, 16)
    for (threshold, state) in [
      (Float(0.23), TargetAssignment.State.ignored), (0.2312, .negative),
    ] {
      let result = try assignment([truth], ignore: threshold, logits: zeros)
      #expect(result.states[(1 * 4 + 2) * 2 + 1] == state)
      #expect(result.positives.map { [$0.row, $0.column, $0.anchor] } == [[2, 3, 1]])
    }
    let difficult = GroundTruth(box: truth.box, classIndex: 0, isDifficult: true)
    let without = try assignment([difficult], ignore: 0.1, logits: zeros)
    #expect(without.states.allSatisfy { $0 == .negative })
  }

  @Test func overlapAboveTruthThresholdIsPositive() throws {
    let zeros = [Float](repeating: 0, count: 16 * 16)
    let truths = [object(8, 60, 16, 32, 1), object(48, 32, 32, 16, 2)]
    let result = try assignment(truths, ignore: 0.1, truth: 0.23, logits: zeros)
    let promoted = result.positives.filter { $0.row == 1 && $0.column == 2 && $0.anchor == 1 }
    #expect(promoted.map(\.truthIndex) == [1] && promoted.map(\.classes) == [[2]])
  }

  /// A truth of 24 x 24 pixels fits the anchors 16 x 32 and 32 x 16 with 384 / 704 = 0.545, 8 x 8
  /// with 0.111 and 60 x 60 with 0.16.
  @Test(arguments: [
    (Float(1), OverlapMeasure.iou, [1]), (0.546, .iou, [1]), (0.54, .iou, [1, 2]),
    (0.15, .iou, [1, 2, 3]), (0.1, .iou, [1, 0, 2, 3]),
    // Around a common centre: C = 32 · 24 takes 64 / 768 away; the shapes' angles differ by 0.32.
    (0.47, .giou, [1]), (0.46, .giou, [1, 2]), (0.15, .giou, [1, 2, 3]), (0.54, .diou, [1, 2]),
    (0.542, .ciou, [1]), (0.541, .ciou, [1, 2]),
  ])
  func everyShapeThatFitsIsPositive(
    threshold: Float, measure: OverlapMeasure, expected: [Int]
  ) throws {
    var head = YOLOHead(anchors: anchors, mask: [0, 1, 2, 3], classCount: 3)
    head.shapeThreshold = threshold
    head.shapeMeasure = measure
    let logits = try Tensor(
      Shape(height: 4, width: 4, channels: head.channelCount),
      values: [Float](repeating: -6, count: 16 * head.channelCount))
    func places(_ mask: [Int]) throws -> [Int] {
      head.mask = mask
      let result = TargetAssignment(
        logits: logits, image: 0, truths: [object(40, 20, 24, 24, 1)], head: head, inputWidth: 64,
        inputHeight: 64)
      #expect(result.positives.allSatisfy { $0.row == 1 && $0.column == 2 && $0.classes == [1] })
      return result.positives.map(\.anchor)
    }
    #expect(try places([0, 1, 2, 3]) == expected)
  }

  /// The best anchor is another head's; this one's fits well enough.
  @Test func shapesOfTheOtherHeadsCompeteNoMore() throws {
    var head = YOLOHead(anchors: anchors, mask: [2, 3], classCount: 3)
    let shape = Shape(height: 4, width: 4, channels: head.channelCount)
    let logits = try Tensor(shape, values: [Float](repeating: -6, count: shape.count))
    let truths = [object(40, 20, 24, 24, 1), object(40, 20, 25, 24, 2)]
    func positives() -> [TargetAssignment.Positive] {
      TargetAssignment(
        logits: logits, image: 0, truths: truths, head: head, inputWidth: 64, inputHeight: 64
      ).positives
    }
    // The second truth is a little wider than high.
    #expect(positives().map(\.truthIndices) == [[1]])
    head.shapeThreshold = 0.5
    #expect(positives().map(\.truthIndices) == [[0, 1]])
    #expect(positives().map(\.classes) == [[1, 2]] && positives()[0].truthIndex == 1)
  }

  /// The prediction 32 x 16 in cell (1, 2) overlaps the truth by 0.2308, whose own anchor is in cell
  /// (2, 3) and does not.
  @Test func smoothObjectnessIsTheOverlapAboveTheThreshold() throws {
    var head = YOLOHead(anchors: anchors, mask: [1, 2], classCount: 3, ignoreThreshold: 0.23)
    head.smoothsObjectness = true
    let logits = try Tensor(Shape(height: 4, width: 4, channels: 16))
    func targets(_ truth: GroundTruth) -> TargetAssignment {
      TargetAssignment(
        logits: logits, image: 0, truths: [truth], head: head, inputWidth: 64, inputHeight: 64)
    }
    let (other, own) = ((1 * 4 + 2) * 2 + 1, (2 * 4 + 3) * 2 + 1)
    let moved = targets(object(48, 32, 32, 16))
    #expect(moved.positives.map { [$0.row, $0.column, $0.anchor] } == [[2, 3, 1]])
    #expect(!moved.states.contains(.ignored))
    for place in [other, own] {
      #expect(moved.states[place] == .positive)
      #expect(abs(moved.objectnessTarget(place) - 192 / 832) < 1e-5)
    }
    head.truthThreshold = 0.2305
    #expect(abs(targets(object(48, 32, 32, 16)).objectnessTarget(other) - 0.05325) < 1e-4)
    // An anchor that has to find an object and does not overlap it yet.
    head.ignoreThreshold = 0.9
    head.truthThreshold = 1
    let far = targets(object(48, 32, 32, 16))
    #expect(far.positives.count == 1 && far.states.allSatisfy { $0 == .negative })
    #expect(far.objectnessTarget(own) == 0)
  }

  /// The rejection by area must not change the result.
  @Test(arguments: 1...20, [YOLOHead.SizeCode.exponential, .squared])
  func agreesWithComparisonOfAllBoxes(seed: UInt64, sizeCode: YOLOHead.SizeCode) throws {
    var head = YOLOHead(
      anchors: anchors, mask: [0, 1, 2, 3], classCount: 1, ignoreThreshold: 0.2)
    head.sizeCode = sizeCode
    let shape = Shape(height: 4, width: 4, channels: head.channelCount)
    let logits = try Tensor(shape, values: randomValues(shape.count, in: -1...1, seed: seed))
    let v = randomValues(12, in: 0.1...0.9, seed: seed + 99)
    let truths = stride(from: 0, to: 12, by: 4).map {
      GroundTruth(
        box: Box(centerX: v[$0], centerY: v[$0 + 1], width: v[$0 + 2], height: v[$0 + 3]),
        classIndex: 0)
    }
    let result = TargetAssignment(
      logits: logits, image: 0, truths: truths, head: head, inputWidth: 64, inputHeight: 64)
    let decoded = try BoxDecoder(head: .yolo(head), inputWidth: 64, inputHeight: 64)
      .decode(logits, image: 0, confidenceThreshold: 0)
    try #require(decoded.count == result.states.count)
    for (detection, state) in zip(decoded, result.states) where state != .positive {
      let overlaps = truths.contains { $0.box.intersectionOverUnion(with: detection.box) > 0.2 }
      #expect((state == .ignored) == overlaps)
    }
    #expect(result.states.contains(.ignored) && result.states.contains(.negative))
  }

  /// Anchor 0 fits the truth; the logits make anchor 1's prediction fit it instead.
  @Test(arguments: [true, false])
  func regionAnchorIsChosenBySizeOrByPrediction(biasMatch: Bool) throws {
    let head = RegionHead(
      anchors: [AnchorBox(width: 1, height: 1), AnchorBox(width: 3, height: 2)], classCount: 1,
      biasMatch: biasMatch)
    let shape = Shape(batch: 2, height: 4, width: 4, channels: head.channelCount)
    var values = [Float](repeating: 0, count: shape.count)
    for cell in 16..<32 {
      let start = cell * head.channelCount
      (values[start + 2], values[start + 3]) = (2, 2)
      (values[start + 8], values[start + 9]) = (-1.0986, -0.6931)
    }
    let truth = GroundTruth(
      box: Box(centerX: 0.4, centerY: 0.9, width: 0.25, height: 0.25), classIndex: 0)
    let result = TargetAssignment(
      logits: try Tensor(shape, values: values), image: 1, truths: [truth], head: head)
    #expect(
      result.positives.map { [$0.row, $0.column, $0.anchor] } == [[3, 1, biasMatch ? 0 : 1]])
  }
}
