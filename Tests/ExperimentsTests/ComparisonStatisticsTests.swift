import Darknet
import Datasets
import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

@testable import Training

@Suite struct ComparisonStatisticsTests {
  @Test func spreadOfThree() throws {
    // Deviations −4/3, −1/3 and 5/3 from 7/3: variance (16 + 1 + 25)/9/2 = 7/3.
    let spread = try #require(SampleSpread([1, 2, 4]))
    #expect(spread.count == 3)
    #expect(abs(spread.mean - 7.0 / 3) < 1e-15)
    #expect(abs(try #require(spread.deviation) - (7.0 / 3).squareRoot()) < 1e-15)
    #expect(SampleSpread([3])?.deviation == nil)
    #expect(SampleSpread([]) == nil)
  }

  /// Two images with an object each; a run finds the objects of some of them.
  private func run(finds found: Set<Int>) throws -> AveragePrecisionStatistic {
    let box = Box(left: 0, top: 0, right: 10, bottom: 10)
    let images = (0..<2).map { index in
      EvaluatedImage(
        id: "\(index)", objects: [GroundTruth(box: box, classIndex: 0, isDifficult: false)],
        detections: found.contains(index)
          ? [Detection(box: box, classIndex: 0, confidence: 0.9, objectness: 0.9)] : [])
    }
    return AveragePrecisionStatistic(
      try MatchedDetections(images, classNames: ["thing"]), rules: [.area, .area])
  }

  private func statistic() throws -> PairedDifferences {
    // Seed 1: the row finds the first object, the reference the second. Seed 2: both and none.
    PairedDifferences(
      runs: [
        try run(finds: [0]), try run(finds: [1]), try run(finds: [0, 1]), try run(finds: []),
      ],
      rows: [
        [.init(run: 0, reference: 1), .init(run: 2, reference: 3)], [.init(run: 1, reference: 2)],
      ],
      comparing: [0, 2], imageCount: 2)
  }

  @Test func pairedDifferencesByHand() throws {
    let statistic = try statistic()
    // ((1/2 − 1/2) + (1 − 0)) / 2, and 1/2 − 1, twice for two rules.
    #expect(statistic.values == [0.5, 0.5, -0.5, -0.5])
    // The first image twice: ((1 − 0) + (1 − 0)) / 2, 0 − 1.
    #expect(statistic.values(ImageWeights([2, 0])) == [1, 1, -1, -1])
    // The second twice: ((0 − 1) + (1 − 0)) / 2, 1 − 1.
    #expect(statistic.values(ImageWeights([0, 2])) == [0, 0, 0, 0])
  }

  @Test func intervalOfTheDifference() throws {
    // A quarter of the resamples each has one image twice.
    let estimates = Bootstrap(draws: 1000, level: 0.95).estimates(of: try statistic())
    #expect(estimates.map(\.value) == [0.5, 0.5, -0.5, -0.5])
    #expect(estimates[0].interval == ConfidenceInterval(lower: 0, upper: 1, level: 0.95))
    #expect(estimates[2].interval == ConfidenceInterval(lower: -1, upper: 0, level: 0.95))
  }

  @Test func configurationsNameWhatDiffers() throws {
    func configuration(batch: Int, jitter: Float, splitSeed: UInt64?) throws -> RunConfiguration {
      let cfg = packageRoot.appending(path: "Models/small-voc.cfg")
      var options = TrainingOptions(
        try NetworkBuilder.build(ConfigurationFile(contentsOf: cfg)).net)
      options.batch = batch
      options.augmentation.jitter = jitter
      return RunConfiguration(
        toolVersion: "1", sources: RunDataSources(training: ["/a"], validation: ["/a:val"]),
        rules: ReadingRules(), splitSeed: splitSeed, classNames: ["x", "y"], initialWeights: nil,
        options: options,
        schedule: try LearningRateSchedule(base: 0.1, burnIn: 2, policy: .steps([])))
    }
    let first = try configuration(batch: 4, jitter: 0.25, splitSeed: nil)
    #expect(try first.differences(to: first) == [])
    #expect(
      try first.differences(to: configuration(batch: 8, jitter: 0.5, splitSeed: 1)) == [
        "options.augmentation.jitter: 0.25, now 0.5", "options.batch: 4, now 8",
        "splitSeed: unset, now 1",
      ])
  }
}
