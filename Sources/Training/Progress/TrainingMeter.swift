import Tasks

/// What one weight update measured.
struct TrainingStep {
  var loss: LossValue
  let rate: Double
  let width: Int
  let height: Int
  /// Of the main network's gradient before clipping; of all where all are clipped together.
  var gradientNorm = 0.0
  var images: [String] = []
  /// Whether some rank was asked to stop.
  var isInterrupted = false
}

/// Collects the numbers of a run: losses since the last log line, speed, share of waiting.
struct TrainingMeter {
  private(set) var summary: IterationSummary

  private let images: Int
  private let options: TrainingOptions
  private let secondsBefore: Double
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var pausedSeconds = 0.0
  private var imageCount = 0
  private var recent: RecentLoss
  private var waitSeconds = 0.0

  // Since the last log line.
  private var loss: LossValue
  private let noLoss: LossValue
  private var steps = 0
  private var last: TrainingStep?
  private var lineSeconds = 0.0
  private var lineWait = 0.0

  init(noLoss: LossValue, images: Int, options: TrainingOptions, secondsBefore: Double) {
    self.images = images
    self.options = options
    self.secondsBefore = secondsBefore
    self.noLoss = noLoss
    loss = noLoss
    start = clock.now
    recent = RecentLoss(updatesPerEpoch: images / max(1, options.batch))
    summary = IterationSummary(
      iteration: 0, iterations: 0, epoch: 0, loss: 0, parts: noLoss, recentLoss: 0,
      recentParts: [], imagesPerSecond: 0, loaderWaitShare: 0, learningRate: 0)
  }

  private var elapsed: Double { (clock.now - start) / .seconds(1) }
  private var trainingSeconds: Double { elapsed - pausedSeconds }

  mutating func add(_ step: TrainingStep, iteration: Int, waitSeconds: Double) {
    loss += step.loss
    steps += 1
    last = step
    recent.add(step.loss, images: options.batch)
    imageCount += options.batch
    self.waitSeconds = waitSeconds
    summary = IterationSummary(
      iteration: iteration, iterations: options.iterations,
      epoch: Double(iteration * options.batch) / Double(images),
      loss: step.loss.total / Double(options.batch), parts: step.loss,
      recentLoss: recent.total,
      recentParts: zip(step.loss.parts, recent.parts).map { (name: $0, value: $1) },
      imagesPerSecond: Double(imageCount) / max(1e-9, trainingSeconds),
      loaderWaitShare: waitSeconds / max(1e-9, trainingSeconds), learningRate: step.rate)
  }

  /// Runs something that is not training: its time does not count as such.
  mutating func pausing<Result>(_ body: () throws -> Result) rethrows -> Result {
    let begin = elapsed
    defer { pausedSeconds += elapsed - begin }
    return try body()
  }

  /// The log line since the previous one: losses per image, speed, waiting.
  mutating func record() -> RunLogRecord {
    var record = RunLogRecord(
      .training, iteration: summary.iteration, epoch: summary.epoch,
      seconds: secondsBefore + elapsed)
    let count = Double(max(1, steps) * options.batch)
    for (output, values) in loss.outputs.enumerated() {
      for (part, value) in zip(loss.parts, values) {
        record.values["\(part)_\(output + 1)"] = value / count
      }
    }
    for (part, value) in zip(loss.parts, loss.sums) { record.values[part] = value / count }
    let seconds = trainingSeconds - lineSeconds
    record.values["loss"] = loss.total / count
    record.values["learning_rate"] = summary.learningRate
    record.values["gradient_norm"] = last?.gradientNorm
    record.values["images_per_second"] = count / max(1e-9, seconds)
    record.values["wait_share"] = (waitSeconds - lineWait) / max(1e-9, seconds)
    record.values["input_width"] = last.map { Double($0.width) }
    record.values["input_height"] = last.map { Double($0.height) }
    loss = noLoss
    steps = 0
    lineSeconds = trainingSeconds
    lineWait = waitSeconds
    return record
  }

  func evaluationRecord(_ scores: Scores) -> RunLogRecord {
    RunLogRecord(
      scores, iteration: summary.iteration, epoch: summary.epoch,
      seconds: secondsBefore + elapsed)
  }

  func finish(_ outcome: inout TrainingOutcome) {
    outcome.seconds = elapsed
    if last != nil {
      let images = Double(options.batch)
      outcome.loss = summary.loss
      for (part, value) in zip(summary.parts.parts, summary.parts.sums) {
        outcome.lossParts[part] = value / images
      }
    }
    outcome.imagesPerSecond = Double(imageCount) / max(1e-9, trainingSeconds)
    outcome.loaderWaitShare = waitSeconds / max(1e-9, trainingSeconds)
  }
}
