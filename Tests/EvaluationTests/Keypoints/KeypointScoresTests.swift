import Evaluation
import Geometry
import Keypoints
import Testing

@Suite struct KeypointScoresTests {
  private static func scores(
    _ samples: [JudgedKeypoints], _ reference: KeypointReference = .torso,
    thresholds: [Double] = [0.2], minimum: Double = 0, bound: KeypointBound = .atMost
  ) throws -> KeypointScores {
    KeypointScores(
      try KeypointErrors(samples, reference: reference, minimumLength: minimum),
      thresholds: thresholds, bound: bound)
  }

  @Test func anErrorAtTheThresholdIsRightOrNotByTheBound() throws {
    // Torso 10: errors .2, .3, 0 and .1.
    let one = person("a", layout: try smallBody(), errors: [2, 3, 0, 1])
    #expect(try Self.scores([one])[.pooled(0.2)] == 0.75)
    #expect(try Self.scores([one], bound: .below)[.pooled(0.2)] == 0.5)
    let several = try Self.scores([one], thresholds: [0.3, 0.1])
    #expect(several.thresholds == [0.1, 0.3])
    #expect(several[.pooled(0.1)] == 0.5 && several[.pooled(0.3)] == 1)
    #expect(several[.pooled(0.2)] == nil)
  }

  @Test func jointsCountAlikeOrByHowOftenTheyAreAnnotated() throws {
    let layout = try smallBody()
    let samples = [
      person("a", layout: layout, errors: [0, 0, 5, 0]),
      person("b", layout: layout, errors: [5, 5, 0, 0], labelled: [0, 3]),
    ]
    let scores = try Self.scores(samples)
    // Left shoulder 1 of 2, right shoulder 1 of 1, left hip 0 of 1, right hip 2 of 2.
    #expect(scores[.pooled(0.2)] == 4.0 / 6)
    #expect(scores[.jointMean(0.2)] == 2.5 / 4)
    #expect((0..<4).map { scores[.joint($0, 0.2)] } == [0.5, 1, 0, 1])
    #expect(layout.groups.map(\.name) == ["shoulder", "hip"])
    #expect((0..<2).map { scores[.group($0, 0.2)] } == [0.75, 0.5])
    #expect(scores.counts.map(\.annotated) == [2, 1, 1, 2])
  }

  @Test func areaAndMeanErrorsAreThoseOfTheirDefinitions() throws {
    let one = person("a", layout: try smallBody(), errors: [1, -1, 4, 0])
    let scores = try Self.scores([one])
    // 1 − e / .2 of .1, .1, .4 and 0.
    #expect(isClose(scores[.area], (0.5 + 0.5 + 0 + 1) / 4, 1e-12))
    #expect(isClose(scores[.normalizedMeanError], 0.6 / 4, 1e-12))
    #expect(scores[.meanError] == 1.5 && scores[.medianError] == 1)
    #expect(scores[.jointMeanError(2)] == 4 && scores[.jointMedianError(2)] == 4)
    // The area is the limit of sums over finer and finer thresholds.
    let fine = (0..<2000).map { (Double($0) + 0.5) / 2000 * 0.2 }
    let errors = try KeypointErrors([one], reference: .torso)
    let sum = fine.reduce(0.0) { sum, threshold in
      sum + Double(errors.entries.count { ($0.relative ?? 9) <= threshold }) / 4
    }
    #expect(isClose(scores[.area], sum / 2000, 1e-3))
  }

  @Test func theMedianOfAnEvenNumberIsTheMiddle() throws {
    let one = person("a", layout: try smallBody(), errors: [1, 2, 4, 9])
    #expect(try Self.scores([one])[.medianError] == 3)
    let three = person("a", layout: try smallBody(), errors: [1, 2, 4, 9], labelled: [3, 1, 2])
    let scores = try Self.scores([three], .pixels(5))
    #expect(scores[.medianError] == 4)
    #expect(scores[.joint(0, 0.2)] == nil && scores[.jointMedianError(0)] == nil)
    #expect(scores[.jointMean(0.2)] == 0)
  }

  @Test func referencesAreMeasured() throws {
    let layout = try smallBody()
    let sizes = ReferenceSizes(head: 4, box: Box(left: 0, top: 0, right: 3, bottom: 4))
    let sample = person(
      "a", layout: layout, errors: [1, 1, 1, 1], sizes: sizes,
      size: PixelSize(width: 40, height: 30))
    func error(_ reference: KeypointReference) throws -> Double? {
      try KeypointErrors([sample], reference: reference).entries[0].relative
    }
    #expect(try error(.torso) == 0.1)
    #expect(try error(.head) == 0.25)
    #expect(try error(.boxSide) == 0.25)
    #expect(try error(.boxDiagonal) == 0.2)
    #expect(try error(.imageDiagonal) == 0.02)
    #expect(try error(.pixels(8)) == 0.125)
    #expect(try error(.between("left shoulder", "left hip")) == 0.125)
  }

  @Test func personsWithoutALengthCountInPixelsAlone() throws {
    let layout = try smallBody()
    let samples = [
      person("a", layout: layout, errors: [0, 0, 0, 0], labelled: [0, 1]),
      person("b", layout: layout, errors: [3, 3, 3, 3]),
      person(
        "c", layout: layout, errors: [9, 9, 9, 9], sizes: ReferenceSizes(isIgnored: true)),
    ]
    let errors = try KeypointErrors(samples, reference: .torso)
    #expect(errors.withoutReferenceCount == 1 && errors.ignoredCount == 1)
    #expect(errors.entries.count == 6 && errors.sampleCount == 3)
    let scores = KeypointScores(errors, thresholds: [0.2])
    #expect(scores[.pooled(0.2)] == 0 && scores[.meanError] == 2)
    // The torso is 10: left out if 11 are asked for, not if 10 are.
    #expect(try KeypointErrors(samples, reference: .torso, minimumLength: 10).shortCount == 0)
    let none = try KeypointErrors(samples, reference: .torso, minimumLength: 11)
    #expect(none.shortCount == 1)
    let empty = KeypointScores(none, thresholds: [0.2])
    #expect(empty[.pooled(0.2)] == nil && empty[.jointMean(0.2)] == nil && empty[.area] == nil)
    #expect(empty[.normalizedMeanError] == nil && empty[.meanError] == 2)
  }

  @Test func aTorsoOfLengthZeroIsNone() throws {
    let layout = try smallBody()
    var sample = person("a", layout: layout, errors: [0, 0, 0, 0])
    sample.truth.points[3].position = sample.truth.points[0].position
    let errors = try KeypointErrors([sample], reference: .torso)
    #expect(errors.withoutReferenceCount == 1)
    #expect(errors.entries.allSatisfy { $0.relative == nil })
  }

  @Test func withoutAnnotatedKeypointsNothingIsDefined() throws {
    let scores = try Self.scores([
      person("a", layout: try smallBody(), errors: [0, 0, 0, 0], labelled: [])
    ])
    #expect(scores.values.allSatisfy { $0 == nil } && scores.imageCount == 1)
  }

  @Test func personsOfAnImageAreResampledTogether() throws {
    let layout = try smallBody()
    let samples = [
      person("a", image: "x", layout: layout, errors: [0, 0, 0, 0]),
      person("b", image: "y", layout: layout, errors: [4, 4, 4, 4]),
      person("c", image: "x", layout: layout, errors: [0, 4, 0, 4]),
    ]
    let scores = try Self.scores(samples)
    #expect(scores.imageCount == 2)
    // Three times image x, with 6 of its 8 right; errors 0 six times and 4 twice.
    let values = scores.values(ImageWeights([3, 0]))
    let place = try #require(scores.numbers.firstIndex(of: .pooled(0.2)))
    let median = try #require(scores.numbers.firstIndex(of: .medianError))
    #expect(values[place] == 0.75 && values[median] == 0)
    // Once x and three times y: 6 of 20 are right, 14 errors are 4.
    let others = scores.values(ImageWeights([1, 3]))
    #expect(others[place] == 0.3 && others[median] == 4)
    #expect(scores.values(ImageWeights([0, 0])).allSatisfy { $0 == nil })
    let estimate = Bootstrap(draws: 200).estimates(of: scores)[place]
    #expect(estimate.interval?.lower == 0 && estimate.interval?.upper == 0.75)
    #expect(scores.range(ofValue: median).upperBound == .infinity)
    #expect(scores.range(ofValue: place) == 0...1)
  }
}
