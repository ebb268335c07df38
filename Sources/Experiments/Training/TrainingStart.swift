package import Compute
package import Darknet
import Datasets
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
  ) throws -> TrainingSession {
    let material = try TrainingMaterial(plan, splitSeed: seed, console)
    var file = material.file
    if let loss {
      file = try loss.applied(to: file, imageCount: material.data.training.count)
    }
    for setting in plan.settings { file = try file.applying(setting) }
    let net = try NetworkBuilder.build(file).net
    let session = try TrainingSession.start(
      file, plan.configuration(net, material, seed: seed, version: version), data: material.data,
      path: folder, opening: opening, backend: backend, report: console.say)
    console.say(session.introduction(material.data))
    return session
  }

  /// The run in a folder, where it was saved last.
  ///
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`.
  package static func resumed(
    _ folder: String, backend: any Backend, _ console: Console
  ) throws -> TrainingSession {
    let folder = try RunFolder.open(folder, as: .resume)
    let configuration = try RunConfiguration(contentsOf: folder.configuration)
    let data = try TrainingMaterial.data(of: configuration, console)
    let session = try TrainingSession.resume(folder, configuration, data: data, backend: backend)
    console.say(session.introduction(data))
    return session
  }
}
