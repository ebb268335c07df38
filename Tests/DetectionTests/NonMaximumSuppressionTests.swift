import Detection
import Geometry
import TestSupport
import Testing

@Suite struct NonMaximumSuppressionTests {
  private func randomDetections(_ count: Int, seed: UInt64) -> [Detection] {
    let values = randomValues(6 * count, in: 0...1, seed: seed)
    return (0..<count).map {
      let v = values[(6 * $0)...].prefix(6).map { $0 }
      return Detection(
        box: Box(centerX: v[0], centerY: v[1], width: 0.2 + 0.3 * v[2], height: 0.2 + 0.3 * v[3]),
        classIndex: Int(v[4] * 2.99), confidence: v[5], objectness: v[5],
        uncertainty: DetectionUncertainty(
          bald: v[0], entropy: v[1], objectnessMean: v[2], objectnessVariance: v[3]))
    }
  }

  @Test(arguments: 1...20, [Float(0.2), 0.45, 0.7])
  func keepsExactlyTheBestOfEveryGroup(seed: UInt64, threshold: Float) {
    let detections = randomDetections(200, seed: seed)
    let kept = NonMaximumSuppression.suppressed(detections, threshold: threshold)
    #expect(kept.allSatisfy(detections.contains))
    #expect(kept == NonMaximumSuppression.suppressed(kept, threshold: threshold))
    var generator = SystemRandomNumberGeneratorWithSeed(seed: seed)
    let shuffled = detections.shuffled(using: &generator)
    #expect(kept == NonMaximumSuppression.suppressed(shuffled, threshold: threshold))
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.confidence >= $1.confidence })
    let repeats = { (a: Detection, b: Detection) in
      a.classIndex == b.classIndex && a.box.intersectionOverUnion(with: b.box) > threshold
    }
    for (index, detection) in kept.enumerated() {
      #expect(!kept[..<index].contains { repeats($0, detection) })
    }
    for detection in detections where !kept.contains(detection) {
      #expect(kept.contains { repeats($0, detection) && $0.confidence >= detection.confidence })
    }
    #expect(kept.count < detections.count)
  }

  /// Two squares of side 4 whose centres are 1 apart: IoU 12 / 20, ρ² / c² = 1 / 41.
  @Test func distanceIsSubtractedFromTheOverlap() {
    let found = [Float(0), 1].map {
      Detection(
        box: Box(left: $0, top: 0, right: $0 + 4, bottom: 4), classIndex: 0,
        confidence: 1 - $0 / 2, objectness: 1)
    }
    for (exponent, measure) in [(Float(1), Float(0.5756)), (0.6, 0.4922), (2, 0.5994), (0, -0.4)] {
      for (threshold, count) in [(measure - 0.001, 1), (measure + 0.001, 2)] {
        let kept = NonMaximumSuppression.suppressed(
          found, threshold: threshold, measure: .distance(exponent: exponent))
        #expect(kept == Array(found.prefix(count)), "\(exponent)")
      }
    }
    // The same centre: nothing is subtracted.
    let same = [found[0], found[0]]
    #expect(
      NonMaximumSuppression.suppressed(same, threshold: 0.9, measure: .distance(exponent: 0.6))
        == [found[0]])
  }

  @Test func equalOverlapIsKeptAndTiesKeepTheirOrder() {
    func found(_ right: Float, _ classIndex: Int, _ confidence: Float) -> Detection {
      Detection(
        box: Box(left: 0, top: 0, right: right, bottom: 1), classIndex: classIndex,
        confidence: confidence, objectness: 1)
    }
    let half = [found(2, 0, 0.5), found(1, 0, 0.5)]
    #expect(NonMaximumSuppression.suppressed(half, threshold: 0.5) == half)
    #expect(NonMaximumSuppression.suppressed(half, threshold: 0.49) == [half[0]])
    let classes = [found(2, 1, 0.5), found(2, 0, 0.5), found(2, 0, 0.6)]
    #expect(
      NonMaximumSuppression.suppressed(classes, threshold: 0.5) == [classes[2], classes[0]])
    #expect(NonMaximumSuppression.suppressed([], threshold: 0.5).isEmpty)
  }
}
