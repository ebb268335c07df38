import ArgumentParser
import Compute
import Darknet
import Datasets
import Evaluation
import Experiments
import Foundation
import Training

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains several losses with several seeds on one data set, and compares them.",
    discussion: """
      Rows of the paper: \(names(ComparisonRow.paper)). Controls, which tell what else could \
      explain a gain: \(names(ComparisonRow.controls)). Beyond the paper: \
      \(names(ComparisonRow.beyond)). --rows also takes paper, controls, beyond and all.

      Every run is a run folder, OUT/ROW/seed-N. All rows of a seed start from the same weights and \
      see the same images in the same order. A run's last weights are judged: the best ones on the \
      validation images would be chosen with the images that judge. There is one evaluation, at the \
      end, unless --evaluate-every asks for more.

      Ctrl-C saves and stops; the same command goes on. Finished runs are not repeated, and rows \
      or seeds may be added.
      """)

  private static func names(_ rows: [ComparisonRow]) -> String {
    rows.map(\.name).joined(separator: ", ")
  }

  @OptionGroup var arguments: TrainingArguments
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp(
      "Holds the runs and the table. (default: a new one in runs/)", valueName: "dir"))
  var out: String?

  @Option(help: ArgumentHelp("What to compare, separated by commas.", valueName: "names"))
  var rows = "paper,controls"

  @Option(help: ArgumentHelp("Seeds, separated by commas.", valueName: "numbers"))
  var seeds = "1,2,3"

  @Option(
    help: ArgumentHelp("Resamples of the images behind each 95 % interval.", valueName: "draws"))
  var bootstrap = 1000

  @Flag(help: "Train nothing: the table of the runs that are finished.")
  var tableOnly = false

  func validate() throws {
    if arguments.voc.isEmpty { throw ValidationError("give training data with --voc") }
    if arguments.model == nil { throw ValidationError("give a cfg with --model") }
    if arguments.patience != nil {
      throw ValidationError(
        "--patience would let the images that judge decide when a run ends; leave it out")
    }
    if !(1...1_000_000).contains(bootstrap) {
      throw ValidationError("--bootstrap must be between 1 and 1000000")
    }
    _ = try chosenSeeds()
    if try chosenRows().isEmpty { throw ValidationError("--rows names nothing") }
  }

  func run() throws {
    let backend = try runtime.makeBackend()
    let comparison = try makeComparison()
    try comparison.check()
    let interrupt = InterruptFlag()
    if !tableOnly {
      for (index, run) in comparison.runs.enumerated() where comparison.state(of: run) != .finished
      {
        report(
          "run \(index + 1) of \(comparison.runs.count): \(run.row.name), seed \(run.seed)")
        let session = try comparison.session(for: run, backend: backend) { report($0) }
        session.announce(comparison.data)
        let outcome = try session.run(until: interrupt)
        if outcome.wasInterrupted {
          try stop("iteration \(outcome.iterations)", of: run, comparison)
        }
        try judge(run, session, comparison, interrupt)
      }
    }
    report("reading detections and resampling \(comparison.data.validation.count) images")
    let table = try comparison.table(
      bootstrap: Bootstrap(draws: bootstrap), pool: backend.pool)
    guard !table.rows.isEmpty else {
      throw ValidationError("no run in \(comparison.folder) is finished")
    }
    let files = try table.write(to: comparison.folder)
    print(table.text, terminator: "")
    report("written: " + files.joined(separator: ", "))
  }

  private func judge(
    _ run: Comparison.Run, _ session: TrainingSession, _ comparison: Comparison,
    _ interrupt: InterruptFlag
  ) throws {
    struct Interrupted: Error {}
    var meter = CountReporter(total: comparison.data.validation.count, unit: "images")
    do {
      let result = try comparison.finish(run, session) {
        if interrupt.isRaised { throw Interrupted() }
        meter.update($0)
      }
      meter.finish()
      let values = result.meanAveragePrecision.sorted { $0.key < $1.key }
        .map { "\($0.key) \(String(format: "%.4f", $0.value))" }
      report("\(run.folder.path): mAP of the last weights \(values.joined(separator: ", "))")
    } catch is Interrupted {
      meter.finish()
      try stop("the evaluation", of: run, comparison)
    }
    try RunPictures.writeCurves(of: run.folder)
  }

  private func stop(
    _ place: String, of run: Comparison.Run, _ comparison: Comparison
  ) throws -> Never {
    report(
      "interrupted in \(place) of \(run.folder.path); saved. Continue with the same command and "
        + "--out \(comparison.folder)")
    throw ExitCode(InterruptFlag.exitCode)
  }

  // MARK: - What was asked for

  private func makeComparison() throws -> Comparison {
    var arguments = arguments
    arguments.evaluateEvery = arguments.evaluateEvery ?? 0
    // The validation images must be the same for all seeds.
    let splitSeed: UInt64 = 1
    let material = try arguments.material(splitSeed: splitSeed)
    let imageCount = material.training.samples.count
    let rows = try chosenRows()
    let settings = arguments.settings
    let files = try rows.map {
      try $0.applied(to: material.file, settings: settings, imageCount: imageCount)
    }
    let nets = try files.map { try NetworkBuilder.build($0).net }
    if let stray = settings.first(where: { setting in
      !files.contains { $0.has(section: setting.section) }
    }) {
      throw ValidationError("--set \(stray): no row has a [\(stray.section)]")
    }
    return try Comparison(
      folder: out ?? RunFolder.unusedPath(in: "runs", name: "compare"), rows: rows,
      seeds: chosenSeeds(), data: material.data
    ) { [arguments] row, seed in
      let index = rows.firstIndex(of: row) ?? 0
      return (
        files[index],
        try arguments.configuration(nets[index], material, seed: seed, splitSeed: splitSeed)
      )
    }
  }

  private func chosenRows() throws -> [ComparisonRow] {
    do {
      return try ComparisonRow.named(rows.split(separator: ",").map(String.init))
    } catch let error as TrainingError {
      throw ValidationError("--rows: \(error)")
    }
  }

  private func chosenSeeds() throws -> [UInt64] {
    let parts = seeds.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt64($0) }
    guard numbers.count == parts.count, Set(numbers).count == numbers.count else {
      throw ValidationError("--seeds must be different numbers, such as 1,2,3")
    }
    return numbers
  }
}
