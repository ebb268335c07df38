import Compute
package import Datasets
import Images
import Layers
package import Networks
package import Tasks

/// Trains a network for its task: batches, losses, updates, evaluations and checkpoints.
///
/// Every random choice is derived from the seed and a position (iteration, epoch, image), and the
/// checkpoint holds weights, momentum, averages and statistics: a run that was killed at any moment
/// and resumed ends with the same bytes as one that was not.
package final class Trainer<Task: LearningTask> {
  /// What is trained, with its current weights.
  package let network: Network
  /// What its outputs mean.
  package let task: Task
  /// How.
  package let options: TrainingOptions
  /// Where the run is kept.
  package let folder: RunFolder
  /// Iterations done.
  package private(set) var iteration = 0
  /// Validation images that could not be read when they were looked at last.
  package private(set) var leftOut: [DataProblem] = []
  private var namedNotes: Set<DataProblem> = []

  private let data: TrainingData<Task.Target>
  private let schedule: LearningRateSchedule
  private let optimizer: StochasticGradientDescent
  private var average: ExponentialMovingAverage?
  private var best = BestEvaluation()
  private var metadata: CheckpointMetadata
  private var plans: [Shape: NetworkPlan] = [:]
  private let multiScale: MultiScale

  /// A run at its beginning; the network's weights are taken as they are.
  ///
  /// - Throws: ``TrainingError`` for options that make no sense; `TaskError` if the network is for
  ///   another task; `ComputeError` without memory.
  package init(
    network: Network, data: TrainingData<Task.Target>, options: TrainingOptions,
    schedule: LearningRateSchedule, folder: RunFolder, toolVersion: String
  ) throws {
    guard options.batch > 0, options.subdivisions > 0, options.batch % options.subdivisions == 0
    else {
      throw TrainingError.options(
        reason: "subdivisions=\(options.subdivisions) must divide batch=\(options.batch)")
    }
    self.network = network
    task = try Task(network)
    if let mixing = options.augmentation.mixing, let problem = task.problem(with: mixing) {
      throw TrainingError.options(reason: "\(network.name): \(problem)")
    }
    self.data = data
    self.options = options
    self.schedule = schedule
    self.folder = folder
    multiScale = MultiScale(options)
    let parameters = network.parameters
    optimizer = try StochasticGradientDescent(
      parameters,
      settings: .init(
        momentum: options.momentum, weightDecay: options.weightDecay, batch: options.batch,
        maximumGradientNorm: options.maximumGradientNorm), on: network.backend)
    guard optimizer.learns else {
      throw TrainingError.options(reason: "\(network.name): no layer is to be trained")
    }
    if let decay = options.averageDecay {
      average = try ExponentialMovingAverage(
        of: parameters.map(\.parameter.values), decay: decay, ramp: options.averageRamp ?? 2000,
        on: network.backend)
    }
    metadata = CheckpointMetadata(
      toolVersion: toolVersion, configuration: network.text,
      classNames: data.classNames, resizeMode: options.resizeMode)
    metadata.seed = options.seed
    metadata.letterboxFill = options.augmentation.fill
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
  ///   - examine: Gets what every evaluation says about the validation images, and these.
  ///   - observe: Told what happens.
  /// - Returns: The end in numbers.
  /// - Throws: ``TrainingError/notFinite(quantity:iteration:images:)`` before a bad update is made;
  ///   what loading, evaluating and saving throw.
  package func run(
    log: RunLog, isInterrupted: () -> Bool = { false },
    examine: (Task.Judged, [Sample<Task.Target>]) -> Void = { _, _ in },
    observe: (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    let loader = try makeLoader()
    var meter = TrainingMeter(
      noLoss: noLoss, images: data.training.count, options: options,
      secondsBefore: log.seconds)
    var outcome = TrainingOutcome(measure: Task.measure)
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
      tell(loader.notes, observe)
      let isLast = iteration == options.iterations
      if isLast || iteration % options.logInterval == 0 { try log.append(meter.record()) }
      var isSaved = false
      if !data.validation.isEmpty, options.isEvaluated(after: iteration) {
        let known = Set(leftOut)
        let scores = try meter.pausing {
          let judged = try judged(by: task)
          examine(judged, data.validation)
          return try task.scores(judged.images, classNames: data.classNames)
        }
        let missing = leftOut.filter { !known.contains($0) }
        if !missing.isEmpty { observe(.leftOut(missing.map(\.description))) }
        let isBest = best.record(scores.first, iteration: iteration)
        outcome.lastScore = scores.first
        try log.append(meter.evaluationRecord(scores))
        try save(isBest: isBest)
        isSaved = true
        observe(.evaluation(iteration: iteration, scores: scores, isBest: isBest))
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
    outcome.bestScore = best.score
    outcome.bestIteration = best.iteration
    outcome.replacedImages = namedProblems
    outcome.leftOutImages = leftOut.count
    outcome.planBytes = plans.values.map(\.arenaBytes).max() ?? 0
    meter.finish(&outcome)
    return outcome
  }

  /// Tells of notes that are new.
  private func tell(_ notes: [DataProblem], _ observe: (TrainingEvent) -> Void) {
    guard notes.count > 0 else { return }
    let fresh = notes.filter { namedNotes.insert($0).inserted }
    if !fresh.isEmpty { observe(.notes(fresh.map(\.description))) }
  }

  /// The best score on the validation images so far, 0...1.
  package var bestScore: Double? { best.score }

  /// Images to learn from.
  package var trainingImageCount: Int { data.training.count }

  /// The log's columns.
  package var columns: RunLogColumns {
    .training(parts: task.lossParts, outputCount: task.lossCount, measure: Task.measure)
  }

  private var noLoss: LossValue {
    LossValue(parts: task.lossParts, outputCount: task.lossCount)
  }

  /// How images are brought to the network.
  package var input: InputSettings {
    InputSettings(
      width: options.inputWidth, height: options.inputHeight, resizeMode: options.resizeMode,
      fill: options.augmentation.fill ?? 0)
  }

  /// What the weights (their moving average, if one is kept) say about the validation images.
  ///
  /// - Parameters:
  ///   - task: The network's task, perhaps with other settings than training uses.
  ///   - progress: Told how many images are done; what it throws ends the work.
  /// - Returns: One entry per validation image that could be read, in their order.
  /// - Throws: What loading, predicting and `progress` throw.
  package func judged(
    by task: Task, progress: (Int) throws -> Void = { _ in }
  ) throws -> Task.Judged {
    average?.exchange(using: network.backend)
    network.parametersDidChange()
    defer {
      average?.exchange(using: network.backend)
      network.parametersDidChange()
    }
    let judged = try Predictor(network: network, task: task, input: input)
      .judged(data.validation, batchSize: 8, progress: progress)
    leftOut = judged.leftOut
    return judged
  }

  // MARK: - One update

  /// One weight update: losses per output, input size and learning rate of it.
  private func update(_ loader: BatchLoader<Task.Target>) throws -> TrainingStep {
    let size = multiScale.size(at: iteration)
    let random = RandomStream(seed: options.seed).split(2, UInt64(iteration))
    var step = TrainingStep(
      loss: noLoss, rate: schedule.rate(at: iteration + 1), width: size.width,
      height: size.height)
    for part in 0..<options.subdivisions {
      guard let batch = try loader.next() else { preconditionFailure("the loader repeats") }
      let plan = try plan(for: batch.input.shape)
      plan.input.update(from: batch.input)
      loader.reuse(batch.input)
      plan.forward(random: random.split(UInt64(part)))
      let seen = iteration * options.batch + (part + 1) * batch.input.shape.batch
      let loss = try task.loss(
        plan, targets: batch.targets,
        step: LossStep(
          iteration: iteration, epoch: iteration * options.batch / data.training.count,
          burnIn: schedule.burnIn, seenImages: seen,
          random: random.split(1 << 32, UInt64(part))))
      let check = NonFiniteGuard(
        iteration: iteration + 1, images: batch.sources.flatMap(\.ids))
      for output in loss.outputs.indices {
        try check.check(loss.total(ofOutput: output), "the loss")
      }
      step.loss += loss
      plan.backward(iteration: iteration)
      step.images += batch.sources.flatMap(\.ids)
    }
    step.gradientNorm = optimizer.gradientNorm(
      iteration: iteration, using: network.backend)
    try NonFiniteGuard(iteration: iteration + 1, images: step.images)
      .check(step.gradientNorm, "the gradient")
    optimizer.update(
      rate: step.rate, clippingFactor: optimizer.clippingFactor(norm: step.gradientNorm),
      iteration: iteration, using: network.backend)
    average?.update(using: network.backend)
    return step
  }

  private func plan(for shape: Shape) throws -> NetworkPlan {
    if let plan = plans[shape] { return plan }
    let plan = try network.makePlan(input: shape, mode: .training)
    plans[shape] = plan
    return plan
  }

  /// Images of the first update, as the network gets them.
  ///
  /// - Parameter limit: The largest number of them.
  /// - Returns: A batch of their own.
  /// - Throws: What loading throws.
  package func firstImages(_ limit: Int) throws -> Batch<Task.Target>? {
    let size = multiScale.size(at: 0)
    var configuration = loaderConfiguration
    configuration.batchSize = min(limit, options.batch)
    configuration.prefetchCount = 0
    return try BatchLoader(
      samples: data.training, configuration: configuration, pool: network.backend.pool
    ) { _ in size }.next()
  }

  /// Names of the class indices.
  package var classNames: [String] { data.classNames }

  private var loaderConfiguration: LoaderConfiguration {
    var configuration = LoaderConfiguration(
      batchSize: options.batch / options.subdivisions, augmentation: options.augmentation)
    configuration.seed = options.seed
    configuration.channels = network.inputShape(batch: 1).channels
    return configuration
  }

  private func makeLoader() throws -> BatchLoader<Task.Target> {
    var configuration = loaderConfiguration
    if let memory = AvailableMemory() {
      configuration.cacheBytes = Int(LoaderConfiguration.cacheShare * Double(memory.bytes))
    }
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
