import Compute
import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct BootstrapTests {
  private let names = ["a", "b", "c"]

  /// Every image as often as its weight says, the copies as images of their own.
  private func copies(_ images: [EvaluatedImage], _ weights: [Int32]) -> [EvaluatedImage] {
    zip(images, weights).flatMap { image, count in
      (0..<Int(count)).map { copy in
        var image = image
        image.id += "/\(copy)"
        return image
      }
    }
  }

  private func randomWeights(_ count: Int, seed: UInt64) -> [Int32] {
    randomValues(count, in: 0...1, seed: seed).map { Int32($0 * $0 * 4) }
  }

  @Test(arguments: 1...8) func aWeightIsSoManyCopies(seed: UInt64) throws {
    var images = randomImages(images: 30, objects: 4, detections: 9, classes: 3, seed: seed)
    for index in images.indices {
      for number in images[index].detections.indices {
        images[index].detections[number].uncertainty = DetectionUncertainty(
          bald: Float((index * 7 + number * 3) % 11) / 16, entropy: 0, objectnessMean: 0.5,
          objectnessVariance: 0)
      }
    }
    let weights = randomWeights(30, seed: seed)
    let copied = copies(images, weights)
    let first = try MatchedDetections(images, classNames: names)
    let second = try MatchedDetections(copied, classNames: names)
    func compare(_ statistic: some ImageStatistic, _ expected: some ImageStatistic) {
      let values = statistic.values(ImageWeights(weights))
      #expect(values.count == statistic.valueCount)
      for (a, b) in zip(values, expected.values) {
        #expect(a == nil ? b == nil : isClose(b, a ?? 0, 1e-12), "\(type(of: statistic))")
      }
    }
    let rules: [AveragePrecision] = [.elevenPoint, .area, .elevenPointFloat]
    compare(
      AveragePrecisionStatistic(first, rules: rules),
      AveragePrecisionStatistic(second, rules: rules))
    let one = first.decisions(in: images)
    let other = second.decisions(in: copied)
    compare(CalibrationError(one), CalibrationError(other))
    compare(LocalizationCalibrationError(one), LocalizationCalibrationError(other))
    compare(ProbabilityScores(one), ProbabilityScores(other))
    compare(LocalizationRecallPrecision(first), LocalizationRecallPrecision(second))
    for score in [UncertaintyScore.confidence, .bald] {
      compare(
        try #require(ErrorDetection(one, score: score)),
        try #require(ErrorDetection(other, score: score)))
    }
    // And the values are those of the evaluation itself.
    for (index, rule) in rules.enumerated() {
      let result = try VOCEvaluation(images: copied, classNames: names, rule: rule)
      let value = AveragePrecisionStatistic(first, rules: rules).values(ImageWeights(weights))[
        index * 4]
      #expect(value == nil || isClose(result.meanAveragePrecision, value ?? 0, 1e-12))
    }
  }

  private struct MeanStatistic: ImageStatistic {
    let numbers: [Double]
    var imageCount: Int { numbers.count }
    var valueCount: Int { 2 }
    func values(_ weights: ImageWeights) -> [Double?] {
      let sum = zip(numbers, weights.counts).reduce(0.0) { $0 + $1.0 * Double($1.1) }
      return [sum / Double(numbers.count), nil]
    }
  }

  @Test func theIntervalOfAMeanIsTheNormalOne() throws {
    let numbers = randomValues(400, in: 0...1, seed: 9).map(Double.init)
    let center = numbers.reduce(0, +) / 400
    let variance = numbers.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 400
    let estimates = Bootstrap(draws: 4000, seed: 3).estimates(of: MeanStatistic(numbers: numbers))
    let interval = try #require(estimates[0].interval)
    let half = 1.96 * (variance / 400).squareRoot()
    #expect(isClose(estimates[0].value, center, 1e-12))
    #expect(abs(interval.lower - (center - half)) < 0.08 * half)
    #expect(abs(interval.upper - (center + half)) < 0.08 * half)
    #expect(estimates[1].value == nil && estimates[1].interval == nil)
    let narrow = Bootstrap(draws: 4000, level: 0.5, seed: 3)
      .estimates(of: MeanStatistic(numbers: numbers))
    let quartiles = try #require(narrow[0].interval)
    #expect(abs((quartiles.upper - quartiles.lower) / half - 2 * 0.6745 / 1.96) < 0.05)
  }

  /// The largest of the numbers: every resample has it or a smaller one.
  private struct LargestStatistic: ImageStatistic {
    let numbers: [Double]
    var imageCount: Int { numbers.count }
    var valueCount: Int { 1 }
    func values(_ weights: ImageWeights) -> [Double?] {
      [zip(numbers, weights.counts).filter { $0.1 > 0 }.map(\.0).max()]
    }
  }

  @Test func theIntervalIsMovedByTheBiasAndEndsWithTheRange() throws {
    let numbers = (0..<50).map { Double($0) / 100 }
    let one = Bootstrap(draws: 2000, seed: 3).estimates(of: LargestStatistic(numbers: numbers))[0]
    let interval = try #require(one.interval)
    #expect(one.value == 0.49)
    // The draws reach up to .49 and not beyond; their mean is lower by Σ (1 − k/50)^50 / 100 for k
    // from 1 to 49, about 1 / (e − 1) / 100.
    let missing = (1..<50).map { pow(1 - Double($0) / 50, 50) }
    let bias = missing.reduce(0, +) / 100
    #expect(abs(interval.upper - (0.49 + bias)) < 0.001)
    #expect(interval.lower < 0.49)
    // At the end of the range there is nothing beyond.
    let scaled = numbers.map { $0 / 0.49 }
    let end = Bootstrap(draws: 200, seed: 3).estimates(of: LargestStatistic(numbers: scaled))[0]
    #expect(end.interval?.upper == 1)
  }

  /// Two detectors that differ in one image: without it they are equal, and chance must not make an
  /// interval that begins at zero begin above it.
  @Test(arguments: 1...20) func chanceIsNoBias(seed: UInt64) throws {
    struct Gain: ImageStatistic {
      let size: Double
      let imageCount = 30
      let valueCount = 1
      func values(_ weights: ImageWeights) -> [Double?] { [size * Double(weights.counts[7]) / 30] }
    }
    let bootstrap = Bootstrap(draws: 500, seed: seed)
    let difference = bootstrap.differences(from: Gain(size: 0), to: Gain(size: 1))[0]
    #expect(difference.interval?.lower == 0 && !difference.isSignificant)
    #expect(bootstrap.estimates(of: Gain(size: 1))[0].interval?.lower == 0)
  }

  /// With few detections per bin the calibration error of every resample is larger.
  @Test func calibrationErrorsLieInTheirIntervals() throws {
    let images = randomImages(images: 25, objects: 4, detections: 6, classes: 2, seed: 8)
    let matched = try MatchedDetections(images, classNames: ["a", "b"])
    let statistic = CalibrationError(matched.decisions, binCount: 40)
    let value = try #require(statistic.value)
    let interval = try #require(
      Bootstrap(draws: 300).estimates(of: statistic)[0].interval)
    #expect(interval.lower < value && value < interval.upper)
    var stream = RandomStream(seed: 1)
    let larger = (0..<40).count { _ in
      var weights = [Int32](repeating: 0, count: 25)
      for _ in 0..<25 { weights[Int(stream.next() % 25)] += 1 }
      return (statistic.values(ImageWeights(weights))[0] ?? 0) > value
    }
    #expect(larger > 36)
  }

  @Test func seedsDecideAndThreadsDoNot() throws {
    let images = randomImages(images: 20, objects: 4, detections: 9, classes: 3, seed: 2)
    let matched = try MatchedDetections(images, classNames: names)
    let statistic = AveragePrecisionStatistic(matched, rules: [.area])
    let alone = Bootstrap(draws: 100, seed: 5).estimates(of: statistic)
    let pool = try ThreadPool(threadCount: 3)
    #expect(Bootstrap(draws: 100, seed: 5).estimates(of: statistic, pool: pool) == alone)
    #expect(Bootstrap(draws: 100, seed: 6).estimates(of: statistic) != alone)
    let interval = try #require(alone[0].interval)
    let value = try #require(alone[0].value)
    #expect(interval.lower < value && value < interval.upper)
  }

  @Test func differencesArePaired() throws {
    let images = randomImages(images: 60, objects: 4, detections: 9, classes: 3, seed: 4)
    let bootstrap = Bootstrap(draws: 300)
    let same = try bootstrap.averagePrecisionDifference(
      from: images, to: images.reversed(), classNames: names, rules: [.area, .elevenPoint])
    #expect(same.count == 2 && same[0].classes.count == 3)
    // Copies of an image keep the order of the first detector's images, so nothing is left to chance.
    #expect(same[0].mean.value == 0 && same[0].mean.interval?.upper == 0)
    #expect(same[0].mean.shareLarger == 0.5 && !same[0].mean.isSignificant)
    // A detector that misplaces every second box is worse beyond doubt.
    var worse = images
    for index in worse.indices {
      for number in stride(from: 0, to: worse[index].detections.count, by: 2) {
        worse[index].detections[number].box = worse[index].detections[number].box.transformed(
          scaleX: 1, scaleY: 1, offsetX: 300)
      }
    }
    let loss = try bootstrap.averagePrecisionDifference(
      from: images, to: worse, classNames: names)[0]
    let values = try [images, worse].map {
      try #require(
        VOCEvaluation(images: $0, classNames: names, rule: .area).meanAveragePrecision)
    }
    #expect(isClose(loss.mean.value, values[1] - values[0], 1e-12))
    #expect(loss.mean.isSignificant && (loss.mean.interval?.upper ?? 0) < 0)
    #expect(loss.mean.shareLarger == 0)
    let single = try bootstrap.averagePrecision(of: images, classNames: names)[0]
    let paired = try #require(loss.mean.interval)
    let alone = try #require(single.mean.interval)
    #expect(paired.upper - paired.lower < alone.upper - alone.lower)
    for other in [Array(images.dropLast()), images + [EvaluatedImage(id: "x", objects: [])]] {
      #expect(throws: EvaluationError.self) {
        try bootstrap.averagePrecisionDifference(from: images, to: other, classNames: names)
      }
    }
  }
}
