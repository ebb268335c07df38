import Evaluation
import Losses

/// What one weight update measured.
struct TrainingStep {
  var losses: [DetectionLossValue]
  let rate: Double
  let width: Int
  let height: Int
  var gradientNorm = 0.0
  var images: [String] = []
}

/// Collects the numbers of a run: losses since the last log line, speed, share of waiting.
struct TrainingMeter {
  private(set) var summary = IterationSummary(
    iteration: 0, iterations: 0, epoch: 0, loss: 0, parts: DetectionLossValue(),
    imagesPerSecond: 0, loaderWaitShare: 0, learningRate: 0)

  private let images: Int
  private let isBayesian: Bool
  private let options: TrainingOptions
  private let secondsBefore: Double
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var pausedSeconds = 0.0
  private var imageCount = 0
  private var waitSeconds = 0.0

  // Since the last log line.
  private var losses: [DetectionLossValue]
  private var steps = 0
  private var last: TrainingStep?
  private var lineSeconds = 0.0
  private var lineWait = 0.0

  init(
    heads: Int, isBayesian: Bool, images: Int, options: TrainingOptions, secondsBefore: Double
  ) {
    self.isBayesian = isBayesian
    self.images = images
    self.options = options
    self.secondsBefore = secondsBefore
    start = clock.now
    losses = Array(repeating: DetectionLossValue(), count: heads)
  }

  private var elapsed: Double { (clock.now - start) / .seconds(1) }
  private var trainingSeconds: Double { elapsed - pausedSeconds }

  mutating func add(_ step: TrainingStep, iteration: Int, waitSeconds: Double) {
    for head in losses.indices { losses[head] += step.losses[head] }
    steps += 1
    last = step
    imageCount += options.batch
    self.waitSeconds = waitSeconds
    var parts = DetectionLossValue()
    for loss in step.losses { parts += loss }
    summary = IterationSummary(
      iteration: iteration, iterations: options.iterations,
      epoch: Double(iteration * options.batch) / Double(images),
      loss: parts.total / Double(options.batch), parts: parts,
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
    var sum = DetectionLossValue()
    for (head, loss) in losses.enumerated() {
      record.values["box_\(head + 1)"] = loss.box / count
      record.values["objectness_\(head + 1)"] = loss.objectness / count
      record.values["class_\(head + 1)"] = loss.classification / count
      if isBayesian { record.values["auxiliary_\(head + 1)"] = loss.auxiliary / count }
      sum += loss
    }
    let seconds = trainingSeconds - lineSeconds
    record.values["loss"] = sum.total / count
    record.values["box"] = sum.box / count
    record.values["objectness"] = sum.objectness / count
    record.values["class"] = sum.classification / count
    if isBayesian { record.values["auxiliary"] = sum.auxiliary / count }
    record.values["learning_rate"] = summary.learningRate
    record.values["gradient_norm"] = last?.gradientNorm
    record.values["images_per_second"] = count / max(1e-9, seconds)
    record.values["wait_share"] = (waitSeconds - lineWait) / max(1e-9, seconds)
    record.values["input_width"] = last.map { Double($0.width) }
    record.values["input_height"] = last.map { Double($0.height) }
    losses = Array(repeating: DetectionLossValue(), count: losses.count)
    steps = 0
    lineSeconds = trainingSeconds
    lineWait = waitSeconds
    return record
  }

  func evaluationRecord(_ report: EvaluationReport) -> RunLogRecord {
    RunLogRecord(
      report, iteration: summary.iteration, epoch: summary.epoch,
      seconds: secondsBefore + elapsed)
  }

  func finish(_ outcome: inout TrainingOutcome) {
    outcome.seconds = elapsed
    if last != nil {
      let images = Double(options.batch)
      outcome.loss = summary.loss
      outcome.boxLoss = summary.parts.box / images
      outcome.objectnessLoss = summary.parts.objectness / images
      outcome.classLoss = summary.parts.classification / images
    }
    outcome.imagesPerSecond = Double(imageCount) / max(1e-9, trainingSeconds)
    outcome.loaderWaitShare = waitSeconds / max(1e-9, trainingSeconds)
  }
}
