package import Compute
package import Darknet
import Files
import Foundation
package import Tasks
package import Training

/// Several ways to train, each with several seeds, on one data set.
///
/// Every run is a run folder of its own, `FOLDER/ROW/seed-N`. Runs of a seed have the same order of
/// images, the same augmentation and the same first weights outside the branches. What is judged is a
/// run's last weights: the best ones on the validation images would be a choice made with them.
package struct Comparison<Task: ComparableTask> {
  /// One row with one seed.
  package struct Run {
    /// The way to train.
    package let row: ComparisonRow
    /// The run's folder.
    package let folder: RunFolder
    /// The cfg.
    package let file: ConfigurationFile
    /// The data and the options, seed included.
    package let configuration: RunConfiguration
    /// Chooses weights, order, augmentation and noise.
    package var seed: UInt64 { configuration.options.seed }
    /// Where its result is kept.
    var result: String { folder.file("result.json") }
    /// Where its predictions are kept.
    var predictions: String { folder.file(Task.predictionsFile) }
  }

  /// How far a run is.
  package enum State: Sendable {
    /// It has not been saved yet.
    case notStarted
    /// It can be continued.
    case started
    /// Its result is there.
    case finished
  }

  /// Holds the runs and what they give.
  package let folder: String
  /// The rows in the order of the table.
  package let rows: [ComparisonRow]
  /// The seeds.
  package let seeds: [UInt64]
  /// All rows of the first seed, then of the next.
  package let runs: [Run]
  /// The images of all runs.
  package let data: TrainingData<Task.Target>

  /// A comparison.
  ///
  /// - Parameters:
  ///   - folder: Holds the runs.
  ///   - rows: Ways to train, each once.
  ///   - seeds: Each once.
  ///   - data: The images, with validation images.
  ///   - plan: The cfg and the configuration of a row and a seed.
  /// - Throws: ``TrainingError/options(reason:)`` without validation images; what `plan` throws.
  package init(
    folder: String, rows: [ComparisonRow], seeds: [UInt64], data: TrainingData<Task.Target>,
    plan: (ComparisonRow, UInt64) throws -> (ConfigurationFile, RunConfiguration)
  ) throws {
    guard !data.validation.isEmpty else {
      throw TrainingError.options(reason: "a comparison needs validation images to judge by")
    }
    self.folder = folder
    self.rows = rows
    self.seeds = seeds
    self.data = data
    runs = try seeds.flatMap { seed in
      try rows.map { row in
        let (file, configuration) = try plan(row, seed)
        precondition(configuration.options.seed == seed, "a run of another seed")
        return Run(
          row: row, folder: RunFolder(path: "\(folder)/\(row.name)/seed-\(seed)"), file: file,
          configuration: configuration)
      }
    }
  }

  /// How far a run is.
  package func state(of run: Run) -> State {
    let manager = FileManager.default
    if manager.fileExists(atPath: run.result) { return .finished }
    return manager.fileExists(atPath: run.folder.last) ? .started : .notStarted
  }

  /// Makes sure that the runs which are there already were started as they would be now.
  ///
  /// - Throws: ``TrainingError/otherConfiguration(path:differences:)`` naming what differs;
  ///   ``FileError``.
  package func check() throws {
    for run in runs where state(of: run) != .notStarted {
      let saved = try RunConfiguration(contentsOf: run.folder.configuration)
      var differences = try saved.differences(to: run.configuration)
      guard let model = try? String(contentsOfFile: run.folder.model, encoding: .utf8) else {
        throw FileError(path: run.folder.model, reason: "cannot be read")
      }
      differences += Self.firstDifference(model, run.file.text)
      if state(of: run) == .finished {
        let result = try ComparisonResult(contentsOf: run.result, measure: Task.measure)
        for (name, before, now) in [
          ("training images", result.trainingImages, data.training.count),
          ("validation images", result.validationImages, data.validation.count),
        ] where before != now { differences.append("\(name): \(before), now \(now)") }
      }
      guard differences.isEmpty else {
        throw TrainingError.otherConfiguration(path: run.folder.path, differences: differences)
      }
    }
  }

  /// The run, new or where it was saved last.
  ///
  /// - Throws: As ``TrainingSession/start(_:_:data:path:opening:backend:report:)`` and
  ///   ``TrainingSession/resume(_:_:data:backend:)``.
  package func session(
    for run: Run, backend: any Backend, report: (String) -> Void
  ) throws -> TrainingSession<Task> {
    if state(of: run) == .started {
      return try .resume(run.folder, run.configuration, data: data, backend: backend)
    }
    // What a run leaves that was killed before it was first saved is of no use.
    return try .start(
      run.file, run.configuration, data: data, path: run.folder.path, opening: .overwrite,
      backend: backend, report: report)
  }

  /// Evaluates a run's last weights and keeps predictions and result: the run is finished then.
  ///
  /// - Parameters:
  ///   - run: One of ``runs``.
  ///   - session: The run, trained to its end.
  ///   - progress: Told how many images are done; what it throws ends the work, which is done anew
  ///     the next time.
  /// - Returns: The result.
  /// - Throws: What predicting and writing throw.
  @discardableResult
  package func finish(
    _ run: Run, _ session: TrainingSession<Task>, progress: (Int) throws -> Void = { _ in }
  ) throws -> ComparisonResult {
    let trainer = session.trainer
    precondition(trainer.iteration == trainer.options.iterations, "a run that is not at its end")
    let task = try Task.judging(trainer.network)
    let judged = try trainer.judged(by: task, progress: progress)
    let scores = try task.scores(judged.images, classNames: data.classNames)
    let result = ComparisonResult(
      iterations: trainer.iteration, trainingImages: data.training.count,
      validationImages: data.validation.count, leftOutImages: judged.leftOut.count,
      seconds: session.log.seconds, settings: task.judgingSettings, scores)
    try AtomicFile.write(
      Task.kept(judged.images, classNames: data.classNames), to: run.predictions)
    try JSONFile.write(result, to: run.result)
    let epochs = Double(trainer.iteration * trainer.options.batch) / Double(data.training.count)
    try session.log.append(
      RunLogRecord(
        scores, iteration: trainer.iteration, epoch: epochs, seconds: session.log.seconds))
    return result
  }

  /// The first line in which two cfgs differ, as a list of at most one.
  private static func firstDifference(_ old: String, _ new: String) -> [String] {
    if old == new { return [] }
    let lines = [old, new].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    for index in 0..<max(lines[0].count, lines[1].count) {
      let pair = lines.map { index < $0.count ? "\"\($0[index])\"" : "nothing" }
      if pair[0] != pair[1] { return ["model.cfg:\(index + 1): \(pair[0]), now \(pair[1])"] }
    }
    return []
  }
}
