import Files
import Foundation
import Training

extension RunConfiguration {
  /// Chooses the validation images of data without lists.
  var seedOfSplits: UInt64 { splitSeed ?? options.seed }

  /// Some of the run's sets, divided as they were for it.
  func choice(_ sets: [String]) -> DataChoice {
    var choice = sources.choice(sets, valFraction: valFraction)
    choice.seed = seedOfSplits
    return choice
  }
}

extension DataChoice {
  /// The images that runs were validated on: what they are judged on where nothing else is named.
  ///
  /// - Parameters:
  ///   - runs: Folders of runs, at least one.
  ///   - console: Told which data those are.
  /// - Returns: The data, divided as they were for the runs.
  /// - Throws: `FileError` for a run that does not know any, or others than the first one.
  package static func validation(of runs: [String], _ console: Console) throws -> DataChoice {
    var common: DataChoice?
    for run in runs {
      let folder = RunFolder(path: run)
      guard FileManager.default.fileExists(atPath: folder.configuration) else {
        throw FileError(
          path: folder.configuration,
          reason: "no such file, so the run's data are not known; name some with --voc or --data")
      }
      let configuration = try RunConfiguration(contentsOf: folder.configuration)
      let choice = configuration.choice(configuration.sources.validation)
      if choice.isEmpty {
        throw FileError(
          path: run, reason: "was trained without validation images; give --voc or --data")
      }
      if let common, common != choice {
        throw FileError(
          path: run,
          reason: "was validated on other images than \(runs[0]); give --voc or --data")
      }
      common = choice
    }
    guard let common else { throw UsageError("name at least one run") }
    console.say(
      "data: the validation images of \(runs[0]): "
        + (common.voc + common.other).joined(separator: ", "))
    return common
  }
}
