import Datasets
import Detection
import Evaluation
import Foundation
import Geometry
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
      \(data.classNames.count) classes; input \(options.inputWidth)x\(options.inputHeight), \
      \(options.resizeMode.rawValue); \(options.iterations) iterations of \(options.batch) \
      images\(done); run in \(trainer.folder.path)
      """
  }

  /// Trains with progress on standard error, and draws the curves.
  ///
  /// - Throws: What training and drawing throw.
  package func run(until interrupt: InterruptFlag) throws -> TrainingOutcome {
    // Whoever reads the progress may go away: the run goes on. A file that grows beyond the user's
    // limit is an error to report, like a full disk.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    var progress = ProgressReporter()
    progress.begin(iteration: trainer.iteration)
    defer { progress.finish() }
    if trainer.iteration == 0 {
      // A picture to look at is no reason to lose a run either.
      do {
        if let batch = try trainer.firstImages(16) as? Batch<[GroundTruth]> {
          try RunPictures.write(batch, classNames: trainer.classNames, to: trainer.folder)
        }
      } catch {
        progress.message("warning: \(error)")
      }
    }
    let outcome = try trainer.run(log: log, isInterrupted: { interrupt.isRaised }) { event in
      switch event {
      case .iteration(let summary):
        progress.update(
          TrainingProgress(
            iteration: summary.iteration, iterationCount: summary.iterations,
            epoch: min(Int(summary.epoch) + 1, epochCount), epochCount: epochCount,
            loss: summary.loss,
            imagesPerSecond: summary.imagesPerSecond, waitShare: summary.loaderWaitShare))
      case .evaluation(let iteration, let scores, let isBest):
        progress.message(
          "iteration \(iteration): \(scores.text)" + (isBest ? ", the best so far" : ""))
        // Pictures can be drawn again from the log: no reason to lose a run.
        do {
          try RunPictures.writeCurves(of: trainer.folder)
        } catch {
          progress.message("warning: \(error)")
        }
      case .problems(let texts):
        for text in texts { progress.message("replaced: \(text)") }
      case .leftOut(let texts):
        for text in texts { progress.message("left out of the validation: \(text)") }
      case .notes(let texts):
        for text in texts { progress.message("note: \(text)") }
      }
    }
    progress.finish()
    try RunPictures.writeCurves(of: trainer.folder)
    return outcome
  }
}
