package import Compute
import Darknet
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
  package internal(set) var iteration = 0
  /// Validation images that could not be read when they were looked at last.
  package private(set) var leftOut: [DataProblem] = []
  private var namedNotes: Set<DataProblem> = []
  /// The processes that train it together; ``join(_:)`` says which.
  package internal(set) var group: any ProcessGroup = SingleProcess()
  /// Gradients, and statistics, of all ranks.
  var shared: SharedTensors?

  let data: TrainingData<Task.Target>
  let optimizer: Optimizer
  var average: ExponentialMovingAverage?
  var best = BestEvaluation()
  var metadata: CheckpointMetadata
  let multiScale: MultiScale
  private let schedule: LearningRateSchedule
  private var plans: [Shape: NetworkPlan] = [:]

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
    optimizer = try Optimizer(
      parameters,
      settings: .init(
        rule: options.optimizer, weightDecay: options.weightDecay,
        decaysAll: options.decaysAll ?? false, batch: options.batch,
        maximumGradientNorm: options.maximumGradientNorm,
        clipsParts: options.clipsParts ?? false), on: network.backend)
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
    metadata.optimizer = options.optimizer.name == .sgd ? nil : options.optimizer.name
    metadata.letterboxFill = options.augmentation.fill
    metadata.trainingImageCount = data.training.count
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
    try group.jointly {
      try runJointly(log: log, isInterrupted: isInterrupted, examine: examine, observe: observe)
    }
  }

  private func runJointly(
    log: RunLog, isInterrupted: () -> Bool,
    examine: (Task.Judged, [Sample<Task.Target>]) -> Void, observe: (TrainingEvent) -> Void
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
      // Several ranks tell each other in the update; one process asks once, after it.
      let step = try update(
        loader, rate: schedule.rate(at: iteration + 1),
        isInterrupted: group.count > 1 ? isInterrupted : { false })
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
      // Ranks stop where all know that one was asked to.
      let isToStop = group.count > 1 ? step.isInterrupted : isInterrupted()
      outcome.wasInterrupted = !isLast && isToStop
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

  var noLoss: LossValue {
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
    let judged = try judgedByRanks(
      Predictor(network: network, task: task, input: input), progress: progress)
    leftOut = judged.leftOut
    return judged
  }

  // MARK: - One update

  /// One weight update with a learning rate: losses per output and input size of it.
  func update(
    _ loader: BatchLoader<Task.Target>, rate: Double, isInterrupted: () -> Bool = { false }
  ) throws -> TrainingStep {
    let size = multiScale.size(at: iteration)
    var step = TrainingStep(
      loss: noLoss, rate: rate, width: size.width, height: size.height)
    try addingUp(&step) {
      try learn(loader, &$0)
      $0.isInterrupted = isInterrupted()
    }
    let norms = optimizer.gradientNorms(iteration: iteration, using: network.backend)
    let check = NonFiniteGuard(iteration: iteration + 1, images: step.images)
    for norm in norms { try check.check(norm, "the gradient") }
    step.gradientNorm = norms[0]
    optimizer.update(
      rate: step.rate, clippingFactors: optimizer.clippingFactors(norms: norms),
      iteration: iteration, using: network.backend)
    average?.update(using: network.backend)
    return step
  }

  /// Adds the gradients of this rank's share of a batch, and its losses.
  private func learn(_ loader: BatchLoader<Task.Target>, _ step: inout TrainingStep) throws {
    let random = noise(of: iteration)
    for part in 0..<options.subdivisions {
      guard let batch = try loader.next() else { preconditionFailure("the loader repeats") }
      let plan = try plan(for: batch.input.shape)
      plan.input.update(from: batch.input)
      loader.reuse(batch.input)
      plan.forward(random: random.split(UInt64(part)))
      let seen = iteration * options.batch + (part + 1) * options.batch / options.subdivisions
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
    configuration.share = nil
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
    configuration.share = share(of: configuration.batchSize)
    return configuration
  }

  func makeLoader() throws -> BatchLoader<Task.Target> {
    var configuration = loaderConfiguration
    if let memory = AvailableMemory() {
      configuration.cacheBytes = Int(
        LoaderConfiguration.cacheShare * Double(memory.bytes / group.localCount))
    }
    let seen = iteration * options.batch
    let (multiScale, subdivisions) = (multiScale, options.subdivisions)
    return try BatchLoader(
      samples: data.training, configuration: configuration, pool: network.backend.pool,
      startingAt: .init(epoch: seen / data.training.count, position: seen % data.training.count)
    ) { multiScale.size(at: $0 / subdivisions) }
  }
}
