import Compute
import Datasets
import Detection
import Evaluation
import Foundation
import Geometry
import Keypoints
import Networks
package import Tasks
package import Training

extension TrainingSession: RunnableTraining {
  /// The run's folder.
  package var folder: RunFolder { trainer.folder }

  /// What is going to be trained, for people.
  package func introduction(_ data: TrainingData<Task.Target>) -> String {
    let options = trainer.options
    let done = trainer.iteration > 0 ? ", \(trainer.iteration) of them done" : ""
    return """
      \(data.training.count) training and \(data.validation.count) validation images, \
      \(subject(data)); input \(options.inputWidth)x\(options.inputHeight), \
      \(options.resizeMode.rawValue); \(options.iterations) iterations of \(options.batch) \
      images\(done); run in \(trainer.folder.path)
      """
  }

  /// What is to be learned: classes, or keypoints with how many of them are labelled, as next to none
  /// would train blank maps.
  private func subject(_ data: TrainingData<Task.Target>) -> String {
    let count = data.classNames.count
    func plural(_ count: Int, _ one: String, _ many: String) -> String {
      "\(count) \(count == 1 ? one : many)"
    }
    guard let samples = data.training as? [Sample<KeypointTruth>] else {
      return plural(count, "class", "classes")
    }
    let labelled = samples.reduce(0) { $0 + $1.target.points.count }
    if Task.self == CenterTask.self {
      return plural(count, "kind", "kinds") + " with \(labelled) centres"
    }
    let share = Double(labelled) / Double(max(1, samples.count * count))
    return plural(count, "keypoint", "keypoints")
      + ", \(Scores.percent(share)) of them labelled"
  }

  /// Trains with progress on standard error, and draws the curves.
  ///
  /// - Parameters:
  ///   - interrupt: Stops the training when it is raised.
  ///   - writesEvents: Whether TensorBoard's files are written.
  /// - Returns: How it ended.
  /// - Throws: What training and drawing throw.
  package func run(
    until interrupt: InterruptFlag, writesEvents: Bool
  ) throws -> TrainingOutcome {
    // Whoever reads the progress may go away: the run goes on. A file that grows beyond the user's
    // limit is an error to report, like a full disk.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    guard trainer.group.isFirst else { return try follow(until: interrupt) }
    var progress = ProgressReporter()
    progress.begin(iteration: trainer.iteration)
    defer { progress.finish() }
    // Pictures can be drawn again, or done without: no reason to lose a run.
    func draw(_ body: () throws -> Void) {
      do { try body() } catch { progress.message("warning: \(error)") }
    }
    let events =
      writesEvents
      ? try TensorBoardLog(
        trainer.folder, iteration: trainer.iteration, of: trainer.options.iterations) : nil
    if trainer.iteration == 0 {
      draw {
        let first = try trainer.firstImages(16)
        if let batch = first as? Batch<[GroundTruth]> {
          try RunPictures.write(batch, classNames: trainer.classNames, to: trainer.folder)
        } else if let batch = first as? Batch<Int> {
          try RunPictures.write(batch, classNames: trainer.classNames, to: trainer.folder)
        } else if let batch = first as? Batch<KeypointTruth> {
          try RunPictures.write(
            batch, areJoints: Task.self == KeypointTask.self, to: trainer.folder)
        }
        try events?.writeFirstPictures()
      }
    }
    var best = trainer.bestScore
    var epoch = 0
    let outcome = try trainer.run(
      log: log, isInterrupted: { interrupt.isRaised },
      examine: { judged, samples in
        draw {
          if let judged = judged as? DetectionTask.Judged,
            let samples = samples as? [Sample<[GroundTruth]>]
          {
            try RunPictures.writeValidation(
              judged, of: samples, classNames: trainer.classNames, to: trainer.folder)
            try events?.write(
              judged.images.map { EvaluatedImage($0) }, classNames: trainer.classNames,
              iteration: trainer.iteration)
          } else if let samples = samples as? [Sample<KeypointTruth>],
            let judged = judged as? KeypointTask.Judged
          {
            if Task.self == KeypointTask.self {
              try RunPictures.writeValidation(
                PersonJoints.self, judged, of: samples, to: trainer.folder)
            } else {
              try RunPictures.writeValidation(
                ObjectCenters.self, judged, of: samples, to: trainer.folder)
            }
          }
        }
      },
      observe: { event in
        switch event {
        case .iteration(let summary):
          // A pass that has just ended is still the one that is spoken of.
          epoch = min(max(1, Int(summary.epoch.rounded(.up))), epochCount)
          progress.update(self.progress(summary, epoch: epoch, best: best))
          draw { try events?.write(summary) }
        case .evaluation(let iteration, let scores, let isBest):
          if isBest { best = scores.first }
          progress.message(
            "epoch \(epoch), iteration \(iteration): \(scores.text)"
              + (isBest ? ": the best so far" : ""))
          draw {
            try RunPictures.writeCurves(of: trainer.folder)
            try RunResults.write(of: trainer.folder)
            try events?.write(scores, iteration: iteration)
          }
        case .problems(let texts):
          for text in texts { progress.message("replaced: \(text)") }
        case .leftOut(let texts):
          for text in texts { progress.message("left out of the validation: \(text)") }
        case .notes(let texts):
          for text in texts { progress.message("note: \(text)") }
        }
      })
    progress.finish()
    try RunPictures.writeCurves(of: trainer.folder)
    return outcome
  }

  /// Trains with the first rank, which tells how it goes; what is wrong with own images is told here.
  private func follow(until interrupt: InterruptFlag) throws -> TrainingOutcome {
    let group = trainer.group
    let name = "rank \(group.rank) on \(group.hosts[group.rank])"
    return try trainer.run(
      log: log, isInterrupted: { interrupt.isRaised },
      observe: { event in
        guard case .problems(let texts) = event else { return }
        for text in texts { Console().say("\(name): replaced: \(text)") }
      })
  }

  private func progress(
    _ summary: IterationSummary, epoch: Int, best: Double?
  ) -> TrainingProgress {
    var progress = TrainingProgress(
      iteration: summary.iteration, iterationCount: summary.iterations, epoch: epoch,
      epochCount: epochCount)
    progress.loss = summary.recentLoss
    progress.parts = summary.recentParts
    progress.rate = summary.learningRate
    progress.imagesPerSecond = summary.imagesPerSecond
    progress.waitShare = summary.loaderWaitShare
    progress.best = best.map { "\(Task.measure.name) \(Scores.percent($0))" }
    return progress
  }
}
