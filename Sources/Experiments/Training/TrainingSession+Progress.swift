import Evaluation
import Foundation
import Geometry
package import Training

extension TrainingSession {
  /// What is going to be trained, for people.
  package func introduction(_ data: Trainer.TrainingData) -> String {
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
    let outcome = try trainer.run(log: log, isInterrupted: { interrupt.isRaised }) { event in
      switch event {
      case .iteration(let summary):
        progress.update(
          TrainingProgress(
            iteration: summary.iteration, iterationCount: summary.iterations,
            epoch: min(Int(summary.epoch) + 1, epochCount), epochCount: epochCount,
            loss: summary.loss,
            imagesPerSecond: summary.imagesPerSecond, waitShare: summary.loaderWaitShare))
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
          try RunPictures.writeCurves(of: trainer.folder)
        } catch {
          progress.message("warning: \(error)")
        }
      case .problems(let texts):
        for text in texts { progress.message("replaced: \(text)") }
      }
    }
    progress.finish()
    try RunPictures.writeCurves(of: trainer.folder)
    return outcome
  }
}
