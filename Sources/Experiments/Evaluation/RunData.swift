import Datasets
import Files
import Foundation
package import Training

extension DataChoice {
  /// The same; where it names data of a run and nothing else was said, read as they were for it.
  ///
  /// So no image of `val` or `test` is one that the run was trained on. Nothing changes for nil and
  /// for a folder that does not tell its data.
  package func adoptingRules(of run: RunFolder?) -> DataChoice {
    guard let run, let configuration = try? RunConfiguration(contentsOf: run.configuration) else {
      return self
    }
    let sources = configuration.sources
    let own = (sources.training + sources.validation).map { DataArgument(argument: $0).place }
    let isOwn = arguments.contains { argument in
      own.contains { $0.hasPrefix(argument.place) || argument.place.hasPrefix($0) }
    }
    return isOwn ? adopting(configuration.rules) : self
  }

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
      let choice = configuration.sources.choice(
        configuration.sources.validation, configuration.rules)
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

extension DataArgument {
  /// Where it lies, without links, as a prefix of all places in it.
  fileprivate var place: String { url.resolvingSymlinksInPath().standardizedFileURL.path + "/" }
}
