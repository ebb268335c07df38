import ArgumentParser
import Compute
import Darknet
import Data
import Detection
import Files
import Foundation
import Training

extension Train {
  /// Everything that a run needs.
  struct Session {
    let trainer: Trainer
    let log: RunLog
    let epochCount: Int
  }

  /// A new run.
  func started(_ backend: CPUBackend) throws -> Session {
    let seed = arguments.seed ?? 1
    let valFraction = arguments.valFraction ?? 0.1
    let names = try arguments.names.map { try DetectionModel.readNames(URL(filePath: $0)) }
    let sources = arguments.voc.map { VOCSource(argument: $0) }
    let training = try VOCDataset(
      sources: sources, split: "train", classNames: names, valFraction: valFraction, seed: seed)
    report(training.problems)
    let validationSources = validationSources(sources)
    var file = try ConfigurationFile(
      contentsOf: URL(filePath: arguments.model ?? ""), lenient: arguments.lenient)
    for warning in file.warnings { report("warning: \(warning)") }
    file = try arguments.adapted(
      file, classCount: training.classNames.count,
      imageCount: training.items.count)
    let network = try Network(file, backend: backend)
    for note in file.ignoredKeysSummary + network.definition.notes { report("note: \(note)") }
    network.initializeWeights(RandomStream(seed: seed).split(1), gain: arguments.initGain ?? 1)
    if let weights = arguments.weights {
      let result = try WeightsFile.read(
        URL(filePath: weights), into: network.nodes, allowPartial: true)
      network.headsWereLoaded()
      report(
        "\(weights): weights of the first \(result.layerCount) of \(network.nodes.count) layers"
          + (result.isComplete ? "" : "; the others start at random"))
    }
    let options = arguments.options(network.configuration, imageCount: training.items.count)
    let configuration = RunConfiguration(
      toolVersion: toolVersion, trainingSets: arguments.voc.map(absolute),
      validationSets: validationSources.map(absolute), valFraction: valFraction,
      classNames: training.classNames, initialWeights: arguments.weights, options: options,
      schedule: try arguments.schedule(network.configuration, options))
    return try session(
      network, configuration, training: training,
      path: out ?? RunFolder.unusedPath(in: "runs", name: "train"),
      opening: overwrite ? .overwrite : .new)
  }

  /// The run in `--out`.
  func continued(_ backend: CPUBackend) throws -> Session {
    let folder = try RunFolder.open(out ?? "", as: .resume)
    let configuration = try RunConfiguration(contentsOf: folder.configuration)
    let training = try VOCDataset(
      sources: configuration.trainingSets.map { VOCSource(argument: $0) }, split: "train",
      classNames: configuration.classNames, valFraction: configuration.valFraction,
      seed: configuration.options.seed)
    let file = try ConfigurationFile(contentsOf: URL(filePath: folder.model), lenient: true)
    return try session(
      Network(file, backend: backend), configuration, training: training, path: folder.path,
      opening: .resume)
  }

  private func session(
    _ network: Network, _ configuration: RunConfiguration, training: VOCDataset, path: String,
    opening: RunFolder.Opening
  ) throws -> Session {
    var items: [VOCDataset.Item] = []
    if !configuration.validationSets.isEmpty {
      let data = try VOCDataset(
        sources: configuration.validationSets.map { VOCSource(argument: $0) }, split: "val",
        classNames: training.classNames, valFraction: configuration.valFraction,
        seed: configuration.options.seed)
      report(data.problems)
      items = data.items
    }
    let options = configuration.options
    let trainer = try Trainer(
      network: network,
      data: .init(
        training: training.items, validation: items, classNames: training.classNames),
      options: options, schedule: configuration.schedule, folder: RunFolder(path: path),
      toolVersion: toolVersion)
    // Only now, so that a mistake found above leaves no folder that the next attempt stumbles over.
    let folder = try RunFolder.open(path, as: opening)
    let columns = RunLogColumns.detection(
      headCount: network.heads.count, isBayesian: network.isBayesian)
    let log: RunLog
    if opening == .resume {
      try trainer.resume()
      log = try RunLog.resume(folder.log, columns: columns, after: trainer.iteration)
    } else {
      try AtomicFile.write(network.definition.file.text, to: folder.model)
      try configuration.save(to: folder.configuration)
      log = try RunLog.create(folder.log, columns: columns)
    }
    let done = opening == .resume ? ", \(trainer.iteration) of them done" : ""
    report(
      """
      \(training.items.count) training and \(items.count) validation images, \
      \(training.classNames.count) classes; input \(options.inputWidth)x\(options.inputHeight), \
      \(options.resizeMode.rawValue); \(options.iterations) iterations of \(options.batch) \
      images\(done); run in \(folder.path)
      """)
    let epochs = Double(options.iterations * options.batch) / Double(training.items.count)
    return Session(trainer: trainer, log: log, epochCount: Int(epochs.rounded(.up)))
  }

  private func validationSources(_ sources: [VOCSource]) -> [String] {
    if !arguments.validation.isEmpty { return arguments.validation }
    // Sets without an own split were read as `train`: their `val` is free to judge by.
    let free = zip(arguments.voc, sources).filter { $0.1.split == nil || $0.1.split == "train" }
    if free.isEmpty {
      report("note: no validation images; give some with --validate to keep the best checkpoint")
    }
    return free.map { $0.1.folder.path + ":val" }
  }

  /// A run is continued from anywhere: its paths must not depend on the current folder.
  private func absolute(_ argument: String) -> String {
    let source = VOCSource(argument: argument)
    return source.folder.standardizedFileURL.path + (source.split.map { ":" + $0 } ?? "")
  }
}
