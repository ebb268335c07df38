import ArgumentParser
import Compute
import Darknet
import Data
import Detection
import Evaluation
import Files
import Foundation
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a detector on VOC data.",
    discussion: """
      --voc names a VOCdevkit, a folder like VOC2007, or any folder with annotations and images. \
      The split `train` is used and `val` chooses the best checkpoint, unless --voc PATH:SPLIT \
      and --validate say otherwise. Class names come from --names or from the annotations; the \
      cfg's class count follows them.

      Ctrl-C saves and stops; --resume continues where the run was, to the same final weights.
      """)

  @Option(
    help: ArgumentHelp("Training data, PATH[:SPLIT]; may be repeated.", valueName: "path"))
  var voc: [String] = []

  @Option(
    name: .customLong("validate"),
    help: ArgumentHelp(
      "Validation data, PATH[:SPLIT]; may be repeated. (default: the split val of --voc)",
      valueName: "path"))
  var validation: [String] = []

  @Option(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Darknet weights to start from; a file of the first layers (.conv.N) will do.",
      valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Class names, one a line. (default: collected from the annotations)", valueName: "file"))
  var names: String?

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @Option(
    help: ArgumentHelp(
      "Passes over the training images. (default: the cfg's max_batches)", valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Input size in pixels, a multiple of the network's stride. (default: the cfg's)",
      valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp("Images of a weight update. (default: the cfg's batch)", valueName: "images")
  )
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "Parts in which a batch is run, to need less memory. (default: the cfg's)", valueName: "count"
    ))
  var subdivisions: Int?

  @Option(
    help: ArgumentHelp("The learning rate after burn-in. (default: the cfg's)", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Iterations of burn-in. (default: the cfg's share of the run)", valueName: "iterations"))
  var burnIn: Int?

  @Option(
    help: ArgumentHelp(
      "Where the rate drops to a tenth, as shares of the run: 0.7,0.9. (default: the cfg's)",
      valueName: "shares"))
  var lrSteps: String?

  @Option(
    help: ArgumentHelp(
      "Largest crop or extension at each side, as a share of it. (default: the cfg's)",
      valueName: "share"))
  var jitter: Float?

  @Flag(
    inversion: .prefixedNo,
    help: "Change the input size every ten iterations. (default: the cfg's random=)")
  var multiScale: Bool?

  @Option(
    help: ArgumentHelp(
      "How images are resized. (default: the cfg's letter_box, or letterbox)", valueName: "mode"))
  var resize: ResizeMode?

  @Option(
    help: ArgumentHelp(
      "Keep a moving average of the weights with this decay, and evaluate it.", valueName: "decay"))
  var ema: Double?

  @Option(
    help: ArgumentHelp("Scale gradients down to this norm if they exceed it.", valueName: "norm"))
  var clip: Double?

  @Option(help: ArgumentHelp("Epochs between evaluations; 0: never.", valueName: "epochs"))
  var evaluateEvery = 1

  @Option(help: ArgumentHelp("Iterations between saves.", valueName: "iterations"))
  var saveEvery = 100

  @Option(
    help: ArgumentHelp("Stop after this many evaluations without a better mAP.", valueName: "count")
  )
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  @Option(
    help: ArgumentHelp("Chooses initial weights, order and augmentation.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var runtime: RuntimeOptions

  @Option(help: ArgumentHelp("The run's folder. (default: a new one in runs/)", valueName: "dir"))
  var out: String?

  @Flag(help: "Continue the run in --out.")
  var resume = false

  @Flag(help: "Replace the run in --out.")
  var overwrite = false

  @Option(help: ArgumentHelp("Writes the outcome in numbers here.", valueName: "file"))
  var json: String?

  func validate() throws {
    if resume {
      if out == nil { throw ValidationError("--resume needs the run's folder in --out") }
      if overwrite { throw ValidationError("--resume and --overwrite exclude each other") }
      return
    }
    if voc.isEmpty { throw ValidationError("give training data with --voc") }
    if model == nil { throw ValidationError("give a cfg with --model") }
    for (name, value) in [
      ("--epochs", epochs), ("--size", size), ("--batch", batch), ("--subdivisions", subdivisions),
      ("--save-every", saveEvery), ("--patience", patience),
    ] where value ?? 1 < 1 { throw ValidationError("\(name) must be at least 1") }
    if let jitter, !(0..<0.5).contains(jitter) {
      throw ValidationError("--jitter must be at least 0 and below 0.5")
    }
    if let ema, !(0..<1).contains(ema) {
      throw ValidationError("--ema must be at least 0 and below 1")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    let backend = try runtime.makeBackend()
    let session = try resume ? continued(backend) : started(backend)
    try train(session)
  }

  /// Everything that a run needs.
  private struct Session {
    let trainer: Trainer
    let configuration: RunConfiguration
    let log: RunLog
    let epochCount: Int
  }

  // MARK: - Beginning

  private func started(_ backend: CPUBackend) throws -> Session {
    let names = try names.map { try DetectionModel.readNames(URL(filePath: $0)) }
    let sources = voc.map { VOCSource(argument: $0) }
    let training = try VOCDataset(
      sources: sources, split: "train", classNames: names, valFraction: valFraction, seed: seed)
    report(training.problems)
    let validationSources = validationSources(sources)
    var file = try ConfigurationFile(
      contentsOf: URL(filePath: model ?? ""), lenient: lenient)
    for warning in file.warnings { report("warning: \(warning)") }
    file = try adapted(file, classCount: training.classNames.count)
    let network = try Network(file, backend: backend)
    for note in file.ignoredKeysSummary + network.definition.notes { report("note: \(note)") }
    network.initializeWeights(RandomStream(seed: seed).split(1))
    if let weights {
      let result = try WeightsFile.read(
        URL(filePath: weights), into: network.nodes, allowPartial: true)
      network.parametersDidChange()
      report(
        "\(weights): weights of the first \(result.layerCount) of \(network.nodes.count) layers"
          + (result.isComplete ? "" : "; the others start at random"))
    }
    let options = options(network.configuration, imageCount: training.items.count)
    let schedule = try schedule(network.configuration, options)
    let path = out ?? RunFolder.unusedPath(in: "runs", name: "train")
    let folder = try RunFolder.open(path, as: overwrite ? .overwrite : .new)
    let configuration = RunConfiguration(
      toolVersion: toolVersion, trainingSets: voc.map(absolute),
      validationSets: validationSources.map(absolute), valFraction: valFraction,
      classNames: training.classNames, initialWeights: weights, options: options,
      schedule: schedule)
    let session = try session(
      network, configuration, training: training, folder: folder, isResumed: false)
    try AtomicFile.write(network.definition.file.text, to: folder.model)
    try configuration.save(to: folder.configuration)
    return session
  }

  private func continued(_ backend: CPUBackend) throws -> Session {
    let folder = try RunFolder.open(out ?? "", as: .resume)
    let configuration = try RunConfiguration(contentsOf: folder.configuration)
    let training = try VOCDataset(
      sources: configuration.trainingSets.map { VOCSource(argument: $0) }, split: "train",
      classNames: configuration.classNames, valFraction: configuration.valFraction,
      seed: configuration.options.seed)
    let file = try ConfigurationFile(contentsOf: URL(filePath: folder.model), lenient: true)
    return try session(
      Network(file, backend: backend), configuration, training: training, folder: folder,
      isResumed: true)
  }

  private func session(
    _ network: Network, _ configuration: RunConfiguration, training: VOCDataset,
    folder: RunFolder, isResumed: Bool
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
      options: options, schedule: configuration.schedule, folder: folder,
      toolVersion: toolVersion)
    let columns = RunLogColumns.detection(headCount: network.heads.count)
    if isResumed { try trainer.resume() }
    let log =
      isResumed
      ? try RunLog.resume(folder.log, columns: columns, after: trainer.iteration)
      : try RunLog.create(folder.log, columns: columns)
    let epochs = Double(options.iterations * options.batch) / Double(training.items.count)
    report(
      "\(training.items.count) training and \(items.count) validation images, "
        + "\(training.classNames.count) classes; input \(options.inputWidth)x"
        + "\(options.inputHeight), \(options.resizeMode.rawValue); \(options.iterations) iterations "
        + "of \(options.batch) images; run in \(folder.path)")
    return Session(
      trainer: trainer, configuration: configuration, log: log, epochCount: Int(epochs.rounded(.up))
    )
  }

  private func validationSources(_ sources: [VOCSource]) -> [String] {
    if !validation.isEmpty { return validation }
    // Sets without an own split were read as `train`: their `val` is free to judge by.
    let free = zip(voc, sources).filter { $0.1.split == nil || $0.1.split == "train" }
    if free.isEmpty {
      report("note: no validation images; give some with --validate to keep the best checkpoint")
    }
    return free.map { $0.1.folder.path + ":val" }
  }

  private func adapted(
    _ file: ConfigurationFile, classCount: Int
  ) throws -> ConfigurationFile {
    var file = file
    let heads = try NetworkBuilder.build(file).nodes.compactMap(\.head)
    if heads.contains(where: { $0.classCount != classCount }) {
      report("\(file.fileName): heads set to \(classCount) classes")
      file = try file.settingClassCount(classCount)
    }
    if let size { file = try file.settingInputSize(width: size, height: size) }
    return file
  }

  private func options(_ net: NetConfiguration, imageCount: Int) -> TrainingOptions {
    var options = TrainingOptions(net, seed: seed)
    if let batch {
      options.batch = batch
      options.subdivisions = 1
    }
    if let subdivisions { options.subdivisions = subdivisions }
    let perEpoch = Double(imageCount) / Double(options.batch)
    if let epochs { options.iterations = Int((Double(epochs) * perEpoch).rounded(.up)) }
    if let multiScale { options.isMultiScale = multiScale }
    if let jitter { options.augmentation.jitter = jitter }
    if let resize {
      options.resizeMode = resize
      options.augmentation.letterbox = resize == .letterbox
    }
    if let ema { options.averageDecay = ema > 0 ? ema : nil }
    options.maximumGradientNorm = clip
    options.evaluationInterval = max(
      evaluateEvery > 0 ? 1 : 0, Int((Double(evaluateEvery) * perEpoch).rounded()))
    options.checkpointInterval = saveEvery
    options.patience = patience
    return options
  }

  private func schedule(
    _ net: NetConfiguration, _ options: TrainingOptions
  ) throws -> LearningRateSchedule {
    let schedule = try LearningRateSchedule(
      net, iterations: options.iterations, base: learningRate, burnIn: burnIn)
    guard let lrSteps else { return schedule }
    let shares = lrSteps.split(separator: ",").map { Double($0) }
    let changes = shares.compactMap { share in
      share.map {
        LearningRateSchedule.Change(
          iteration: Int(($0 * Double(options.iterations)).rounded()), scale: 0.1)
      }
    }
    guard changes.count == shares.count, changes.allSatisfy({ $0.iteration > 0 }) else {
      throw ValidationError("--lr-steps must be shares of the run, such as 0.7,0.9")
    }
    return try LearningRateSchedule(
      base: schedule.base, burnIn: schedule.burnIn, burnInPower: schedule.burnInPower,
      policy: .steps(changes))
  }

  /// A run is continued from anywhere: its paths must not depend on the current folder.
  private func absolute(_ argument: String) -> String {
    let source = VOCSource(argument: argument)
    return source.folder.standardizedFileURL.path + (source.split.map { ":" + $0 } ?? "")
  }

  // MARK: - The run

  private func train(_ session: Session) throws {
    let interrupt = InterruptFlag()
    var progress = ProgressReporter()
    progress.begin(iteration: session.trainer.iteration)
    let outcome = try session.trainer.run(
      log: session.log, isInterrupted: { interrupt.isRaised }
    ) { event in
      switch event {
      case .iteration(let summary):
        progress.update(
          TrainingProgress(
            iteration: summary.iteration, iterationCount: summary.iterations,
            epoch: min(Int(summary.epoch) + 1, session.epochCount), epochCount: session.epochCount,
            loss: summary.loss,
            imagesPerSecond: summary.imagesPerSecond))
      case .evaluation(let iteration, let result, let isBest):
        let values = [EvaluationMetric.voc07, .voc12].map {
          "\($0.rawValue) "
            + (result.meanAveragePrecision($0).map { String(format: "%.4f", $0) } ?? "n/a")
        }
        progress.message(
          "iteration \(iteration): mAP \(values.joined(separator: ", "))"
            + (isBest ? ", the best so far" : ""))
        // Pictures can be drawn again from the log: no reason to lose a run.
        do {
          try RunPictures.writeCurves(of: session.trainer.folder)
        } catch {
          progress.message("warning: \(error)")
        }
      case .problems(let texts):
        for text in texts { progress.message("replaced: \(text)") }
      }
    }
    progress.finish()
    try RunPictures.writeCurves(of: session.trainer.folder)
    try finish(outcome, folder: session.trainer.folder)
  }

  private func finish(_ outcome: TrainingOutcome, folder: RunFolder) throws {
    if let json { try JSONFile.write(outcome, to: json) }
    let speed = String(
      format: "%.1f images/s, %.1f %% of the time waiting for images", outcome.imagesPerSecond,
      100 * outcome.loaderWaitShare)
    if outcome.wasInterrupted {
      report(
        "interrupted at iteration \(outcome.iterations); saved. Continue with: "
          + "detector train --resume --out \(folder.path)")
      throw ExitCode(InterruptFlag.exitCode)
    }
    if outcome.stoppedEarly { report("stopped early: no better mAP within --patience") }
    if let best = outcome.bestMeanAveragePrecision, let iteration = outcome.bestIteration {
      print(
        "best mAP (voc12) \(String(format: "%.4f", best)) at iteration \(iteration): \(folder.best)"
      )
    }
    print("\(outcome.iterations) iterations, \(speed): \(folder.last)")
  }
}
