package import Compute
package import Darknet
import Files
import Foundation
import Layers
import Networks
package import Tasks

/// A run that is ready to train: its trainer and its log, in its folder.
package struct TrainingSession<Task: LearningTask> {
  /// Trains.
  package let trainer: Trainer<Task>
  /// Takes the measurements.
  package let log: RunLog
  /// How it is trained.
  package let configuration: RunConfiguration

  /// A new run: a network with its first weights, in a folder that says how it is trained.
  ///
  /// - Parameters:
  ///   - file: The cfg as it shall be trained.
  ///   - configuration: How to train; its seed chooses the weights.
  ///   - data: What `configuration` names, read.
  ///   - path: The run's folder.
  ///   - opening: What to do with a folder that has something in it.
  ///   - backend: Does the work.
  ///   - report: Gets what a user should know, a line each.
  /// - Returns: The run at its beginning.
  /// - Throws: ``DarknetError``, ``TrainingError``, ``ComputeError``, ``FileError``; no folder is
  ///   left by what is found wrong before.
  package static func start(
    _ file: ConfigurationFile, _ configuration: RunConfiguration, data: TrainingData<Task.Target>,
    path: String, opening: RunFolder.Opening, backend: any Backend, report: (String) -> Void
  ) throws -> TrainingSession {
    let trainer = try trainer(
      file, configuration, data: data, path: path, backend: backend, report: report)
    // Only now, so that a mistake found above leaves no folder that the next attempt stumbles over.
    let folder = try RunFolder.open(path, as: opening)
    try AtomicFile.write(file.text, to: folder.model)
    try configuration.save(to: folder.configuration)
    return TrainingSession(
      trainer: trainer, log: try RunLog.create(folder.log, columns: trainer.columns),
      configuration: configuration)
  }

  /// The same run on another rank, which writes nothing; its weights come from the first.
  ///
  /// - Parameters:
  ///   - file: The cfg as it is trained.
  ///   - configuration: How to train.
  ///   - data: What `configuration` names, read.
  ///   - path: The run's folder, for messages.
  ///   - backend: Does the work.
  /// - Returns: The run, its weights 0.
  /// - Throws: ``DarknetError``, ``TrainingError``, ``ComputeError``.
  package static func following(
    _ file: ConfigurationFile, _ configuration: RunConfiguration, data: TrainingData<Task.Target>,
    path: String, backend: any Backend
  ) throws -> TrainingSession {
    let network = try Network(file, backend: backend)
    let trainer = try trainer(network, configuration, data, RunFolder(path: path))
    return TrainingSession(
      trainer: trainer, log: try RunLog.discarded(columns: trainer.columns),
      configuration: configuration)
  }

  /// A network with its first weights, ready to be trained; no file is made.
  ///
  /// - Parameters:
  ///   - file: The cfg as it shall be trained.
  ///   - configuration: How to train; its seed chooses the weights.
  ///   - data: What `configuration` names, read.
  ///   - path: The folder that the run would have.
  ///   - backend: Does the work.
  ///   - report: Gets what a user should know, a line each.
  /// - Returns: The trainer at its beginning.
  /// - Throws: ``DarknetError``, ``TrainingError``, ``ComputeError``, ``FileError``.
  package static func trainer(
    _ file: ConfigurationFile, _ configuration: RunConfiguration, data: TrainingData<Task.Target>,
    path: String, backend: any Backend, report: (String) -> Void
  ) throws -> Trainer<Task> {
    let definition = try NetworkBuilder.build(file, on: backend)
    let network = Network(definition, backend: backend)
    for note in file.ignoredKeysSummary + definition.notes { report("note: \(note)") }
    var trainedLayers = 0
    network.initializeWeights(
      RandomStream(seed: configuration.options.seed).split(1),
      gain: configuration.initialGain ?? 1, as: definition.net.initialization)
    if let weights = configuration.initialWeights {
      let initial = try InitialWeights.load(weights, into: network)
      trainedLayers = min(initial.layerCount, initial.skippedLayers.first ?? .max)
      report(initial.text)
      for layer in initial.skippedLayers {
        report("note: layer \(layer) starts at random: dontload=1")
      }
    }
    if let layer = network.nodes.indices.dropFirst(trainedLayers).first(where: {
      network.nodes[$0].training.isFrozen && !network.nodes[$0].layer.parameters.isEmpty
    }) {
      report(
        "warning: layer \(layer) starts at random and is never trained (stopbackward=1); "
          + "--weights gives a file with trained layers")
    }
    return try trainer(network, configuration, data, RunFolder(path: path))
  }

  /// The run in a folder, where it was saved last.
  ///
  /// - Parameters:
  ///   - folder: Holds the run.
  ///   - configuration: That of the folder.
  ///   - data: What `configuration` names, read.
  ///   - backend: Does the work.
  /// - Returns: The run.
  /// - Throws: ``DarknetError``, ``TrainingError``, ``ComputeError``, ``FileError``.
  package static func resume(
    _ folder: RunFolder, _ configuration: RunConfiguration, data: TrainingData<Task.Target>,
    backend: any Backend
  ) throws -> TrainingSession {
    let file = try ConfigurationFile(contentsOf: URL(filePath: folder.model), lenient: true)
    let network = try Network(file, backend: backend)
    let trainer = try trainer(network, configuration, data, folder)
    _ = try RunFolder.open(folder.path, as: .resume)
    try trainer.resume()
    let log = try RunLog.resume(folder.log, columns: trainer.columns, after: trainer.iteration)
    return TrainingSession(trainer: trainer, log: log, configuration: configuration)
  }

  /// Passes over the training images; a last update that reaches into another begins none.
  package var epochCount: Int {
    let options = trainer.options
    let images = options.iterations * options.batch - (options.batch - 1)
    return max(1, Int((Double(images) / Double(trainer.trainingImageCount)).rounded(.up)))
  }

  private static func trainer(
    _ network: Network, _ configuration: RunConfiguration, _ data: TrainingData<Task.Target>,
    _ folder: RunFolder
  ) throws -> Trainer<Task> {
    try Trainer(
      network: network, data: data, options: configuration.options,
      schedule: configuration.schedule, folder: folder, toolVersion: configuration.toolVersion)
  }
}
