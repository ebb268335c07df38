package import Compute
import Foundation
import Tasks
package import Training

extension Comparison {
  /// Where a signal has stopped the work; everything is saved.
  package struct Interruption: Error {
    /// `iteration 7 of c/baseline/seed-1`.
    package let place: String
  }

  /// Trains and judges every run that is not finished.
  ///
  /// - Parameters:
  ///   - backend: Does the work.
  ///   - interrupt: Ends it.
  ///   - console: Told which run it is and what it gives.
  /// - Throws: ``Interruption``; what training and judging throw.
  package func trainAll(
    _ backend: any Backend, until interrupt: InterruptFlag, _ console: Console
  ) throws {
    for (index, run) in runs.enumerated() where state(of: run) != .finished {
      console.say("run \(index + 1) of \(runs.count): \(run.row.name), seed \(run.seed)")
      let session = try session(for: run, backend: backend, report: console.say)
      console.say(session.introduction(data))
      let outcome = try session.run(until: interrupt)
      if outcome.wasInterrupted {
        throw Interruption(place: "iteration \(outcome.iterations) of \(run.folder.path)")
      }
      try judge(run, session, until: interrupt, console)
    }
  }

  private func judge(
    _ run: Run, _ session: TrainingSession<DetectionTask>, until interrupt: InterruptFlag,
    _ console: Console
  ) throws {
    var meter = console.meter(total: data.validation.count, unit: "images")
    defer { meter.finish() }
    let result = try finish(run, session) {
      if interrupt.isRaised {
        throw Interruption(place: "the evaluation of \(run.folder.path)")
      }
      meter.update($0)
    }
    meter.finish()
    let values = result.meanAveragePrecision.sorted { $0.key < $1.key }
      .map { "\($0.key) \(String(format: "%.4f", $0.value))" }
    console.say(
      "\(run.folder.path): mAP of the last weights \(values.joined(separator: ", "))")
    try RunPictures.writeCurves(of: run.folder)
  }
}
