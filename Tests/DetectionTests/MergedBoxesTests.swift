import Detection
import Geometry
import Testing

/// What suppression hands on of what it merged.
@Suite struct MergedBoxesTests {
  private func box(_ left: Float, confidence: Float, classIndex: Int = 0) -> Detection {
    Detection(
      box: Box(left: left, top: 0, right: left + 10, bottom: 10), classIndex: classIndex,
      confidence: confidence, objectness: 1)
  }

  @Test func numberSpreadAndSumAreThoseOfWhatOverlaps() throws {
    // IoU with the first: 8 / 12, 9 / 11; the fourth is of another class, the fifth overlaps too little.
    let all = [
      box(0, confidence: 0.9), box(2, confidence: 0.5), box(1, confidence: 0.25),
      box(1, confidence: 0.8, classIndex: 1), box(5, confidence: 0.4),
    ]
    let kept = NonMaximumSuppression.suppressed(all, threshold: 0.5)
    #expect(kept.allSatisfy { $0.merged == nil })
    #expect(kept.map(\.confidence) == [0.9, 0.8, 0.4])
    let told = NonMaximumSuppression.withMerged(kept, among: all, threshold: 0.5)
    let first = try #require(told[0].merged)
    #expect(first.count == 2 && first.confidenceSum == 0.75)
    #expect(abs(first.spread - (4.0 / 12 + 2.0 / 11) / 2) < 1e-6)
    #expect(told[1].merged == MergedBoxes(count: 0, spread: 0, confidenceSum: 0))
    // More confident boxes are not merged into it: 0.5 overlaps it by 7 / 13, 0.25 by 6 / 14.
    #expect(told[2].merged?.count == 0)
    // What an earlier suppression has said stays.
    #expect(NonMaximumSuppression.withMerged(told, among: [], threshold: 0.5) == told)
  }
}
