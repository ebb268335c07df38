import Darknet
import Datasets
package import Evaluation
import Files
package import Foundation
package import Networks
package import Tasks
package import Training

/// A task of which runs can be compared on the same images: their predictions can be kept, and judged
/// again on resampled images.
package protocol ComparableTask: LearningTask {
  /// What can be compared.
  static var comparisonRows: ComparisonRows { get }

  /// The file of a run that keeps its predictions.
  static var predictionsFile: String { get }

  /// The task as a comparison judges by it: predictions say all that the network knows.
  ///
  /// - Throws: `TaskError`.
  static func judging(_ network: Network) throws -> Self

  /// What was settled about predictions besides the input, by name, for the result.
  var judgingSettings: [String: Double] { get }

  /// Predictions as a file keeps them.
  static func kept(
    _ judged: [JudgedImage<Target, Prediction>], classNames: [String]
  ) throws -> [UInt8]

  /// The scores of kept predictions, for resampling.
  ///
  /// - Parameters:
  ///   - contents: Of the file.
  ///   - file: Its path, for errors.
  ///   - data: The validation images that the predictions are of.
  ///   - leftOutImages: How many of them could not be read.
  /// - Returns: One value for each rule of the measure, in their order.
  /// - Throws: `FileError`, `EvaluationError`.
  static func statistic(
    of contents: Data, file: String, data: TrainingData<Target>, leftOutImages: Int
  ) throws -> ScoreStatistic
}

/// Values of a statistic that are a task's scores, one for each rule of its measure.
package struct ScoreStatistic {
  /// A value that a table shows beside the scores.
  package struct Detail {
    /// What it is; its one rule names it.
    package let measure: ScoreMeasure
    /// Where it is.
    package let place: Int
    /// What people read it in, such as `%`.
    package let unit: String
    /// Whether less of it is better.
    package let smallerIsBetter: Bool

    /// Its name in tables.
    package var name: String { measure.rules[0] }
    /// What it is multiplied by for people.
    package var factor: Double { unit == "%" ? 100 : 1 }
  }

  /// Has a value for each rule, and perhaps others.
  package let statistic: any ImageStatistic
  /// Where those of the rules are.
  package let places: [Int]
  /// Others that are shown.
  package let details: [Detail]

  /// Scores among a statistic's values.
  package init(_ statistic: any ImageStatistic, places: [Int], details: [Detail] = []) {
    self.statistic = statistic
    self.places = places
    self.details = details
  }

  /// The scores of all images, each once.
  package var values: [Double?] {
    let values = statistic.values
    return places.map { values[$0] }
  }
}

extension DetectionTask: ComparableTask {
  /// Objectness losses and branches.
  package static var comparisonRows: ComparisonRows { .detection }

  /// Detections in our JSON.
  package static var predictionsFile: String { "detections.json" }

  /// Detections of a Bayesian network say how uncertain it is, those of one that knows it how well they are
  /// placed.
  package static func judging(_ network: Network) throws -> DetectionTask {
    var settings = DetectionSettings()
    settings.keepsUncertainty = network.isBayesian
    settings.keepsPlace = network.knowsPlace
    return try DetectionTask(network, settings: settings)
  }

  /// Both thresholds.
  package var judgingSettings: [String: Double] {
    [
      "confidence": Double(settings.confidenceThreshold),
      "suppression": Double(settings.suppressionThreshold),
    ]
  }

  /// Every image with its detections.
  package static func kept(
    _ judged: [JudgedImage<Target, Prediction>], classNames: [String]
  ) throws -> [UInt8] {
    let named = judged.map { EvaluatedImage($0).named(classNames) }
    return [UInt8](try JSONDetectionFile.data(named, isIndented: false))
  }

  /// AP by VOC's rules.
  package static func statistic(
    of contents: Data, file: String, data: TrainingData<Target>, leftOutImages: Int
  ) throws -> ScoreStatistic {
    let lists = try JSONDetectionFile.parse(contents, file: file)
    // Each image that was read is listed, with or without detections.
    guard lists.count == data.validation.count - leftOutImages else {
      throw FileError(
        path: file,
        reason: "is of \(lists.count) images, there are "
          + "\(data.validation.count - leftOutImages); give the data it is of")
    }
    let listed = Set(lists.map(\.file))
    let images = data.validation.filter { leftOutImages == 0 || listed.contains($0.id) }
      .map { EvaluatedImage(id: $0.id, objects: $0.target) }
    let joined = try EvaluatedImage.joining(lists, to: images, classNames: data.classNames)
    let statistic = AveragePrecisionStatistic(
      try MatchedDetections(joined, classNames: data.classNames),
      rules: measure.rules.compactMap { EvaluationMetric(rawValue: $0)?.rule })
    return ScoreStatistic(statistic, places: statistic.meanPlaces)
  }
}

extension ClassificationTask: ComparableTask {
  /// Losses of classes and branches.
  package static var comparisonRows: ComparisonRows { .classification }

  private struct Entry: Codable {
    let id: String
    let probabilities: [Float]
    let mutualInformation: Float?
    /// Nil where one class excludes the others.
    let isIndependent: Bool?
  }

  /// Probabilities of every class.
  package static var predictionsFile: String { "predictions.json" }

  /// The network's own task.
  package static func judging(_ network: Network) throws -> ClassificationTask {
    try ClassificationTask(network)
  }

  /// None.
  package var judgingSettings: [String: Double] { [:] }

  /// Every image with the probabilities of its classes.
  package static func kept(
    _ judged: [JudgedImage<Target, Prediction>], classNames: [String]
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](
      try encoder.encode(
        judged.map {
          Entry(
            id: $0.id, probabilities: $0.prediction.probabilities,
            mutualInformation: $0.prediction.mutualInformation,
            isIndependent: $0.prediction.isExclusive ? nil : true)
        }))
  }

  /// Top-1 and top-5 accuracy, how far probabilities can be trusted, and how well doubt gives mistakes
  /// away: that of the probabilities, and that of the weights where every image has it.
  package static func statistic(
    of contents: Data, file: String, data: TrainingData<Target>, leftOutImages: Int
  ) throws -> ScoreStatistic {
    let entries: [Entry] = try JSONProblem.decoding(contents, file: file)
    guard let samples = data.validation(of: entries.map(\.id), leftOutImages: leftOutImages),
      entries.allSatisfy({ $0.probabilities.count == data.classNames.count })
    else {
      throw FileError(path: file, reason: "is of other images or classes; give the data it is of")
    }
    let images = zip(entries, samples).map { entry, sample in
      ClassifiedImage(
        ClassPrediction(
          probabilities: entry.probabilities, isExclusive: entry.isIndependent != true,
          mutualInformation: entry.mutualInformation), label: sample.target)
    }
    let scores = ClassificationScores(images, classNames: data.classNames)
    func place(_ number: ClassificationScores.Number) -> Int {
      ClassificationScores.Number.allCases.firstIndex(of: number) ?? 0
    }
    return ScoreStatistic(
      scores, places: [place(.top1), place(.top5)],
      details: [
        .init(
          measure: ScoreMeasure(name: "ECE", key: "CalibrationError", rules: ["ece15"]),
          place: place(.ece15), unit: "%", smallerIsBetter: true),
        .init(
          measure: ScoreMeasure(name: "NLL", key: "NegativeLogLikelihood", rules: ["nll"]),
          place: place(.nll), unit: "nats", smallerIsBetter: true),
        .init(
          measure: ScoreMeasure(
            name: "AUROC", key: "AreaUnderROCOfConfidence", rules: ["aurocConfidence"]),
          place: place(.aurocConfidence), unit: "%", smallerIsBetter: false),
        .init(
          measure: ScoreMeasure(
            name: "AUROC", key: "AreaUnderROCOfUncertainty", rules: ["aurocUncertainty"]),
          place: place(.aurocUncertainty), unit: "%", smallerIsBetter: false),
      ])
  }
}

extension TrainingData {
  /// The validation images that predictions with these ids are of, in their order; nil if they are of others.
  func validation(of ids: [String], leftOutImages: Int) -> [Sample<Target>]? {
    let listed = Set(ids)
    let samples = validation.filter { leftOutImages == 0 || listed.contains($0.id) }
    return samples.map(\.id) == ids && samples.count == validation.count - leftOutImages
      ? samples : nil
  }
}
