import Evaluation
import Geometry
import Keypoints
import Testing

@Suite struct KeypointDecisionsTests {
  private static func doubts(bald: Bool) -> [KeypointDoubt] {
    (0..<4).map { index in
      let value = Float(index)
      return KeypointDoubt(
        entropy: 1 + value, secondPeak: 0.25 * value, spread: 4 - value,
        baldAtPeak: bald ? 0.125 * value : nil, baldAround: bald ? 0.5 - 0.125 * value : nil)
    }
  }

  private static func decisions(
    _ samples: [JudgedKeypoints], bound: KeypointBound = .atMost
  ) throws -> Decisions {
    let errors = try KeypointErrors(samples, reference: .torso)
    return Decisions(samples, errors: errors, threshold: 0.2, bound: bound)
  }

  @Test func aJointIsRightWithinTheThreshold() throws {
    let layout = try smallBody()
    var first = person("a", image: "x", layout: layout, errors: [0, 0.5, 2, 3])
    first.found.reverse()
    let samples = [
      person("b", image: "y", layout: layout, errors: [0, 0, 0, 0], labelled: [0]), first,
      person("c", image: "x", layout: layout, errors: [4, 0, 0, 0], labelled: [0, 3]),
    ]
    let decisions = try Self.decisions(samples)
    let entries = decisions.entries
    // The first person has no torso.
    #expect(entries.map(\.image) == [1, 1, 1, 1, 1, 1] && decisions.imageCount == 2)
    #expect(entries.map(\.unit) == [4, 5, 6, 7, 8, 11])
    #expect(entries.map(\.group) == [0, 1, 2, 3, 0, 3])
    #expect(entries.map(\.score) == [0.9, 0.8, 0.7, 0.6, 0.9, 0.6])
    #expect(entries.map(\.isRight) == [true, true, true, false, false, true])
    #expect(entries.map(\.quality) == [1, 0.75, 0, 0, 0, 1])
    #expect(entries.map(\.error) == [0, 0.5, 2, 3, 4, 0])
    #expect(decisions.measures.isEmpty && decisions.groupNames == layout.names)
    #expect(try Self.decisions(samples, bound: .below).entries[2].isRight == false)
  }

  @Test func doubtIsUncertainty() throws {
    let layout = try smallBody()
    let plain = person(
      "a", layout: layout, errors: [0, 0, 0, 0], doubts: Self.doubts(bald: false))
    let decisions = try Self.decisions([plain])
    #expect(decisions.measures == [.entropy, .secondPeak, .spread])
    #expect(decisions.values(of: .secondPeak) == [0, 0.25, 0.5, 0.75])
    #expect(decisions.values(of: .spread) == [4, 3, 2, 1])
    #expect(decisions.values(of: .entropy) == [1, 2, 3, 4])
    #expect(decisions.values(of: .bald) == nil && decisions.values(of: .baldAround) == nil)
    let bayesian = person(
      "b", layout: layout, errors: [0, 0, 0, 0], doubts: Self.doubts(bald: true))
    let both = try Self.decisions([bayesian])
    #expect(both.measures == [.entropy, .secondPeak, .spread, .bald, .baldAround])
    #expect(both.values(of: .bald) == [0, 0.125, 0.25, 0.375])
    #expect(both.values(of: .baldAround) == [0.5, 0.375, 0.25, 0.125])
    // What one of them lacks, none has.
    #expect(try Self.decisions([bayesian, plain]).measures == [.entropy, .secondPeak, .spread])
    var bad = bayesian
    bad.found[0].doubt?.spread = .nan
    #expect(throws: EvaluationError.self) { try Self.decisions([bad]) }
    // A detection has none of these.
    #expect(
      Set(UncertaintyScore.ofDetections).isDisjoint(with: [.secondPeak, .spread, .baldAround]))
    #expect(UncertaintyScore.ofDetections.contains(.bald))
  }

  @Test func ranksAreCorrelatedWithErrors() throws {
    let layout = try smallBody()
    // Errors 1, 0, 3 and 3 have ranks 2, 1, 3.5 and 3.5, the scores 1 to 4.
    let sample = person(
      "a", layout: layout, errors: [1, 0, 3, 3], doubts: Self.doubts(bald: false))
    let decisions = try Self.decisions([sample])
    // Σ of (−½)(−1½) + (−1½)(−½) + 1 · ½ + 1 · 1½ = 3½; Σ squares 4½ and 5.
    let expected = 3.5 / (4.5 * 5).squareRoot()
    let entropy = try #require(RankCorrelation(decisions, score: .entropy))
    #expect(isClose(entropy.value, expected, 1e-12))
    #expect(isClose(RankCorrelation(decisions, score: .spread)?.value, -expected, 1e-12))
    #expect(entropy.range(ofValue: 0) == -1...1)
    #expect(RankCorrelation(decisions, score: .bald) == nil)
    // Twice the same is the same; equal errors have none.
    #expect(isClose(entropy.values(ImageWeights([2]))[0], expected, 1e-12))
    #expect(entropy.values(ImageWeights([0])) == [nil])
    let level = person(
      "a", layout: layout, errors: [1, 1, 1, 1], doubts: Self.doubts(bald: false))
    #expect(try RankCorrelation(Self.decisions([level]), score: .entropy)?.value == nil)
  }

  @Test func aResampleOfRanksIsThatOfItsCopies() throws {
    let layout = try smallBody()
    let samples = [[1.0, 0, 3, 3], [2, 1, 0, 5], [0, 0, 1, 9]].enumerated().map { index, errors in
      person(
        "\(index)", layout: layout, errors: errors, scores: [0.1, 0.9, 0.5, Float(index) / 4])
    }
    let some = try #require(RankCorrelation(try Self.decisions(samples), score: .confidence))
    let copies = [samples[0], samples[2], samples[2], samples[2]].enumerated().map {
      index, sample in
      var copy = sample
      copy.image = "\(index)"
      return copy
    }
    let all = try #require(RankCorrelation(try Self.decisions(copies), score: .confidence))
    #expect(isClose(some.values(ImageWeights([1, 0, 3]))[0], try #require(all.value), 1e-12))
  }
}
