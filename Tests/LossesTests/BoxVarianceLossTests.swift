import Compute
import Detection
import Losses
import TestSupport
import Testing

/// Cases of Tests/Golden/box_variance.json, on the logits and objects of YOLOLoss.json.
@Suite struct BoxVarianceLossTests {
  private struct Example {
    let head: YOLOCase
    let golden: GoldenCase
    let loss: BoxVarianceLoss
    let assignments: [TargetAssignment]

    init(_ name: String, _ score: BoxVarianceLoss.Score) throws {
      head = try YOLOCase(name)
      golden = try #require(try goldenCases("box_variance").first { $0.name == name })
      let (width, height) = (head.loss.inputWidth, head.loss.inputHeight)
      loss = BoxVarianceLoss(
        head: head.loss.head, inputWidth: width, inputHeight: height, score: score,
        weight: Float(try #require(golden.numbers["weight"])))
      assignments = TargetAssignment.batch(
        logits: try Tensor(head.shape, values: head.golden.array("logits")), truths: head.truths,
        head: head.loss.head, inputWidth: width, inputHeight: height)
    }

    /// The loss, dL/ds and dL/db in the order N, H, W, A, 4.
    func evaluate(
      _ variances: [Float], _ logits: [Float]
    ) throws -> (value: Double, ofVariances: [Float], ofLogits: [Float]) {
      let shape = Shape(
        batch: head.shape.batch, height: head.shape.height, width: head.shape.width, channels: 12)
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
      // What is there already stays.
      let headGradient = try Tensor(
        head.shape, values: [Float](repeating: 1, count: head.shape.count))
      let value = loss.evaluate(
        logits: try Tensor(head.shape, values: logits),
        logVariances: try Tensor(shape, values: variances), truths: head.truths,
        assignments: assignments, gradient: gradient, headGradient: headGradient)
      let entries = loss.head.entryCount
      return (
        value, gradient.values,
        headGradient.values.enumerated().filter { $0.offset % entries < 4 }.map { $0.element - 1 }
      )
    }
  }

  private static let cases = ExpectedIoULossTests.names.flatMap { name in
    BoxVarianceLoss.Score.allCases.map { (name, $0) }
  }

  @Test(arguments: cases)
  func agreesWithReference(name: String, score: BoxVarianceLoss.Score) throws {
    let example = try Example(name, score)
    let golden = example.golden
    let result = try example.evaluate(
      golden.array("logVariances"), example.head.golden.array("logits"))
    let expected = try #require(golden.numbers[score.rawValue + "Loss"])
    #expect(abs(result.value - expected) < 2e-5 * abs(expected))
    let tolerance: Float = score == .energy ? 2e-4 : 2e-5
    expectClose(
      result.ofVariances, try golden.array(score.rawValue), relative: tolerance,
      absolute: tolerance)
    expectClose(
      result.ofLogits, try golden.array(score.rawValue + "OfLogits"), relative: 20 * tolerance,
      absolute: tolerance)
  }

  @Test(arguments: cases)
  func gradientAgreesWithDifferences(name: String, score: BoxVarianceLoss.Score) throws {
    let example = try Example(name, score)
    let logits = try example.head.golden.array("logits")
    // Inside of the bounds, where the loss has no kinks; small variances make it too steep for differences.
    let start = try example.golden.array("logVariances").map { min(max($0, -1), 4) }
    let gradient = try example.evaluate(start, logits)
    expectGradient(at: start, gradient.ofVariances, tolerance: 3e-3, directional: 2e-3) {
      (try? example.evaluate($0, logits).value) ?? .nan
    }
    let places = logits.indices.filter { $0 % example.loss.head.entryCount < 4 }
    expectGradient(
      at: places.map { logits[$0] }, gradient.ofLogits, tolerance: 5e-3, directional: 5e-3
    ) { values in
      var moved = logits
      for (place, value) in zip(places, values) { moved[place] = value }
      return (try? example.evaluate(start, moved).value) ?? .nan
    }
  }
}
