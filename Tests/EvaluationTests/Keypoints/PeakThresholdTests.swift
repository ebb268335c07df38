import Evaluation
import Foundation
import Geometry
import Keypoints
import Testing

/// The height from which peaks count, chosen on matched peaks.
@Suite struct PeakThresholdTests {
  /// Ten red objects found at .90, .89 … .81 and three peaks of none at .5; two white ones, one of them
  /// found at .7 beside a false one at .6.
  private static func samples() throws -> [JudgedKeypoints] {
    let layout = try KeypointLayout(names: ["red", "white"])
    return (0..<5).map { image in
      func point(_ kind: Int, _ x: Double) -> LabelledKeypoint {
        LabelledKeypoint(index: kind, position: Point(x, 0))
      }
      func peak(_ kind: Int, _ x: Double, _ score: Float) -> FoundKeypoint {
        FoundKeypoint(index: kind, position: Point(x, 0), score: score)
      }
      var truths = [point(0, 0), point(0, 100)]
      var found = [
        peak(0, 1, 0.9 - 0.02 * Float(image)), peak(0, 99, 0.89 - 0.02 * Float(image)),
      ]
      if image < 3 { found.append(peak(0, 50, 0.5)) }
      if image == 0 {
        truths += [point(1, 10), point(1, 60)]
        found += [peak(1, 11, 0.7), peak(1, 30, 0.6)]
      }
      return JudgedKeypoints(
        id: "\(image)", truth: KeypointTruth(layout: layout, points: truths), found: found)
    }
  }

  private func chosen(_ rule: ThresholdRule, floor: Float = 0.05) throws -> ClassThresholds {
    try ClassThresholds(
      choosing: rule, on: MatchedPeaks(Self.samples(), radius: 4), floor: floor,
      imageIDs: ["b", "a"])
  }

  @Test func bestF1() throws {
    let thresholds = try chosen(.f1)
    let red = try #require(thresholds.classes["red"])
    // All ten and none of the three: midway between .81 and .5.
    #expect(abs(red.threshold - 0.655) < 1e-6 && red.source == .own)
    #expect(red.outcome.right == 10 && red.outcome.detections == 10 && red.outcome.objects == 10)
    // All: 11 of 12 objects among 11 peaks, below .7 and above .6.
    #expect(abs(thresholds.pooled.threshold - 0.65) < 1e-6)
    #expect(thresholds.pooled.outcome.right == 11 && thresholds.pooled.outcome.detections == 11)
    // Too few of its own.
    let white = try #require(thresholds.classes["white"])
    #expect(white.source == .allClasses && white.threshold == thresholds.pooled.threshold)
    #expect(white.outcome.objects == 2 && white.outcome.right == 1)
    #expect(thresholds.imageIDs == ["a", "b"] && thresholds.settings["radius"] == "4.0")
    // It reads back.
    let again = try JSONDecoder().decode(ClassThresholds.self, from: thresholds.json())
    #expect(again == thresholds)
  }

  /// Ten of ten are .741 at least, ten of eleven .636: .05^(1/10), and Clopper and Pearson's table.
  @Test func boundOfThePrecision() throws {
    let reached = try #require(try chosen(.precision(0.7)).classes["red"])
    #expect(reached.source == .own && reached.outcome.right == 10)
    #expect(abs(reached.threshold - 0.655) < 1e-6)
    let missed = try #require(try chosen(.precision(0.75)).classes["red"])
    #expect(missed.source == .notReached)
    // The floor is the lowest that is known: with all three at .5, ten of thirteen are .505 at least.
    let low = try #require(try chosen(.precision(0.5), floor: 0.25).classes["red"])
    #expect(low.source == .own && low.outcome.detections == 13 && low.threshold < 0.5)
  }

  @Test func whatCannotBeChosen() throws {
    let layout = try KeypointLayout(names: ["red"])
    func refusal(_ found: [(Double, Double, Float)]) throws -> String? {
      let sample = peaks("a", truths: [(0, 0)], found: found, layout: layout)
      let matched = try MatchedPeaks([sample], radius: 4)
      do {
        _ = try ClassThresholds(choosing: .f1, on: matched, floor: 0, imageIDs: ["a"])
        return nil
      } catch { return "\(error)" }
    }
    #expect(try refusal([(1, 0, 0.5)]) == nil)
    #expect(try refusal([(50, 0, 0.5)])?.contains("no peak is right") == true)
    #expect(try refusal([])?.contains("no peak is right") == true)
    #expect(try refusal([(1, 0, 1.25)])?.contains("not between 0 and 1") == true)
  }
}
