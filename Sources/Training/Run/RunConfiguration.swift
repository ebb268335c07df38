package import Datasets
import Files
import Foundation

/// `config.json`: what a run was started with, so that it can be continued and understood.
package struct RunConfiguration: Codable, Equatable, Sendable {
  /// The version of the program.
  package var toolVersion: String
  /// `PATH[:SPLIT]` of the training sets, paths absolute.
  package var trainingSets: [String]
  /// `PATH[:SPLIT]` of the validation sets, paths absolute; empty: none.
  package var validationSets: [String]
  /// Whether the sets' format is told by what lies there; nil: they are VOC's.
  package var recognizesSets: Bool?
  /// Share of `val` where nobody has divided the data.
  package var valFraction: Float
  /// Share of `test` there; nil: nothing is set aside for testing.
  package var testFraction: Float?
  /// What is done where an annotation tells another size than the picture has; nil: it is adapted.
  package var annotatedSize: AnnotatedSizeRule?
  /// Whether the label of a picture in Darknet's lists may be any part of its path; nil: no.
  package var darknetLabels: Bool?
  /// Errors that were put into the training labels; nil: none.
  package var labelNoise: LabelNoise?
  /// Names of the class indices.
  package var classNames: [String]
  /// Chooses those shares; nil: the run's seed.
  package var splitSeed: UInt64?
  /// The weights file that training started from; nil: random weights.
  package var initialWeights: String?
  /// Factor on the deviation of random weights; nil: 1.
  package var initialGain: Float?
  /// How to train.
  package var options: TrainingOptions
  /// The learning rate.
  package var schedule: LearningRateSchedule

  /// What a run was started with; of the rules, `splitSeed` alone tells the seed of the shares.
  package init(
    toolVersion: String, sources: RunDataSources, rules: ReadingRules, splitSeed: UInt64? = nil,
    labelNoise: LabelNoise? = nil, classNames: [String], initialWeights: String?,
    initialGain: Float? = nil, options: TrainingOptions, schedule: LearningRateSchedule
  ) {
    self.toolVersion = toolVersion
    trainingSets = sources.training
    validationSets = sources.validation
    recognizesSets = sources.isRecognized ? true : nil
    valFraction = rules.shares.validation
    testFraction = rules.shares.test > 0 ? rules.shares.test : nil
    annotatedSize = rules.annotatedSize == .adapt ? nil : rules.annotatedSize
    darknetLabels = rules.darknetLabels ? true : nil
    self.splitSeed = splitSeed
    self.labelNoise = labelNoise
    self.classNames = classNames
    self.initialWeights = initialWeights
    self.initialGain = initialGain
    self.options = options
    self.schedule = schedule
  }

  /// Where the data lie.
  package var sources: RunDataSources {
    RunDataSources(
      training: trainingSets, validation: validationSets, isRecognized: recognizesSets ?? false)
  }

  /// How the data are read.
  package var rules: ReadingRules {
    ReadingRules(
      shares: SplitShares(
        validation: valFraction, test: testFraction ?? 0, seed: splitSeed ?? options.seed),
      annotatedSize: annotatedSize ?? .adapt, darknetLabels: darknetLabels ?? false)
  }

  /// Writes the file, replacing it as a whole.
  ///
  /// - Throws: ``FileError``.
  package func save(to path: String) throws {
    try JSONFile.write(self, to: path)
  }

  /// Reads the file.
  ///
  /// - Throws: ``FileError``, ``TrainingError/malformed(path:reason:)``.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError(path: path, reason: "cannot be read")
    }
    do {
      self = try JSONDecoder().decode(RunConfiguration.self, from: data)
    } catch {
      throw FileError(path: path, reason: "is not the config.json of a run")
    }
  }
}

/// Where the data of a run lie.
package struct RunDataSources: Equatable, Sendable {
  /// `PATH[:SPLIT]` of the images to learn from, paths absolute.
  package let training: [String]
  /// `PATH[:SPLIT]` of the images to judge by, paths absolute.
  package let validation: [String]
  /// Whether their format is told by what lies there; otherwise it is VOC's.
  package let isRecognized: Bool

  /// Places of data.
  package init(training: [String], validation: [String], isRecognized: Bool = false) {
    self.training = training
    self.validation = validation
    self.isRecognized = isRecognized
  }
}
