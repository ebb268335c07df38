import Compute
import Geometry
import Testing

@testable import Detection

@Suite struct DetectionMessageTests {
  /// What one rank knows of a detection, all ranks know, bit by bit.
  @Test func nothingOfADetectionIsLost() {
    var full = Detection(
      box: Box(left: -1.5, top: 2, right: 30.25, bottom: 4e-30), classIndex: 7, confidence: 0.3,
      objectness: 0.9,
      uncertainty: DetectionUncertainty(
        bald: 0.1, entropy: 0.2, objectnessMean: -3, objectnessVariance: 5),
      expectedIoU: 0.625)
    full.edges = EdgeDeviations(left: 1, top: 2, right: 3, bottom: 4, isBounded: true)
    full.merged = MergedBoxes(count: 3, spread: 0.25, confidenceSum: 1.5)
    full.probability = DetectionProbability(
      right: 0.7, placed: 0.8, classRight: 0.9, quality: 0.6)
    let bare = Detection(
      box: Box(left: 0, top: 0, right: 1, bottom: 1), classIndex: 0, confidence: 1, objectness: 1)
    var message = Message()
    [full, bare, full].write(to: &message)
    var reader = MessageReader(message.bytes)
    #expect([Detection](from: &reader) == [full, bare, full])
  }
}
