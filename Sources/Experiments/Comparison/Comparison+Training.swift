package import Compute
package import Evaluation
import Foundation
import Tasks
package import Training

/// A comparison of any task.
package protocol RunnableComparison {
  /// Holds the runs and what they give.
  var folder: String { get }
  /// Images that the runs are judged on.
  var imageCount: Int { get }
  /// Makes sure that the runs which are there already were started as they would be now.
  func check() throws
  /// Trains and judges every run that is not finished.
  func trainAll(
    _ backend: any Backend, until interrupt: InterruptFlag, _ console: Console) throws
  /// What the study can see by the runs that are finished, a line each; none without two seeds of a row.
  func powerLines(pool: ThreadPool?) throws -> [String]
  /// The table of the runs that are finished.
  func table(bootstrap: Bootstrap, pool: ThreadPool?) throws -> ComparisonTable
}

/// A comparison was told to stop; what was done is saved.
package struct ComparisonInterruption: Error {
  /// Where it was.
  package let place: String
}

extension Comparison: RunnableComparison {
  /// Images that the runs are judged on.
  package var imageCount: Int { data.validation.count }
  /// What the study can see by the runs that are finished.
  ///
  /// - Throws: As ``table(bootstrap:pool:)``.
  package func powerLines(pool: ThreadPool?) throws -> [String] {
    guard seeds.count > 1, runs.contains(where: { state(of: $0) == .finished }) else { return [] }
    // Images are not drawn anew for that.
    return try table(bootstrap: Bootstrap(draws: 1), pool: pool).powerLines(seeds: seeds.count)
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
      let outcome = try session.run(until: interrupt, writesEvents: false)
      if outcome.wasInterrupted {
        throw ComparisonInterruption(place: "iteration \(outcome.iterations) of \(run.folder.path)")
      }
      try judge(run, session, until: interrupt, console)
    }
  }

  private func judge(
    _ run: Run, _ session: TrainingSession<Task>, until interrupt: InterruptFlag,
    _ console: Console
  ) throws {
    var meter = console.meter(total: data.validation.count, unit: "images")
    defer { meter.finish() }
    let result = try finish(run, session) {
      if interrupt.isRaised {
        throw ComparisonInterruption(place: "the evaluation of \(run.folder.path)")
      }
      meter.update($0)
    }
    meter.finish()
    let values = result.scores.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Scores.percent($0.value))" }
    console.say(
      "\(run.folder.path): \(Task.measure.name) of the last weights \(values.joined(separator: ", "))"
    )
    try RunPictures.writeCurves(of: run.folder)
  }
}
