package import Compute
package import Darknet
import Foundation
import Tasks
package import Training

/// Which loss and branches a cfg is given.
package struct LossChoice: Equatable, Sendable {
  /// Loss and Bayesian branch; nil: those of the cfg.
  package var plan: BranchPlan?
  /// Learn the branch's relative variance, with the divergence weighted 1 / images.
  package var learnsVariance: Bool
  /// How the network learns how well its boxes are placed; nil: `PlacePlan.standard` of a detector that does
  /// not say it.
  package var place: PlacePlan?

  package init(_ plan: BranchPlan? = nil, learnsVariance: Bool = false, place: PlacePlan? = nil) {
    self.plan = plan
    self.learnsVariance = learnsVariance
    self.place = place
  }

  /// The cfg with what was asked for.
  func applied(to file: ConfigurationFile, imageCount: Int) throws -> ConfigurationFile {
    var file = file
    if var plan {
      if learnsVariance { plan.divergenceWeight = 1 / Float(max(1, imageCount)) }
      file = try file.adding(plan)
    }
    return try file.adding(place ?? (file.canLearnPlace ? .standard : .none))
  }
}

/// Opens runs for training.
package enum TrainingStart {
  /// A new run.
  ///
  /// - Parameters:
  ///   - plan: What a user asks for.
  ///   - loss: The loss; nil: the cfg's.
  ///   - seed: Chooses weights, order and augmentation.
  ///   - minutes: The time that the run may take, instead of a number of epochs.
  ///   - folder: The run's folder.
  ///   - opening: What to do with a folder that has something in it.
  ///   - version: That of the program.
  ///   - memory: What the training may need; nil: unknown.
  ///   - ranks: Processes that share every batch.
  ///   - backend: Does the work.
  ///   - console: Told what is going to be trained.
  /// - Returns: The run at its beginning.
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`, ``UsageError``.
  package static func new(
    _ plan: TrainingPlan, loss: LossChoice?, seed: UInt64, minutes: Double? = nil, folder: String,
    opening: RunFolder.Opening, version: String, memory: AvailableMemory? = AvailableMemory(),
    ranks: Int = 1, backend: any Backend, _ console: Console
  ) throws -> any RunnableTraining {
    try RunFolder.check(folder, as: opening)
    let (file, task) = try plan.network(console)
    func start<Task: LearningTask>(_ task: Task.Type) throws -> any RunnableTraining {
      var prepared = try TrainingPreparation<Task>(
        plan, file: file, loss: loss, seed: seed, version: version, memory: memory,
        ranks: ranks, pool: backend.pool, console)
      try prepared.configuration.options.check(ranks: ranks)
      let data = prepared.material.data
      let forecast = try TrainingForecast(
        prepared.file, prepared.configuration.options, validationImages: data.validation.count,
        ranks: ranks, backend: backend)
      if let minutes { try prepared.fit(minutes: minutes, by: forecast) }
      let configuration = prepared.configuration
      let summary = TrainingSummary(
        configuration, forecast, imageCount: data.training.count, isFitted: prepared.isFitted)
      console.say(summary.text)
      for hint in prepared.hints() + summary.hints { console.say("note: " + hint) }
      let session = try TrainingSession<Task>.start(
        prepared.file, configuration, data: data, path: folder, opening: opening,
        backend: backend, report: console.say)
      console.say(session.introduction(data))
      return session
    }
    return try start(task)
  }

  /// The run in a folder, where it was saved last.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - epochs: What the whole run shall have instead; nil: what it has.
  ///   - ranks: Processes that share every batch from here on.
  ///   - backend: Does the work.
  ///   - console: Told what is going to be trained.
  /// - Returns: The run.
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`.
  package static func resumed(
    _ folder: String, epochs: Int? = nil, ranks: Int = 1, backend: any Backend, _ console: Console
  ) throws -> any RunnableTraining {
    let folder = try RunFolder.open(folder, as: .resume)
    let old = try RunConfiguration(contentsOf: folder.configuration)
    var configuration = old
    try old.options.check(ranks: ranks)
    let saved = try Checkpoint.metadata(of: folder.last)
    if let note = RankChange(from: saved.ranks ?? 1, to: ranks, old.options).note {
      console.say("note: " + note)
    }
    if let epochs {
      configuration = try old.lasting(epochs: epochs, from: saved)
      console.say(configuration.changeOfLength(from: old, at: saved.iteration))
    }
    let file = try ConfigurationFile(contentsOf: URL(filePath: folder.model), lenient: true)
    let outputs = try NetworkBuilder.build(file).outputs
    func resume<Task: LearningTask>(_ task: Task.Type) throws -> any RunnableTraining {
      let data = try TrainingMaterial<Task>.data(of: configuration, console)
      let session = try TrainingSession<Task>.resume(
        folder, configuration, data: data, backend: backend)
      if configuration != old { try configuration.save(to: folder.configuration) }
      console.say(session.introduction(data))
      return session
    }
    return try resume(TaskChoice.type(of: outputs, named: file.fileName))
  }
}

/// A run of any task that is ready to train.
package protocol RunnableTraining {
  /// Where it is kept.
  var folder: RunFolder { get }
  /// What other processes need to train it too.
  var blueprint: TrainingBlueprint { get }
  /// Trains together with others from here on.
  ///
  /// - Throws: As `Trainer.join(_:)`.
  func join(_ group: any ProcessGroup) throws
  /// Trains with progress on standard error, and draws the curves.
  ///
  /// - Parameters:
  ///   - interrupt: Stops the training when it is raised.
  ///   - writesEvents: Whether TensorBoard's files are written.
  /// - Returns: How it ended.
  /// - Throws: What training and drawing throw.
  func run(until interrupt: InterruptFlag, writesEvents: Bool) throws -> TrainingOutcome
}
