import Evaluation
import Foundation
import Testing

/// What a map does to decisions of images that it was not fitted on.
@Suite struct RecalibrationTrialTests {
  /// `count` decisions of each image, all of one score; in image i so many of them are right.
  private func decisions(right: [Int], of count: Int = 20, score: Float = 0.9) -> Decisions {
    Decisions(
      right.enumerated().flatMap { image, right in
        (0..<count).map {
          Decision(image: image, unit: $0, group: 0, score: score, isRight: $0 < right)
        }
      }, imageCount: right.count, groupNames: ["joint"])
  }

  /// Every fifth image is answered by the others: with one score a map of theirs is the share of their right
  /// ones, by Platt's targets (n₁ (n₁ + 1) / (n₁ + 2) + n₀ / (n₀ + 2)) / n.
  @Test func everyPartIsHeldOut() throws {
    let right = [2, 16, 10, 8, 14, 4, 12, 10, 6, 18]
    let trial = try #require(RecalibrationTrial(decisions(right: right), method: .platt))
    #expect(trial.count == 200)
    let share = Double(right.reduce(0, +)) / 200
    #expect(abs(try #require(trial.errorBefore) - (0.9 - share)) < 1e-6)
    let before = -(share * log(0.9) + (1 - share) * log(0.1))
    #expect(abs(try #require(trial.surpriseBefore) - before) < 1e-6)
    var after = 0.0
    for part in 0..<5 {
      let others = right.indices.filter { $0 % 5 != part }
      let (n1, n) = (Double(others.reduce(0) { $0 + right[$1] }), Double(20 * others.count))
      let n0 = n - n1
      let p = (n1 * (n1 + 1) / (n1 + 2) + n0 / (n0 + 2)) / n
      for image in [part, part + 5] {
        let own = Double(right[image])
        after -= own * log(p) + (20 - own) * log(1 - p)
      }
    }
    #expect(abs(try #require(trial.surpriseAfter) - after / 200) < 1e-3)
    // More than a map would promise that had seen its own images.
    #expect(after / 200 > -(share * log(share) + (1 - share) * log(1 - share)))
    #expect(trial.text.hasPrefix("ECE 40.00 % -> "), "\(trial.text)")
  }

  /// With two parts it is every other image.
  @Test func parts() throws {
    let trial = try #require(
      RecalibrationTrial(decisions(right: [5, 15, 5, 15]), method: .platt, parts: 2))
    // 30 of 40 of the others are right where 10 of 40 are, and the other way round.
    let p = (30.0 * 31 / 32 + 10.0 / 12) / 40
    let expected =
      -(0.25 * log(p) + 0.75 * log(1 - p)
      + 0.75 * log(1 - p) + 0.25 * log(p)) / 2
    #expect(abs(try #require(trial.surpriseAfter) - expected) < 1e-3)
  }

  /// A part whose others are all right, or all wrong, leaves nothing to fit.
  @Test func tooLittleToFit() {
    #expect(RecalibrationTrial(decisions(right: [10, 20, 20, 20, 20]), method: .platt) == nil)
    #expect(RecalibrationTrial(decisions(right: [0, 0, 0, 0, 7]), method: .platt) == nil)
    // Scores that are no probabilities.
    #expect(
      RecalibrationTrial(decisions(right: [10, 12, 8, 4, 16], score: 1.5), method: .platt) == nil)
  }

  /// Images without decisions are no part.
  @Test func imagesWithoutDecisions() throws {
    let some = Decisions(
      decisions(right: [5, 15, 10]).entries.map {
        var entry = $0
        entry.image *= 2
        return entry
      }, imageCount: 9, groupNames: ["joint"])
    #expect(try #require(RecalibrationTrial(some, method: .platt)).count == 60)
  }
}
