import Compute
import Detection
import Foundation
import Geometry
import Losses
import TestSupport
import Testing

/// The loss of single objects, against that of the whole batch.
@Suite struct ObjectLossTests {
  private let shape = Shape(batch: 2, height: 4, width: 4, channels: 2 * 8)
  private let loss = YOLOLoss(
    head: YOLOHead(
      anchors: [
        AnchorBox(width: 16, height: 16), AnchorBox(width: 32, height: 24),
        AnchorBox(width: 60, height: 60),
      ], mask: [0, 1], classCount: 3), inputWidth: 64, inputHeight: 64)

  private func truth(
    _ centerX: Float, _ centerY: Float, _ width: Float, classIndex: Int = 1,
    isDifficult: Bool = false
  ) -> GroundTruth {
    GroundTruth(
      box: Box(centerX: centerX, centerY: centerY, width: width, height: width),
      classIndex: classIndex, isDifficult: isDifficult)
  }

  /// One object alone in an image: all of the box and class loss is its own, and objectness where it is.
  @Test func oneObjectHasTheLossOfTheImage() throws {
    let logits = try Tensor(shape, values: randomValues(shape.count, in: -2...2, seed: 5))
    let gradient = try Tensor(shape)
    let object = truth(0.6, 0.3, 0.25)
    let whole = loss.evaluate(logits: logits, truths: [[], [object]], gradient: gradient)
    let own = try #require(loss.objectLosses(logits: logits, image: 1, truths: [object])[0])
    // Row 1, column 2, the first anchor.
    #expect(own.place == (1 * 4 + 2) * 2)
    let logit = logits.values[16 * 16 + own.place * 8 + 4]
    #expect(abs(own.objectness - 1 / (1 + exp(-logit))) < 1e-6)
    let expected = whole.box + whole.classification - log(Double(own.objectness))
    #expect(abs(own.value - expected) < 1e-4 * expected)
  }

  @Test func objectsOfOtherHeadsAndDifficultOnesHaveNone() throws {
    let logits = try Tensor(shape, values: randomValues(shape.count, in: -2...2, seed: 6))
    let truths = [
      truth(0.1, 0.1, 0.25), truth(0.5, 0.5, 0.95), truth(0.9, 0.9, 0.25, isDifficult: true),
      truth(0.12, 0.12, 0.25, classIndex: 2),
    ]
    let losses = loss.objectLosses(logits: logits, image: 0, truths: truths)
    #expect(losses.map { $0 != nil } == [true, false, false, true])
    // Both are found by one anchor, each with its own box and class.
    #expect(losses[0]?.place == losses[3]?.place && losses[0]?.value != losses[3]?.value)
    // A class that is believed in costs less than another.
    var values = logits.values
    let start = (losses[0]?.place ?? 0) * 8 + 5
    for (entry, logit) in [Float(-4), 4, -4].enumerated() { values[start + entry] = logit }
    let sure = loss.objectLosses(
      logits: try Tensor(shape, values: values), image: 0, truths: truths)
    let (right, wrong) = (try #require(sure[0]?.value), try #require(sure[3]?.value))
    #expect(wrong > right + 5)
  }
}
