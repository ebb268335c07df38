import ArgumentParser
import Compute
import Evaluation
import Experiments
import Training

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains several losses with several seeds on one data set, and compares them.",
    discussion: """
      Rows of the paper: \(names(rows.paper)). Controls, which tell what else could \
      explain a gain: \(names(rows.controls)). Beyond the paper: \
      \(names(rows.beyond)). How well boxes are placed: \(names(rows.place)). --rows also takes paper, \
      controls, beyond, place and all.

      Of classifiers: \(names(classes.paper)); controls: \(names(classes.controls)); beyond: \
      \(names(classes.beyond)).

      Of networks of joints: \(names(joints.paper)); controls: \(names(joints.controls)); beyond: \
      \(names(joints.beyond)). Of centres of objects: \(names(centers.paper)); controls: \
      \(names(centers.controls)); beyond: \(names(centers.beyond)).

      Every run is a run folder, OUT/ROW/seed-N. All rows of a seed start from the same weights and \
      see the same images in the same order. A run's last weights are judged: the best ones on the \
      validation images would be chosen with the images that judge. There is one evaluation, at the \
      end, unless --evaluate-every asks for more.

      Under mpirun every rank takes runs of its own: mpirun -n 4 detector compare ...; all hosts must see \
      --out.

      Ctrl-C saves and stops; the same command goes on. Finished runs are not repeated, and rows \
      or seeds may be added.
      """)

  private static let rows = ComparisonRows.detection
  private static let classes = ComparisonRows.classification
  private static let joints = ComparisonRows.keypoints
  private static let centers = ComparisonRows.centers

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
    help: ArgumentHelp(
      "Sets a key in all sections of a name for one row, ROW:SECTION.KEY=VALUE; may be repeated.",
      valueName: "setting"))
  var rowSet: [String] = []

  @Option(
    help: ArgumentHelp("Resamples of the images behind each 95 % interval.", valueName: "draws"))
  var bootstrap = 1000

  @Option(
    help: ArgumentHelp(
      """
      Train nothing: say which difference so many seeds can see if their paired differences scatter by so \
      many points (a standard deviation, as the table of a smaller study has it).
      """, valueName: "points"))
  var power: Double?

  @Flag(help: "Train nothing: the table of the runs that are finished.")
  var tableOnly = false

  func validate() throws {
    try arguments.data.validateIsGiven("training data")
    if arguments.patience != nil {
      throw ValidationError(
        "--patience would let the images that judge decide when a run ends; leave it out")
    }
    if !(1...1_000_000).contains(bootstrap) {
      throw ValidationError("--bootstrap must be between 1 and 1000000")
    }
    if let power, !(power > 0 && power.isFinite) {
      throw ValidationError("--power must be above 0")
    }
    try checkingUsage(plan)
  }

  func run() throws {
    if let power {
      let seeds = try ComparisonPlan.seeds(named: seeds).count
      print(ComparisonPower(seedDeviation: power, seeds: seeds).text, terminator: "")
      return
    }
    let ranks = try Ranks()
    let backend = try runtime.makeBackend()
    var interruption: ComparisonInterruption?
    try ranks.run {
      do {
        try compare(backend, ranks.group)
      } catch let found as ComparisonInterruption {
        interruption = found
      }
    }
    ranks.leave()
    if interruption != nil { throw ExitCode(InterruptFlag.exitCode) }
  }

  private func compare(_ backend: any Backend, _ group: any ProcessGroup) throws {
    // What all ranks would say of the data, one does.
    let console =
      group.isFirst ? Console() : Console(ProgressOutput(write: { _ in }, width: { nil }))
    let told = try group.gathering {
      Message(out ?? RunFolder.unusedPath(in: "runs", name: "compare")).bytes
    }
    var message = MessageReader(told[0])
    let folder = String(from: &message)
    let comparison = try group.together {
      let comparison = try plan().comparison(
        in: folder, version: toolVersion, pool: backend.pool, console)
      try comparison.check()
      return comparison
    }
    if !tableOnly {
      for line in try comparison.powerLines(pool: backend.pool) { console.say("power: " + line) }
      do {
        try comparison.trainAll(
          backend, sharedBy: group, until: .watching(group), Console())
      } catch let interruption as ComparisonInterruption {
        console.say(
          "interrupted in \(interruption.place); saved. Continue with the same command and "
            + "--out \(comparison.folder)")
        throw interruption
      }
    }
    guard group.isFirst else { return }
    console.say(
      "reading predictions and resampling \(comparison.imageCount) images")
    let table = try comparison.table(
      bootstrap: Bootstrap(draws: bootstrap), pool: backend.pool)
    guard !table.rows.isEmpty else {
      throw ValidationError("no run in \(comparison.folder) is finished")
    }
    let files = try table.write(to: comparison.folder)
    print(table.text, terminator: "")
    console.say("written: " + files.joined(separator: ", "))
  }

  private func plan() throws -> ComparisonPlan {
    var plan = ComparisonPlan(
      training: arguments.plan(evaluationEpochs: 0),
      rows: try ComparisonPlan.rows(named: rows), seeds: try ComparisonPlan.seeds(named: seeds))
    plan.rowSettings = try rowSet.map { try ComparisonPlan.rowSetting($0) }
    return plan
  }
}
