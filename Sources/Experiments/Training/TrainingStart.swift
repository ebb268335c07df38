package import Compute
package import Darknet
import Foundation
import Tasks
package import Training

/// Which objectness loss and branch a cfg is given.
package struct LossChoice: Equatable, Sendable {
  package var plan: BranchPlan
  /// Learn the branch's relative variance, with the divergence weighted 1 / images.
  package var learnsVariance: Bool

  package init(_ plan: BranchPlan, learnsVariance: Bool = false) {
    self.plan = plan
    self.learnsVariance = learnsVariance
  }

  /// The cfg with what was asked for.
  func applied(to file: ConfigurationFile, imageCount: Int) throws -> ConfigurationFile {
    var plan = plan
    if learnsVariance { plan.divergenceWeight = 1 / Float(max(1, imageCount)) }
    return try file.adding(plan)
  }
}

/// Opens runs for training.
package enum TrainingStart {
  /// A new run.
  ///
  /// - Parameters:
  ///   - plan: What a user asks for.
  ///   - loss: The objectness loss; nil: the cfg's.
  ///   - seed: Chooses weights, order and augmentation.
  ///   - folder: The run's folder.
  ///   - opening: What to do with a folder that has something in it.
  ///   - version: That of the program.
  ///   - backend: Does the work.
  ///   - console: Told what is going to be trained.
  /// - Returns: The run at its beginning.
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`, ``UsageError``.
  package static func new(
    _ plan: TrainingPlan, loss: LossChoice?, seed: UInt64, folder: String,
    opening: RunFolder.Opening, version: String, backend: any Backend, _ console: Console
  ) throws -> any RunnableTraining {
    let (file, task) = try plan.network(console)
    func start<Task: LearningTask>(_ task: Task.Type) throws -> any RunnableTraining {
      let material = try TrainingMaterial<Task>(
        plan, file: file, splitSeed: seed, console)
      var file = material.file
      if let loss {
        file = try loss.applied(to: file, imageCount: material.data.training.count)
      }
      for setting in plan.settings { file = try file.applying(setting) }
      let net = try NetworkBuilder.build(file).net
      let configuration = try plan.configuration(net, material, seed: seed, version: version)
      for hint in TrainingHints.plan(plan, configuration) { console.say("note: " + hint) }
      let session = try TrainingSession<Task>.start(
        file, configuration,
        data: material.data, path: folder, opening: opening, backend: backend,
        report: console.say)
      console.say(session.introduction(material.data))
      return session
    }
    return try start(task)
  }

  /// The run in a folder, where it was saved last.
  ///
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`.
  package static func resumed(
    _ folder: String, backend: any Backend, _ console: Console
  ) throws -> any RunnableTraining {
    let folder = try RunFolder.open(folder, as: .resume)
    let configuration = try RunConfiguration(contentsOf: folder.configuration)
    let file = try ConfigurationFile(contentsOf: URL(filePath: folder.model), lenient: true)
    let outputs = try NetworkBuilder.build(file).outputs
    func resume<Task: LearningTask>(_ task: Task.Type) throws -> any RunnableTraining {
      let data = try TrainingMaterial<Task>.data(of: configuration, console)
      let session = try TrainingSession<Task>.resume(
        folder, configuration, data: data, backend: backend)
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
  /// Trains with progress on standard error, and draws the curves.
  ///
  /// - Throws: What training and drawing throw.
  func run(until interrupt: InterruptFlag) throws -> TrainingOutcome
}
