import Compute
import Detection
import Geometry
import Losses
import TestSupport
import Testing

/// Cases of Tests/Golden/expected_iou.json, on the logits and objects of YOLOLoss.json.
@Suite struct ExpectedIoULossTests {
  static let names = ["yolo", "yolo scaled weighted"]

  private struct Example {
    let head: YOLOCase
    let golden: GoldenCase
    let overlaps: [Float]
    let assignments: [TargetAssignment]
    let loss: ExpectedIoULoss

    init(_ name: String) throws {
      head = try YOLOCase(name)
      golden = try #require(try goldenCases("expected_iou").first { $0.name == name })
      let logits = try Tensor(head.shape, values: head.golden.array("logits"))
      let (width, height) = (head.loss.inputWidth, head.loss.inputHeight)
      let grid = PredictionGrid(
        head: .yolo(head.loss.head), shape: head.shape, inputWidth: width, inputHeight: height)
      overlaps = grid.largestOverlaps(
        logits: logits, truths: head.truths, classCount: head.loss.head.classCount)
      assignments = TargetAssignment.batch(
        logits: logits, truths: head.truths, head: head.loss.head, inputWidth: width,
        inputHeight: height)
      loss = ExpectedIoULoss(
        weight: Float(try #require(golden.numbers["weight"])),
        floor: Float(try #require(golden.numbers["floor"])))
    }

    func evaluate(_ values: [Float]) throws -> (value: Double, gradient: [Float]) {
      let shape = Shape(
        batch: head.shape.batch, height: head.shape.height, width: head.shape.width, channels: 3)
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
      let value = loss.evaluate(
        logits: try Tensor(shape, values: values), overlaps: overlaps, assignments: assignments,
        gradient: gradient)
      return (value, gradient.values)
    }
  }

  @Test(arguments: names) func agreesWithAutomaticDifferentiation(name: String) throws {
    let example = try Example(name)
    expectClose(example.overlaps, try example.golden.array("overlaps"), relative: 1e-5)
    let (value, gradient) = try example.evaluate(example.golden.array("branch"))
    let expected = try #require(example.golden.numbers["loss"])
    #expect(abs(value - expected) < 2e-6 * expected)
    expectClose(gradient, try example.golden.array("gradient"), relative: 1e-5, absolute: 1e-6)
    #expect(Double(gradient.count { $0 != 0 }) == example.golden.numbers["counted"])
  }

  @Test(arguments: names) func gradientAgreesWithDifferences(name: String) throws {
    let example = try Example(name)
    let start = try example.golden.array("branch")
    let gradient = try example.evaluate(start).gradient
    expectGradient(at: start, gradient, tolerance: 2e-3, directional: 1e-3) {
      (try? example.evaluate($0).value) ?? .nan
    }
  }

  @Test func anImageWithoutObjectsTeachesNothing() throws {
    let example = try Example("yolo")
    let shape = Shape(batch: 2, height: 3, width: 4, channels: 3)
    let logits = try Tensor(example.head.shape, values: example.head.golden.array("logits"))
    let grid = PredictionGrid(
      head: .yolo(example.head.loss.head), shape: example.head.shape, inputWidth: 128,
      inputHeight: 96)
    let difficult = example.head.truths.map {
      $0.map { GroundTruth(box: $0.box, classIndex: $0.classIndex, isDifficult: true) }
    }
    for truths in [[[], []], difficult] {
      let overlaps = grid.largestOverlaps(logits: logits, truths: truths, classCount: 4)
      #expect(overlaps == [Float](repeating: 0, count: 72))
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: 72))
      let value = ExpectedIoULoss(floor: 0).evaluate(
        logits: try Tensor(shape, values: randomValues(72)), overlaps: overlaps,
        assignments: TargetAssignment.batch(
          logits: logits, truths: truths, head: example.head.loss.head, inputWidth: 128,
          inputHeight: 96), gradient: gradient)
      #expect(value == 0)
      #expect(gradient.values == [Float](repeating: 0, count: 72))
    }
  }

  @Test(arguments: names) func objectnessMayBeTrainedToBeTheBoxsIoU(name: String) throws {
    let example = try YOLOCase(name)
    let golden = try #require(try goldenCases("expected_iou").first { $0.name == name })
    var head = example.loss.head
    head.expectsOverlap = true
    let gradient = try Tensor(example.shape)
    let value = YOLOLoss(
      head: head, inputWidth: example.loss.inputWidth, inputHeight: example.loss.inputHeight
    ).evaluate(
      logits: try Tensor(example.shape, values: example.golden.array("logits")),
      truths: example.truths, gradient: gradient)
    let expected = try #require(golden.numbers["objectness"])
    #expect(abs(value.objectness - expected) < 2e-6 * expected)
    let values = gradient.values
    expectClose(
      stride(from: HeadEntry.objectness, to: values.count, by: head.entryCount).map { values[$0] },
      try golden.array("objectnessGradient"), relative: 2e-5, absolute: 1e-6)
  }
}
