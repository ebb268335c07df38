import ArgumentParser
import Files
import Foundation
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a detector on VOC data.",
    discussion: """
      --voc names a VOCdevkit, a folder like VOC2007, or any folder with annotations and images. \
      The split `train` is used and `val` chooses the best checkpoint, unless --voc PATH:SPLIT \
      and --validate say otherwise. Class names come from --names or from the annotations; the \
      cfg's class count follows them.

      Ctrl-C saves and stops; --resume continues where the run was, to the same final weights.
      """)

  @OptionGroup var arguments: TrainingArguments
  @OptionGroup(title: "Objectness loss") var lossArguments: LossArguments
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp(
      "Chooses initial weights, order and augmentation. (default: 1)", valueName: "number"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("The run's folder. (default: a new one in runs/)", valueName: "dir"))
  var out: String?

  @Flag(help: "Continue the run in --out.")
  var resume = false

  @Flag(help: "Replace the run in --out.")
  var overwrite = false

  @Option(help: ArgumentHelp("Writes the outcome in numbers here.", valueName: "file"))
  var json: String?

  func validate() throws {
    guard resume else {
      if arguments.voc.isEmpty { throw ValidationError("give training data with --voc") }
      if arguments.model == nil { throw ValidationError("give a cfg with --model") }
      return
    }
    if out == nil { throw ValidationError("--resume needs the run's folder in --out") }
    if overwrite { throw ValidationError("--resume and --overwrite exclude each other") }
    let given = lossArguments.given + [("--seed", seed != nil)]
    if let name = arguments.firstGiven ?? given.first(where: \.1)?.0 {
      throw ValidationError("--resume continues the run as it was started; leave out \(name)")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    let backend = try runtime.makeBackend()
    try train(resume ? continued(backend) : started(backend))
  }

  // MARK: - The run

  private func train(_ session: TrainingSession) throws {
    try finish(session.run(until: InterruptFlag()), folder: session.trainer.folder)
  }

  private func finish(_ outcome: TrainingOutcome, folder: RunFolder) throws {
    if let json { try JSONFile.write(outcome, to: json) }
    let speed = String(
      format: "%.1f images/s, %.1f %% of the time waiting for images", outcome.imagesPerSecond,
      100 * outcome.loaderWaitShare)
    if outcome.wasInterrupted {
      report(
        "interrupted at iteration \(outcome.iterations); saved. Continue with: "
          + "detector train --resume --out \(folder.path)")
      throw ExitCode(InterruptFlag.exitCode)
    }
    if outcome.stoppedEarly { report("stopped early: no better mAP within --patience") }
    if let best = outcome.bestMeanAveragePrecision, let iteration = outcome.bestIteration {
      print(
        "best mAP (voc12) \(String(format: "%.4f", best)) at iteration \(iteration): \(folder.best)"
      )
    }
    print(
      "\(outcome.iterations) iterations, \(outcome.imagesPerSecond > 0 ? speed : "done before"): \(folder.last)"
    )
  }
}
