import Compute
package import Darknet
package import Datasets
package import Detection
package import Evaluation
import Layers
import Losses
package import Tasks

/// Trains a network on VOC data: batches, losses, updates, evaluations and checkpoints.
///
/// Every random choice is derived from the seed and a position (iteration, epoch, image), and the
/// checkpoint holds weights, momentum, averages and statistics: a run that was killed at any moment
/// and resumed ends with the same bytes as one that was not.
package final class Trainer {
  /// What is trained, with its current weights.
  package let network: Network
  /// How.
  package let options: TrainingOptions
  /// Where the run is kept.
  package let folder: RunFolder
  /// Iterations done.
  package private(set) var iteration = 0

  private let data: TrainingData
  private let schedule: LearningRateSchedule
  private let optimizer: StochasticGradientDescent
  private var average: ExponentialMovingAverage?
  private var best = BestEvaluation()
  private var metadata: CheckpointMetadata
  private var plans: [Shape: NetworkPlan] = [:]
  private let multiScale: MultiScale

  /// The data of a run.
  package struct TrainingData {
    /// To learn from.
    package let training: [Sample<[GroundTruth]>]
    /// To choose the best checkpoint by; may be empty.
    package let validation: [Sample<[GroundTruth]>]
    /// Names of the class indices.
    package let classNames: [String]

    /// The data of a run.
    package init(
      training: [Sample<[GroundTruth]>], validation: [Sample<[GroundTruth]>], classNames: [String]
    ) {
      self.training = training
      self.validation = validation
      self.classNames = classNames
    }
  }

  /// A run at its beginning; the network's weights are taken as they are.
  ///
  /// - Throws: ``TrainingError`` for options that make no sense; ``ComputeError`` without memory.
  package init(
    network: Network, data: TrainingData, options: TrainingOptions,
    schedule: LearningRateSchedule, folder: RunFolder, toolVersion: String
  ) throws {
    guard options.batch > 0, options.subdivisions > 0, options.batch % options.subdivisions == 0
    else {
      throw TrainingError.options(
        reason: "subdivisions=\(options.subdivisions) must divide batch=\(options.batch)")
    }
    guard !network.heads.isEmpty else {
      throw TrainingError.options(
        reason: "\(network.definition.file.fileName) has no [yolo] or [region] head to train")
    }
    self.network = network
    self.data = data
    self.options = options
    self.schedule = schedule
    self.folder = folder
    multiScale = MultiScale(options)
    let parameters = network.parameters.map(\.parameter)
    optimizer = try StochasticGradientDescent(
      parameters,
      settings: .init(
        momentum: options.momentum, weightDecay: options.weightDecay, batch: options.batch,
        maximumGradientNorm: options.maximumGradientNorm))
    if let decay = options.averageDecay {
      average = try ExponentialMovingAverage(of: parameters.map(\.values), decay: decay)
    }
    metadata = CheckpointMetadata(
      toolVersion: toolVersion, configuration: network.definition.file.text,
      classNames: data.classNames, resizeMode: options.resizeMode)
    metadata.seed = options.seed
    metadata.trainingImageCount = data.training.count
  }

  /// Continues from the folder's last checkpoint.
  ///
  /// - Throws: ``TrainingError`` if there is none, or it is of another cfg, seed or data set.
  package func resume() throws {
    var checkpoint = checkpoint()
    let saved = try Checkpoint.metadata(of: folder.last)
    guard saved.seed == options.seed, saved.trainingImageCount == data.training.count else {
      throw TrainingError.metadata(
        path: folder.last,
        reason: "was made with seed \(saved.seed) and \(saved.trainingImageCount) images, not "
          + "\(options.seed) and \(data.training.count)")
    }
    try checkpoint.restore(from: folder.last)
    metadata = checkpoint.metadata
    best = metadata.best
    iteration = metadata.iteration
    average?.restore(updates: metadata.averageUpdates ?? 0)
    network.parametersDidChange()
  }

  /// Trains up to the last iteration, or until patience runs out or the run is interrupted.
  ///
  /// - Parameters:
  ///   - log: Gets a line per ``TrainingOptions/logInterval`` and per evaluation.
  ///   - isInterrupted: Asked after every iteration; true: save and return.
  ///   - observe: Told what happens.
  /// - Returns: The end in numbers.
  /// - Throws: ``TrainingError/notFinite(quantity:iteration:images:)`` before a bad update is made;
  ///   what loading, evaluating and saving throw.
  package func run(
    log: RunLog, isInterrupted: () -> Bool = { false },
    observe: (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    let loader = try makeLoader()
    var meter = TrainingMeter(
      heads: network.heads.count, isBayesian: network.isBayesian, images: data.training.count,
      options: options,
      secondsBefore: log.seconds)
    var outcome = TrainingOutcome()
    var namedProblems = 0
    // From here on the run can be continued, however early it is killed.
    if iteration == 0 { try save(isBest: false) }
    while iteration < options.iterations {
      let step = try update(loader)
      iteration += 1
      meter.add(step, iteration: iteration, waitSeconds: loader.waitSeconds)
      observe(.iteration(meter.summary))
      if loader.problems.count > namedProblems {
        observe(.problems(loader.problems[namedProblems...].map(\.description)))
        namedProblems = loader.problems.count
      }
      let isLast = iteration == options.iterations
      if isLast || iteration % options.logInterval == 0 { try log.append(meter.record()) }
      var isSaved = false
      if options.evaluationInterval > 0, !data.validation.isEmpty,
        isLast || iteration % options.evaluationInterval == 0
      {
        let report = try meter.pausing { try evaluate() }
        let value = report.meanAveragePrecision(.voc12) ?? .nan
        let isBest = best.record(value, iteration: iteration)
        outcome.lastMeanAveragePrecision = value
        try log.append(meter.evaluationRecord(report))
        try save(isBest: isBest)
        isSaved = true
        observe(.evaluation(iteration: iteration, report: report, isBest: isBest))
        outcome.stoppedEarly = EarlyStopping(patience: options.patience).shouldStop(after: best)
      }
      outcome.wasInterrupted = !isLast && isInterrupted()
      let isEnd = isLast || outcome.wasInterrupted || outcome.stoppedEarly
      if !isSaved, isEnd || iteration % options.checkpointInterval == 0 {
        try save(isBest: false)
      }
      if isEnd { break }
    }
    outcome.iterations = iteration
    outcome.bestMeanAveragePrecision = best.meanAveragePrecision
    outcome.bestIteration = best.iteration
    outcome.planBytes = plans.values.map(\.arenaBytes).max() ?? 0
    meter.finish(&outcome)
    return outcome
  }

  /// Images to learn from.
  package var trainingImageCount: Int { data.training.count }

  /// Evaluates the weights (their moving average, if one is kept) on the validation images.
  ///
  /// - Throws: What loading and predicting throw.
  package func evaluate() throws -> EvaluationReport {
    try EvaluationReport(
      images: predictions(with: predictionSettings), classNames: data.classNames,
      metrics: [.voc07, .voc12])
  }

  /// How the validation images are predicted.
  package var predictionSettings: PredictionSettings {
    PredictionSettings(
      inputWidth: options.inputWidth, inputHeight: options.inputHeight,
      resizeMode: options.resizeMode, confidenceThreshold: 0.005)
  }

  /// What the weights (their moving average, if one is kept) find in the validation images.
  ///
  /// - Parameters:
  ///   - settings: Thresholds and input size.
  ///   - progress: Told how many images are done; what it throws ends the work.
  /// - Returns: One entry per validation image, in their order.
  /// - Throws: What loading, predicting and `progress` throw.
  package func predictions(
    with settings: PredictionSettings, progress: (Int) throws -> Void = { _ in }
  ) throws -> [EvaluatedImage] {
    average?.exchange()
    network.parametersDidChange()
    defer {
      average?.exchange()
      network.parametersDidChange()
    }
    return try DatasetPredictions.evaluatedImages(
      data.validation, predictor: Predictor(network: network, settings: settings), batchSize: 8,
      progress: progress)
  }

  // MARK: - One update

  /// One weight update: losses per head, input size and learning rate of it.
  private func update(_ loader: BatchLoader<[GroundTruth]>) throws -> TrainingStep {
    let size = multiScale.size(at: iteration)
    let random = RandomStream(seed: options.seed).split(2, UInt64(iteration))
    var step = TrainingStep(
      losses: Array(repeating: DetectionLossValue(), count: network.heads.count),
      rate: schedule.rate(at: iteration + 1), width: size.width, height: size.height)
    for part in 0..<options.subdivisions {
      guard let batch = try loader.next() else { preconditionFailure("the loader repeats") }
      let plan = try plan(for: batch.input.shape)
      plan.input.update(from: batch.input)
      plan.forward(random: random.split(UInt64(part)))
      let seen = iteration * options.batch + (part + 1) * batch.input.shape.batch
      let losses = try HeadLoss(
        network: network, inputWidth: size.width, inputHeight: size.height
      ).evaluate(
        plan, truths: batch.targets,
        step: .init(
          iteration: iteration, burnIn: schedule.burnIn, seenImages: seen,
          random: random.split(1 << 32, UInt64(part))), backend: network.backend)
      let check = NonFiniteGuard(
        iteration: iteration + 1, images: batch.sources.map(\.id))
      for (head, loss) in losses.enumerated() {
        try check.check(loss.total, "the loss")
        step.losses[head] += loss
      }
      plan.backward()
      step.images += batch.sources.map(\.id)
    }
    step.gradientNorm = optimizer.gradientNorm(using: network.backend)
    try NonFiniteGuard(iteration: iteration + 1, images: step.images)
      .check(step.gradientNorm, "the gradient")
    optimizer.update(
      rate: step.rate, clippingFactor: optimizer.clippingFactor(norm: step.gradientNorm),
      using: network.backend)
    average?.update(using: network.backend)
    return step
  }

  private func plan(for shape: Shape) throws -> NetworkPlan {
    if let plan = plans[shape] { return plan }
    let plan = try network.makePlan(input: shape, mode: .training)
    plans[shape] = plan
    return plan
  }

  private func makeLoader() throws -> BatchLoader<[GroundTruth]> {
    var configuration = LoaderConfiguration(
      batchSize: options.batch / options.subdivisions, augmentation: options.augmentation)
    configuration.seed = options.seed
    let seen = iteration * options.batch
    let (multiScale, subdivisions) = (multiScale, options.subdivisions)
    return try BatchLoader(
      samples: data.training, configuration: configuration, pool: network.backend.pool,
      startingAt: .init(epoch: seen / data.training.count, position: seen % data.training.count)
    ) { multiScale.size(at: $0 / subdivisions) }
  }

  // MARK: - Checkpoints

  private func save(isBest: Bool) throws {
    for (name, tensor) in network.parameters.map({ ($0.name, $0.parameter.values) })
    where !network.backend.isFinite(tensor) {
      throw TrainingError.notFinite(quantity: "\(name)", iteration: iteration, images: [])
    }
    let size = multiScale.size(at: iteration)
    let seen = iteration * options.batch
    metadata.iteration = iteration
    metadata.imagesSeen = seen
    metadata.epoch = seen / data.training.count
    metadata.positionInEpoch = seen % data.training.count
    metadata.inputWidth = size.width
    metadata.inputHeight = size.height
    metadata.averageUpdates = average?.updates
    metadata.best = best
    let checkpoint = checkpoint()
    if isBest { try checkpoint.save(to: folder.best) }
    try checkpoint.save(to: folder.last)
  }

  private func checkpoint() -> Checkpoint {
    let named = network.parameters
    let model = named.map { NamedTensor($0.name, $0.parameter.values) }
    let learned = named.filter { $0.parameter.gradient != nil }
    let momentum = zip(learned, optimizer.velocities).map { NamedTensor($0.name, $1) }
    let averages = zip(named, average?.averages ?? []).map { NamedTensor($0.name, $1) }
    return Checkpoint(metadata: metadata, model: model, momentum: momentum, average: averages)
  }
}
