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
  /// Share of `val` where a folder has no lists.
  package var valFraction: Float
  /// Names of the class indices.
  package var classNames: [String]
  /// Chooses that share; nil: the run's seed.
  package var splitSeed: UInt64?
  /// The weights file that training started from; nil: random weights.
  package var initialWeights: String?
  /// Factor on the deviation of random weights; nil: 1.
  package var initialGain: Float?
  /// How to train.
  package var options: TrainingOptions
  /// The learning rate.
  package var schedule: LearningRateSchedule

  /// What a run was started with.
  package init(
    toolVersion: String, trainingSets: [String], validationSets: [String], valFraction: Float,
    splitSeed: UInt64? = nil, classNames: [String], initialWeights: String?,
    initialGain: Float? = nil, options: TrainingOptions, schedule: LearningRateSchedule
  ) {
    self.toolVersion = toolVersion
    self.trainingSets = trainingSets
    self.validationSets = validationSets
    self.valFraction = valFraction
    self.splitSeed = splitSeed
    self.classNames = classNames
    self.initialWeights = initialWeights
    self.initialGain = initialGain
    self.options = options
    self.schedule = schedule
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
