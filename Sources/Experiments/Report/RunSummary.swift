package import Datasets
package import Evaluation
import Foundation
package import Training

/// What a run's folder says about how its model came to be.
package struct RunSummary: Sendable {
  /// Which checkpoint is used.
  package let weights: RunWeights
  /// Names of the class indices.
  package let classNames: [String]
  /// Its iteration.
  package let iteration: Int
  /// The iteration of the last checkpoint, nil if that is missing.
  package let lastIteration: Int?
  /// The best evaluation on the validation images.
  package let best: BestEvaluation
  /// What the run was started with, nil without its file.
  package let configuration: RunConfiguration?
  /// Its log; empty without one.
  package let log: RunLog.Content

  /// Reads checkpoint, configuration and log.
  ///
  /// - Parameters:
  ///   - run: The folder.
  ///   - weights: Which checkpoint; nil: the best one, or the last if there is no best.
  /// - Throws: `FileError` without a checkpoint, ``TrainingError`` for files that cannot be used; the
  ///   configuration and the log may be missing.
  package init(_ run: RunFolder, weights: RunWeights? = nil) throws {
    let chosen = try run.weights(weights)
    self.weights = chosen
    let used = try Checkpoint.metadata(of: run.path(of: chosen))
    classNames = used.classNames
    iteration = used.iteration
    let exists = FileManager.default.fileExists(atPath:)
    let last =
      chosen == .last ? used : exists(run.last) ? try Checkpoint.metadata(of: run.last) : nil
    lastIteration = last?.iteration
    best = (last ?? used).best
    configuration =
      exists(run.configuration) ? try RunConfiguration(contentsOf: run.configuration) : nil
    log = exists(run.log) ? try RunLog.read(run.log) : (RunLogColumns([]), [])
  }

  /// What a report says about the run, in order.
  package var settings: [EvaluationReport.Setting] {
    var settings: [EvaluationReport.Setting] = [.init("weights", weightsText)]
    if let configuration {
      let sets = configuration.trainingSets.joined(separator: ", ")
      settings.append(.init("trained on", sets.isEmpty ? "–" : sets))
      let judges = configuration.validationSets.joined(separator: ", ")
      settings.append(.init("validated on", judges.isEmpty ? "nothing" : judges))
      settings.append(.init("training seed", "\(configuration.options.seed)"))
      settings.append(.init("images of an update", "\(configuration.options.batch)"))
      settings.append(.init("updates planned", "\(configuration.options.iterations)"))
    }
    if let seconds = log.records.last?.seconds {
      settings.append(.init("training time", String(format: "%.1f min", seconds / 60)))
    }
    return settings
  }

  /// What makes numbers on these images look better than they are, one sentence each.
  ///
  /// - Parameters:
  ///   - sources: The images.
  ///   - split: The split of sources that name none.
  /// - Returns: Nothing if neither the training nor the choice of the weights used them, as far as
  ///   folders and splits say.
  package func cautions(evaluating sources: [DataArgument], split: String) -> [String] {
    guard let configuration else { return [] }
    let images = Self.parts(sources, split: split)
    func uses(_ sets: [String], _ split: String) -> Bool {
      !images.isDisjoint(with: Self.parts(sets.map { DataArgument(argument: $0) }, split: split))
    }
    var cautions: [String] = []
    if uses(configuration.trainingSets, "train") {
      cautions.append(
        "Some of these images were trained on: the numbers say little about new images.")
    }
    if weights == .best, uses(configuration.validationSets, "val") {
      cautions.append(
        "The best weights were chosen with some of these images: the numbers are a little too good."
      )
    }
    return cautions
  }

  /// Folders with the smallest splits that make up those of the sources.
  private static func parts(_ sources: [DataArgument], split: String) -> Set<String> {
    Set(
      sources.flatMap { source in
        let folder = source.url.resolvingSymlinksInPath().standardizedFileURL.path
        let parts: [String] =
          switch source.split ?? split {
          case "all": ["train", "val", "test"]
          case "trainval": ["train", "val"]
          case let name: [name]
          }
        return parts.map { folder + ":" + $0 }
      })
  }

  private var weightsText: String {
    switch weights {
    case .best:
      let end = lastIteration.map { ", training went on to \($0)" } ?? ""
      return "best, iteration \(iteration)\(end): the best score on the validation images"
    case .last:
      let iterationText = "last, iteration \(iteration)"
      guard let best = best.iteration, best != iteration else { return iterationText }
      return "\(iterationText); the best evaluation was at \(best)"
    }
  }
}
