package import Datasets
package import Evaluation
import Files
package import Foundation
package import Geometry
import Images
package import Keypoints
package import Networks
package import Tasks
package import Training

/// What a comparison needs to know of joints or centres besides their task.
package protocol ComparedTarget: HeatmapTarget {
  /// What can be compared.
  static var comparisonRows: ComparisonRows { get }
  /// The scores of ``HeatmapTarget/measure`` and others, for resampling.
  ///
  /// - Throws: `EvaluationError`.
  static func statistic(_ samples: [JudgedKeypoints]) throws -> ScoreStatistic
}

extension PersonJoints: ComparedTarget {
  /// Losses of maps.
  package static var comparisonRows: ComparisonRows { .keypoints }

  /// PCK; the median error, and how well the height of peaks and BALD give wrong joints away.
  package static func statistic(_ samples: [JudgedKeypoints]) throws -> ScoreStatistic {
    let thresholds = measure.rules.compactMap { Double($0) }
    let errors = try KeypointErrors(samples, reference: .usual(for: samples))
    let scores = KeypointScores(errors, thresholds: thresholds)
    func place(_ number: KeypointScores.Number) -> Int {
      scores.numbers.firstIndex(of: number) ?? 0
    }
    var parts: [any ImageStatistic] = [scores]
    var details = [
      ScoreStatistic.Detail(
        measure: ScoreMeasure(name: "error", key: "MedianError", rules: ["medianError"]),
        place: place(.medianError), unit: "px", smallerIsBetter: true)
    ]
    let decisions = try Decisions(samples, errors: errors, threshold: thresholds[0])
    for (score, rule) in [(UncertaintyScore.confidence, "aurocConfidence"), (.bald, "aurocBALD")] {
      guard let finder = ErrorDetection(decisions, score: score) else { continue }
      let start = parts.reduce(0) { $0 + $1.valueCount }
      details.append(
        .init(
          measure: ScoreMeasure(name: "AUROC", key: "AreaUnderROC", rules: [rule]), place: start,
          unit: "%", smallerIsBetter: false))
      parts.append(finder)
    }
    return ScoreStatistic(
      CombinedStatistic(parts, imageCount: errors.imageCount),
      places: thresholds.map { place(.pooled($0)) }, details: details)
  }
}

extension ObjectCenters: ComparedTarget {
  /// Losses of maps.
  package static var comparisonRows: ComparisonRows { .centers }

  /// AP; the best F1 of any threshold is left out, as it would be chosen on the images that judge.
  package static func statistic(_ samples: [JudgedKeypoints]) throws -> ScoreStatistic {
    let scores = try radii.map {
      try PeakScores(samples, radius: $0, threshold: KeypointRules.usualThreshold)
    }
    let size = scores[0].valueCount
    return ScoreStatistic(
      CombinedStatistic(scores, imageCount: scores[0].imageCount),
      places: scores.indices.map { $0 * size + scores[$0].place(of: .ap) },
      details: [
        .init(
          measure: ScoreMeasure(name: "error", key: "MeanErrorOfPeaks", rules: ["meanError"]),
          place: scores[0].place(of: .meanError), unit: "px", smallerIsBetter: true)
      ])
  }
}

extension HeatmapTask: ComparableTask where Kind: ComparedTarget {
  private struct Entry: Codable {
    let id: String
    let width: Int
    let height: Int
    /// Pixels of the image for one of the network's input.
    let scale: Double
    let points: [Point]

    struct Point: Codable {
      let keypoint: Int
      let x: Double
      let y: Double
      let score: Float
      /// Entropy, second peak and spread; with a Bayesian branch BALD at the peak and around it.
      let doubt: [Float]?
    }
  }

  /// Losses of maps.
  package static var comparisonRows: ComparisonRows { Kind.comparisonRows }

  /// Places and what is said of them.
  package static var predictionsFile: String { "predictions.json" }

  /// The network's own task.
  package static func judging(_ network: Network) throws -> HeatmapTask {
    try HeatmapTask(network)
  }

  /// How low peaks may be.
  package var judgingSettings: [String: Double] {
    Kind.isPerson ? [:] : ["threshold": Double(settings.threshold)]
  }

  /// Every sample with its keypoints.
  package static func kept(
    _ judged: [JudgedImage<Target, Prediction>], classNames: [String]
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](
      try encoder.encode(
        judged.map { image in
          let prediction = image.prediction
          return Entry(
            id: image.id, width: prediction.size.width, height: prediction.size.height,
            scale: prediction.scale,
            points: prediction.points.map {
              Entry.Point(
                keypoint: $0.index, x: $0.position.x, y: $0.position.y, score: $0.score,
                doubt: $0.doubt?.values)
            })
        }))
  }

  /// The scores of the measure and others.
  package static func statistic(
    of contents: Data, file: String, data: TrainingData<Target>, leftOutImages: Int
  ) throws -> ScoreStatistic {
    let entries: [Entry] = try JSONProblem.decoding(contents, file: file)
    guard let samples = data.validation(of: entries.map(\.id), leftOutImages: leftOutImages),
      entries.allSatisfy({ $0.width > 0 && $0.height > 0 })
    else {
      throw FileError(path: file, reason: "is of other images; give the data it is of")
    }
    return try Kind.statistic(
      zip(entries, samples).map { entry, sample in
        JudgedKeypoints(
          id: sample.id, image: sample.image.path, truth: sample.target,
          found: entry.points.map {
            FoundKeypoint(
              index: $0.keypoint, position: Geometry.Point($0.x, $0.y), score: $0.score,
              doubt: $0.doubt.flatMap(KeypointDoubt.init))
          }, size: PixelSize(width: entry.width, height: entry.height), scale: entry.scale)
      })
  }
}

extension KeypointDoubt {
  /// In the order of the file.
  fileprivate var values: [Float] {
    [entropy, secondPeak, spread] + [baldAtPeak, baldAround].compactMap { $0 }
  }

  /// From the values of a file; nil for another number of them.
  fileprivate init?(_ values: [Float]) {
    guard values.count == 3 || values.count == 5 else { return nil }
    self.init(entropy: values[0], secondPeak: values[1], spread: values[2])
    if values.count == 5 { (baldAtPeak, baldAround) = (values[3], values[4]) }
  }
}
