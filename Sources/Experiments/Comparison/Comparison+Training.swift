package import Compute
package import Evaluation
import Files
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
  /// Trains and judges every run that is not finished, each on one of the ranks.
  func trainAll(
    _ backend: any Backend, sharedBy group: any ProcessGroup, until interrupt: InterruptFlag,
    _ console: Console) throws
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
  /// The ranks take the runs in turn and learn nothing from each other: a run gives the same bytes on any
  /// of them. What is wrong with one is said at once, and ends the others when theirs are done.
  ///
  /// - Parameters:
  ///   - backend: Does the work.
  ///   - group: The ranks, which all see the comparison's folder.
  ///   - interrupt: Ends it.
  ///   - console: Told which run it is and what it gives.
  /// - Throws: ``ComparisonInterruption``; what training and judging throw.
  package func trainAll(
    _ backend: any Backend, sharedBy group: any ProcessGroup = SingleProcess(),
    until interrupt: InterruptFlag, _ console: Console
  ) throws {
    let open = try openRuns(group)
    var place: String?
    let told = try group.gathering {
      do {
        for (turn, index) in open.enumerated() where turn % group.count == group.rank {
          try train(index, backend, until: interrupt, console)
        }
      } catch let interruption as ComparisonInterruption {
        place = interruption.place
      } catch {
        if group.count > 1 {
          console.say("rank \(group.rank) on \(group.hosts[group.rank]): \(error)")
        }
        throw error
      }
      return Message(place).bytes
    }
    for bytes in told {
      var message = MessageReader(bytes)
      if let place = String?(from: &message) { throw ComparisonInterruption(place: place) }
    }
  }

  /// The runs that are not finished, by their places, as rank 0 sees them.
  ///
  /// - Throws: `RankFailure` naming a rank that does not see the comparison's folder; `FileError`.
  private func openRuns(_ group: any ProcessGroup) throws -> [Int] {
    let unfinished = runs.indices.filter { state(of: runs[$0]) != .finished }
    guard group.count > 1 else { return unfinished }
    let probe = folder + "/.ranks"
    let word = "\(UInt64.random(in: 0...UInt64.max))"
    let told = try group.gathering {
      guard group.isFirst else { return [] }
      try Folder.make(folder)
      try AtomicFile.write(word, to: probe)
      return Message(word).bytes + Message(unfinished).bytes
    }
    var message = MessageReader(told[0])
    let expected = String(from: &message)
    let seen = try? String(contentsOfFile: probe, encoding: .utf8)
    try group.check(
      seen == expected ? 1 : 0,
      "does not see the files of rank 0 in \(folder); give --out a folder that all hosts share")
    if group.isFirst { unlink(probe) }
    return [Int](from: &message)
  }

  /// Trains and judges one run.
  private func train(
    _ index: Int, _ backend: any Backend, until interrupt: InterruptFlag, _ console: Console
  ) throws {
    let run = runs[index]
    console.say("run \(index + 1) of \(runs.count): \(run.row.name), seed \(run.seed)")
    let session = try session(for: run, backend: backend, report: console.say)
    console.say(session.introduction(data))
    let outcome = try session.run(until: interrupt, writesEvents: false)
    if outcome.wasInterrupted {
      throw ComparisonInterruption(place: "iteration \(outcome.iterations) of \(run.folder.path)")
    }
    try judge(run, session, until: interrupt, console)
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
