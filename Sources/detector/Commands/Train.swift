import ArgumentParser
import Compute
import Experiments
import Files
import Foundation
import Tasks
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a detector, a classifier or a network of keypoints.",
    discussion: """
      --voc names a VOCdevkit, a folder like VOC2007, or any folder with annotations and images; \
      --data takes COCO, YOLO and CIFAR as well. A cfg that ends with [softmax] or [logistic] is a classifier. \
      The split `train` is used and `val` chooses the best checkpoint, unless --voc PATH:SPLIT \
      and --validate say otherwise. Data without lists and folders of splits are divided by the seed, \
      and a share is kept for testing (--test-fraction). Class names come from --names or from the \
      annotations; the cfg's class count follows them.

      The data are enough: what is not given is chosen for them and for this machine, and the plan \
      is printed before it starts. --minutes fits it to a time; --recipe darknet keeps the schedule \
      of the cfg.

      Ctrl-C saves and stops; --resume continues where the run was, to the same final weights. With \
      --epochs it makes the run longer or shorter.

      Under mpirun the ranks share every batch, on one host or on several, and rank 0 writes the run: \
      mpirun -n 4 detector train ... The same number of ranks gives the same bytes. make mpi builds \
      what that needs.

      --find-rate makes no run: the learning rate rises from 1e-7 to 10 while the loss is watched, up to \
      where it blows up. Two rates are suggested, and a table and a plot written to --out.
      """)

  @OptionGroup var arguments: TrainingArguments
  @OptionGroup(title: "Loss") var lossArguments: LossArguments
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp(
      "Chooses initial weights, order and augmentation. (default: 1)", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Fit the number of epochs to this time on this machine.", valueName: "number"))
  var minutes: Double?

  @Option(help: ArgumentHelp("The run's folder. (default: a new one in runs/)", valueName: "dir"))
  var out: String?

  @Flag(help: "Continue the run in --out.")
  var resume = false

  @Flag(help: "Replace the run in --out.")
  var overwrite = false

  @Flag(help: "Look for a learning rate instead of training.")
  var findRate = false

  @Option(
    help: ArgumentHelp(
      "Updates of --find-rate, each with a larger rate. (default: 100)", valueName: "count"))
  var rateUpdates: Int?

  @Flag(
    help: """
      Write event files for TensorBoard too, in the run's folder: losses, rate, scores, the pictures of \
      plots/, precision and recall. Look at them with tensorboard --logdir RUNS.
      """)
  var tensorboard = false

  @Flag(
    help: """
      Under mpirun: batch normalisation takes the batch of all ranks together. Without it, each rank \
      takes its share.
      """)
  var syncNorm = false

  @Option(
    help: ArgumentHelp("Writes the outcome as JSON here; - is standard output.", valueName: "file"))
  var json: String?

  func validate() throws {
    if let minutes, !(minutes > 0 && minutes.isFinite) {
      throw ValidationError("--minutes must be above 0")
    }
    if minutes != nil, arguments.epochs != nil {
      throw ValidationError("--minutes and --epochs exclude each other")
    }
    if findRate { try validateSearch() }
    if rateUpdates != nil, !findRate { throw ValidationError("--rate-updates needs --find-rate") }
    guard resume else { return try arguments.data.validateIsGiven("training data") }
    if out == nil { throw ValidationError("--resume needs the run's folder in --out") }
    if overwrite { throw ValidationError("--resume and --overwrite exclude each other") }
    let given =
      lossArguments.given + [
        ("--seed", seed != nil), ("--minutes", minutes != nil), ("--sync-norm", syncNorm),
      ]
    if let name = arguments.firstGiven ?? given.first(where: \.1)?.0 {
      throw ValidationError("--resume continues the run as it was started; leave out \(name)")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    let ranks = try Ranks()
    let backend = try runtime.makeBackend()
    let console = Console()
    var isInterrupted = false
    try ranks.run {
      if findRate {
        isInterrupted = try search(backend, ranks.group, console)
        return
      }
      let session = try TrainingStart.shared(by: ranks.group, backend: backend) {
        try open(ranks, backend, console)
      }
      let outcome = try session.run(until: .watching(ranks.group), writesEvents: tensorboard)
      isInterrupted = outcome.wasInterrupted
      if ranks.group.isFirst { try finish(outcome, folder: session.folder, console) }
    }
    ranks.leave()
    if isInterrupted { throw ExitCode(InterruptFlag.exitCode) }
  }

  /// The run, new or continued; of several ranks the first opens it.
  private func open(
    _ ranks: Ranks, _ backend: any Backend, _ console: Console
  ) throws -> any RunnableTraining {
    let group = ranks.group
    if group.count > 1 { console.say(ranks.text(threads: runtime.threadCount)) }
    if resume {
      return try TrainingStart.resumed(
        out ?? "", epochs: arguments.epochs, ranks: group.count, backend: backend, console)
    }
    var plan = arguments.plan()
    plan.synchronizesNorm = syncNorm
    return try TrainingStart.new(
      plan, loss: lossArguments.choice(), seed: seed ?? 1, minutes: minutes,
      folder: out ?? RunFolder.unusedPath(in: "runs", name: "train"),
      opening: overwrite ? .overwrite : .new, version: toolVersion,
      memory: AvailableMemory().map { AvailableMemory(bytes: $0.bytes / group.localCount) },
      ranks: group.count, backend: backend, console)
  }

  private func finish(
    _ outcome: TrainingOutcome, folder: RunFolder, _ console: Console
  ) throws {
    if let json { try JSONFile.write(outcome, to: json) }
    if outcome.wasInterrupted {
      console.say(
        "interrupted at iteration \(outcome.iterations); saved. Continue with: "
          + "detector train --resume --out \(folder.path)")
      return
    }
    let text = ResultText(beside: json)
    if outcome.stoppedEarly { console.say("stopped early: no better score within --patience") }
    if let best = outcome.bestScore, let iteration = outcome.bestIteration {
      text.say(
        "best \(outcome.measure.title) \(Scores.percent(best)) at iteration \(iteration): "
          + folder.best)
    }
    let speed = String(
      format: "%.1f images/s, %.1f %% of the time waiting for images", outcome.imagesPerSecond,
      100 * outcome.loaderWaitShare)
    text.say(
      "\(outcome.iterations) iterations, \(outcome.imagesPerSecond > 0 ? speed : "done before"): \(folder.last)"
    )
  }
}

extension Train {
  private func validateSearch() throws {
    let given = [
      ("--resume", resume), ("--overwrite", overwrite), ("--minutes", minutes != nil),
      ("--learning-rate", arguments.learningRate != nil),
      ("--lr-steps", arguments.lrSteps != nil),
    ]
    if let name = given.first(where: \.1)?.0 {
      throw ValidationError("--find-rate makes no run and tries all rates; leave out \(name)")
    }
    // Fewer say nothing: the first tenth and two at each end suggest nothing.
    if let rateUpdates, !(10...100_000).contains(rateUpdates) {
      throw ValidationError("--rate-updates must be between 10 and 100000")
    }
  }

  /// Looks for a rate; returns whether it was interrupted.
  private func search(
    _ backend: any Backend, _ group: any ProcessGroup, _ console: Console
  ) throws -> Bool {
    guard group.count == 1 else {
      throw ValidationError("--find-rate is for one process; start it without mpirun")
    }
    let folder = out ?? RunFolder.unusedPath(in: "runs", name: "find-rate")
    let search = try RateSearch.run(
      arguments.plan(), loss: lossArguments.choice(), seed: seed ?? 1,
      range: RateRange(updates: rateUpdates ?? 100), folder: folder, until: InterruptFlag(),
      backend: backend, console)
    let files = try search.write(to: folder)
    if let json { try JSONFile.write(search, to: json) }
    ResultText(beside: json).say(search.text)
    console.say("written: " + files.joined(separator: ", "))
    return search.curve.end == .interrupted
  }
}
