import Compute
import Detection
import Geometry
import Losses
import TestSupport
import Testing

/// One golden case of Tests/Golden/YOLOLoss.json as a YOLO head.
struct YOLOCase {
  let golden: GoldenCase
  let loss: YOLOLoss
  let shape: Shape
  let truths: [[GroundTruth]]
  let weights: [Float]?

  init(_ name: String) throws {
    golden = try #require(try goldenCases("YOLOLoss").first { $0.name == name })
    let numbers = golden.numbers
    let head = YOLOHead(
      anchors: try anchorBoxes(golden), mask: try golden.array("mask").map { Int($0) },
      classCount: Int(try #require(numbers["classCount"])),
      ignoreThreshold: Float(try #require(numbers["ignoreThreshold"])),
      truthThreshold: Float(try #require(numbers["truthThreshold"])),
      scaleXY: Float(try #require(numbers["scaleXY"])))
    loss = YOLOLoss(
      head: head, inputWidth: Int(try #require(numbers["inputWidth"])),
      inputHeight: Int(try #require(numbers["inputHeight"])))
    shape = try logitShape(golden)
    truths = try groundTruths(golden, imageCount: shape.batch)
    weights = golden.arrays["weights"]?.values
  }

  /// The loss at the golden logits, or elsewhere with the targets of the golden logits.
  func evaluate(_ values: [Float]? = nil) throws -> (value: DetectionLossValue, gradient: [Float]) {
    let start = try Tensor(shape, values: golden.array("logits"))
    let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
    let value = loss.evaluate(
      logits: try values.map { try Tensor(shape, values: $0) } ?? start, truths: truths,
      assignments: TargetAssignment.batch(
        logits: start, truths: truths, head: loss.head, inputWidth: loss.inputWidth,
        inputHeight: loss.inputHeight), objectnessWeights: weights,
      gradient: gradient)
    return (value, gradient.values)
  }
}

func anchorBoxes(_ golden: GoldenCase) throws -> [AnchorBox] {
  let values = try golden.array("anchors")
  return stride(from: 0, to: values.count, by: 2).map {
    AnchorBox(width: values[$0], height: values[$0 + 1])
  }
}

func logitShape(_ golden: GoldenCase) throws -> Shape {
  let shape = try #require(golden.arrays["logits"]).shape
  return Shape(batch: shape[0], height: shape[1], width: shape[2], channels: shape[3])
}

func groundTruths(_ golden: GoldenCase, imageCount: Int) throws -> [[GroundTruth]] {
  let values = try golden.array("truths")
  var truths = [[GroundTruth]](repeating: [], count: imageCount)
  for start in stride(from: 0, to: values.count, by: 7) {
    let row = Array(values[start..<start + 7])
    truths[Int(row[0])].append(
      GroundTruth(
        box: Box(left: row[1], top: row[2], right: row[3], bottom: row[4]),
        classIndex: Int(row[5]), isDifficult: row[6] == 1))
  }
  return truths
}

func expectValue(_ value: DetectionLossValue, _ golden: GoldenCase) throws {
  for (name, actual) in [
    ("box", value.box), ("objectness", value.objectness),
    ("classification", value.classification), ("iouSum", value.intersectionOverUnionSum),
    ("positives", Double(value.positiveCount)), ("ignored", Double(value.ignoredCount)),
  ] {
    let expected = try #require(golden.numbers[name])
    #expect(abs(actual - expected) <= 2e-6 * max(1, expected), "\(golden.name) \(name)")
  }
}

@Suite struct YOLOLossTests {
  @Test(arguments: ["yolo", "yolo scaled weighted"])
  func agreesWithAutomaticDifferentiation(name: String) throws {
    let example = try YOLOCase(name)
    let (value, gradient) = try example.evaluate()
    try expectValue(value, example.golden)
    expectClose(gradient, try example.golden.array("gradient"), absolute: 2e-6, name)
    #expect(value.total == value.box + value.objectness + value.classification)
  }

  @Test(arguments: ["yolo", "yolo scaled weighted"])
  func gradientAgreesWithDifferences(name: String) throws {
    let example = try YOLOCase(name)
    let (_, gradient) = try example.evaluate()
    expectGradient(
      at: try example.golden.array("logits"), gradient, coordinates: 1000, name
    ) { (try? example.evaluate($0).value.total) ?? .nan }
  }

  @Test func countsAddUpAndIgnoredAnchorsHaveNoGradient() throws {
    let example = try YOLOCase("yolo")
    let (value, gradient) = try example.evaluate()
    #expect(value.positiveCount + value.negativeCount + value.ignoredCount == 2 * 3 * 4 * 3)
    let logits = try Tensor(example.shape, values: example.golden.array("logits"))
    let assignments = TargetAssignment.batch(
      logits: logits, truths: example.truths, head: example.loss.head,
      inputWidth: example.loss.inputWidth,
      inputHeight: example.loss.inputHeight)
    let states = assignments.flatMap(\.states)
    for (place, state) in states.enumerated() {
      let part = gradient[(9 * place)..<(9 * place + 9)]
      switch state {
      case .ignored: #expect(part.allSatisfy { $0 == 0 })
      case .negative:
        #expect(part.enumerated().allSatisfy { ($0.element != 0) == ($0.offset == 4) })
      case .positive: #expect(part.allSatisfy { $0 != 0 })
      }
    }
    var sum = value
    sum += value
    #expect(sum.total == 2 * value.total)
    #expect(sum.positiveCount == 2 * value.positiveCount)
    #expect(sum.recalledCount == 2 * value.recalledCount && value.recalledCount > 0)
    #expect(sum.intersectionOverUnionSum == 2 * value.intersectionOverUnionSum)
  }

  @Test func weightsScaleObjectnessOnly() throws {
    let example = try YOLOCase("yolo")
    let logits = try Tensor(example.shape, values: example.golden.array("logits"))
    let gradient = try Tensor(example.shape)
    func evaluate(_ weights: [Float]?) -> (DetectionLossValue, [Float]) {
      let value = example.loss.evaluate(
        logits: logits, truths: example.truths, objectnessWeights: weights, gradient: gradient)
      return (value, gradient.values)
    }
    let (plain, plainGradient) = evaluate(nil)
    let (halved, halvedGradient) = evaluate([Float](repeating: 0.5, count: 72))
    #expect(abs(halved.objectness - plain.objectness / 2) < 1e-9)
    #expect(halved.box == plain.box && halved.classification == plain.classification)
    for index in plainGradient.indices {
      let factor: Float = index % 9 == 4 ? 0.5 : 1
      #expect(halvedGradient[index] == factor * plainGradient[index])
    }
  }

  @Test func descentReachesTheTruth() throws {
    let head = YOLOHead(anchors: [AnchorBox(width: 20, height: 20)], mask: [0], classCount: 2)
    let loss = YOLOLoss(head: head, inputWidth: 64, inputHeight: 64)
    let truth = GroundTruth(
      box: Box(left: 0.3, top: 0.35, right: 0.7, bottom: 0.6), classIndex: 1)
    let logits = try Tensor(Shape(height: 2, width: 2, channels: 7))
    let gradient = try Tensor(logits.shape)
    for _ in 0..<800 {
      _ = loss.evaluate(logits: logits, truths: [[truth]], gradient: gradient)
      logits.update(from: zip(logits.values, gradient.values).map { $0 - 0.5 * $1 })
    }
    let found = try BoxDecoder(head: .yolo(head), inputWidth: 64, inputHeight: 64)
      .decode(logits, image: 0, confidenceThreshold: 0.5)
    #expect(found.count == 1 && found.first?.classIndex == 1)
    #expect(found.first.map { $0.box.intersectionOverUnion(with: truth.box) > 0.98 } == true)
  }

  @Test func emptyImageHasNegativesOnly() throws {
    let head = YOLOHead(anchors: [AnchorBox(width: 9, height: 9)], mask: [0], classCount: 1)
    let loss = YOLOLoss(head: head, inputWidth: 32, inputHeight: 32)
    let logits = try Tensor(Shape(height: 2, width: 3, channels: 6))
    let value = loss.evaluate(logits: logits, truths: [[]], gradient: try Tensor(logits.shape))
    #expect(value.negativeCount == 6 && value.positiveCount == 0 && value.box == 0)
    #expect(abs(value.objectness - 6 * 0.693147180559945) < 1e-6)
  }

  @Test func notFiniteLogitsShowInTheValue() throws {
    let example = try YOLOCase("yolo")
    var values = try example.golden.array("logits")
    values[4] = .nan
    #expect(try example.evaluate(values).value.total.isNaN)
  }
}
