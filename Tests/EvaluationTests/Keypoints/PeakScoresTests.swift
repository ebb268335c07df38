import Evaluation
import Geometry
import Keypoints
import TestSupport
import Testing

@Suite struct PeakScoresTests {
  private static func cells() throws -> KeypointLayout { try KeypointLayout(names: ["cell"]) }

  @Test(arguments: ["sparse", "dense", "crowded", "one"])
  func agreesWithSciPy(name: String) throws {
    let golden = try #require(try goldenCases("peaks").first { $0.name == name })
    let truths = try golden.array("truths")
    let found = try golden.array("found")
    let sample = peaks(
      name,
      truths: stride(from: 0, to: truths.count, by: 2).map {
        (Double(truths[$0]), Double(truths[$0 + 1]))
      },
      found: stride(from: 0, to: found.count, by: 3).map {
        (Double(found[$0]), Double(found[$0 + 1]), found[$0 + 2])
      }, layout: try Self.cells())
    let radius = try #require(golden.numbers["radius"])
    let matched = try MatchedPeaks([sample], radius: radius)
    #expect(matched.greedyCount == 0)
    let right = matched.peaks.filter { $0.distance != nil }
    #expect(right.map { Float($0.place) } == (try golden.array("right")))
    let sum = right.reduce(0.0) { $0 + ($1.distance ?? 0) }
    #expect(isClose(sum, try #require(golden.numbers["sum"]), 1e-9))
    let scores = try PeakScores([sample], radius: radius, threshold: 0)
    #expect(isClose(scores[.medianError], try #require(golden.numbers["median"]), 1e-9))
    #expect(isClose(scores[.ap], try #require(golden.numbers["ap"]), 1e-9))
    let balance = try #require(matched.balancedThreshold())
    #expect(isClose(balance.f1, try #require(golden.numbers["f1"]), 1e-12))
    #expect(balance.confidence == golden.numbers["height"].map { Float($0) })
    // Whatever the threshold, as many are right as can be.
    let counts = try golden.array("counts")
    let heights = sample.found.map(\.score).sorted(by: >)
    for place in stride(from: 0, to: counts.count, by: 7) {
      let kept = try MatchedPeaks([sample], radius: radius, from: heights[place])
      #expect(kept.peaks.count == place + 1)
      #expect(Float(kept.peaks.count { $0.distance != nil }) == counts[place])
    }
  }

  @Test func aPeakAtTheRadiusIsRight() throws {
    func right(_ radius: Double, scale: Double = 1) throws -> Int {
      let sample = peaks(
        "a", truths: [(0, 0)], found: [(3, 4, 0.5)], layout: try Self.cells(), scale: scale)
      return try MatchedPeaks([sample], radius: radius).peaks.count { $0.distance != nil }
    }
    #expect(try right(5) == 1 && right(4.99) == 0)
    // The radius is of the input's pixels, of which each is two and a half of the picture's.
    #expect(try right(2, scale: 2.5) == 1 && right(2, scale: 2.49) == 0)
  }

  @Test func aPeakGivesWayIfBothCanBeRight() throws {
    // The higher peak is nearer to the left object, but the lower one reaches that alone.
    let sample = peaks(
      "a", truths: [(0, 0), (10, 0)], found: [(4, 0, 0.9), (-4, 0, 0.8), (0, 1, 0.7)],
      layout: try Self.cells())
    let matched = try MatchedPeaks([sample], radius: 6)
    // The third, nearest of all to the left object, comes too late.
    #expect(matched.peaks.map(\.distance) == [6, 4, nil])
    #expect(matched.peaks.map(\.group) == [0, 0, 0])
    // Alone the higher one takes what is nearest.
    let alone = try MatchedPeaks([sample], radius: 6, from: 0.85)
    #expect(alone.peaks.map(\.distance) == [4])
  }

  @Test func scoresAreThoseOfTheirDefinitions() throws {
    let layout = try KeypointLayout(names: ["red", "white"])
    var first = peaks(
      "x", truths: [(0, 0), (50, 0), (90, 0)], found: [(1, 0, 0.9), (52, 0, 0.4), (70, 0, 0.6)],
      layout: layout)
    first.truth.points[2].index = 1
    var second = peaks("y", truths: [], found: [(5, 5, 0.7), (6, 6, 0.2)], layout: layout)
    second.found[0].index = 1
    let scores = try PeakScores([first, second], radius: 2, threshold: 0.5)
    // From .5 on: right .9, wrong .6 and the white .7.
    #expect(scores[.precision] == 1.0 / 3 && scores[.recall] == 1.0 / 3 && scores[.f1] == 1.0 / 3)
    // Red by height: right, wrong, right, wrong: ½ · 1 + ½ · ⅔. White finds none of one.
    #expect(isClose(scores[.ap, group: 0], 0.5 + 0.5 * 2 / 3, 1e-12))
    #expect(scores[.ap, group: 1] == 0)
    #expect(isClose(scores[.ap], (0.5 + 1.0 / 3) / 2, 1e-12))
    #expect(scores[.meanError] == 1 && scores[.medianError] == 1)
    // Image x: 2 peaks of 3 objects, image y: 1 of 0.
    #expect(scores[.countError] == 1 && scores[.countDeviation] == 1)
    #expect(scores[.countError, group: 0] == 0)
    #expect(scores[.countError, group: 1] == 1)
    #expect(scores[.precision, group: 0] == 0.5 && scores[.precision, group: 1] == 0)
    #expect(scores[.meanError, group: 1] == nil)
    // All peaks, three times image x: errors 1 and 2.
    let all = try PeakScores([first, second], radius: 2, threshold: 0)
    let values = all.values(ImageWeights([3, 0]))
    #expect(values[all.place(of: .recall)] == 2.0 / 3)
    #expect(values[all.place(of: .medianError)] == 1.5)
    #expect(values[all.place(of: .countError)] == 0)
    // Image y: 2 peaks, one of each kind, of no object.
    let other = all.values(ImageWeights([1, 1]))
    #expect(other[all.place(of: .countError)] == 1)
    #expect(other[all.place(of: .countDeviation)] == 2.0.squareRoot())
    #expect(all.values(ImageWeights([0, 0])).allSatisfy { $0 == nil })
    #expect(all.range(ofValue: all.place(of: .ap, group: 1)) == 0...1)
    #expect(all.range(ofValue: all.place(of: .countError, group: 1)).upperBound == .infinity)
  }

  @Test func imagesWithoutPeaksOrObjectsCount() throws {
    let layout = try Self.cells()
    let none = try PeakScores(
      [peaks("a", truths: [], found: [], layout: layout)], radius: 2, threshold: 0)
    #expect(none[.precision] == nil && none[.recall] == nil && none[.f1] == nil)
    #expect(none[.ap] == nil && none[.countError] == 0)
    let missed = try PeakScores(
      [peaks("a", truths: [(1, 1), (2, 2)], found: [], layout: layout)], radius: 2, threshold: 0)
    #expect(missed[.precision] == nil && missed[.recall] == 0 && missed[.f1] == 0)
    #expect(missed[.ap] == 0 && missed[.countError] == 2)
    var ignored = peaks("b", truths: [(1, 1)], found: [(1, 1, 1)], layout: layout)
    ignored.truth.sizes.isIgnored = true
    let matched = try MatchedPeaks(
      [peaks("a", truths: [(1, 1)], found: [], layout: layout), ignored], radius: 2)
    #expect(matched.peaks.isEmpty && matched.objectCount() == 1 && matched.imageCount == 2)
    #expect(matched.balancedThreshold() == nil)
    #expect(throws: EvaluationError.noKeypoints) { try MatchedPeaks([], radius: 2) }
  }

  @Test func peaksAreDecisions() throws {
    let sample = peaks(
      "a", truths: [(0, 0), (20, 0)], found: [(1, 0, 0.5), (40, 0, 0.9), (20, 0, 0.25)],
      layout: try Self.cells())
    let decisions = try MatchedPeaks([sample], radius: 4).decisions
    #expect(decisions.entries.map(\.isRight) == [true, false, true])
    #expect(decisions.entries.map(\.quality) == [0.75, 0, 1])
    #expect(decisions.entries.map(\.error) == [1, nil, 0])
    #expect(decisions.entries.map(\.unit) == [0, 1, 2])
    #expect(decisions.measures.isEmpty)
    var doubted = sample
    for index in doubted.found.indices {
      doubted.found[index].doubt = KeypointDoubt(
        entropy: Float(index), secondPeak: 0, spread: 1, baldAtPeak: index == 0 ? 0.5 : nil)
    }
    let more = try MatchedPeaks([doubted], radius: 4).decisions
    #expect(more.measures == [.entropy, .secondPeak, .spread])
    #expect(more.values(of: .entropy) == [0, 1, 2])
    // Wrong peaks have no error to correlate with.
    #expect(isClose(RankCorrelation(more, score: .entropy)?.value, -1, 1e-12))
  }

  @Test func kindsHaveThresholdsOfTheirOwn() throws {
    let layout = try KeypointLayout(names: ["red", "white"])
    var sample = peaks(
      "a", truths: [(0, 0), (20, 0)],
      found: [(0, 0, 0.9), (9, 9, 0.8), (60, 0, 0.7), (20, 0, 0.6)], layout: layout)
    sample.truth.points[1].index = 1
    for index in [2, 3] { sample.found[index].index = 1 }
    let matched = try MatchedPeaks([sample], radius: 2)
    #expect(matched.balancedThreshold(of: 0)?.confidence == 0.9)
    #expect(matched.balancedThreshold(of: 1)?.confidence == 0.6)
    #expect(matched.balancedThreshold(of: 0)?.f1 == 1)
    #expect(matched.objectCount(of: 1) == 1 && matched.objectCount() == 2)
  }

  /// Objects one apart, a peak a little to the right of each but the last two; the highest peak is next to
  /// the last object, and the lowest reaches that alone.
  private static func chain(_ count: Int) throws -> JudgedKeypoints {
    let end = Double(count - 1)
    return peaks(
      "a", truths: (0..<count).map { (Double($0), 0) },
      found: (0..<(count - 2)).map { (Double($0) + 0.25, 0, 0.5) }
        + [(end - 0.25, 0, 0.9), (end + 0.875, 0, 0.1)], layout: try cells())
  }

  @Test func manyPeaksInOneClusterAreMatchedInOrder() throws {
    let few = try MatchedPeaks([try Self.chain(500)], radius: 1)
    #expect(few.greedyCount == 0 && few.peaks.allSatisfy { $0.distance != nil })
    #expect(few.peaks[498].distance == 0.75)
    let many = try MatchedPeaks([try Self.chain(501)], radius: 1)
    #expect(many.greedyCount == 1 && many.peaks.count { $0.distance == nil } == 1)
    #expect(many.peaks[499].distance == 0.25 && many.peaks[500].distance == nil)
  }
}
