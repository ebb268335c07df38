import ArgumentParser
import Experiments
import Files
import Foundation
import Tasks
import Training

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes one HTML page on the accuracy and the uncertainty of runs, side by side.",
    discussion: """
      Every run is evaluated on the same images: those of --voc or --data, or else the validation \
      images of the runs. The page needs no network and no script, and \
      says with every figure how to read it: precision and recall, reliability, risk and coverage, \
      confusion matrix, kinds of mistakes, training curves, the most confident mistakes and the \
      most uncertain detections as pictures, and the paired difference from the first run. Of \
      classifiers it shows in place of the kinds of mistakes what they take for what most often, with \
      pictures, and how well they know each class.

      Used are a run's best weights, or its last ones if it was never evaluated; the page says \
      which. The page is written when everything is done, or not at all.
      """)

  @Argument(help: ArgumentHelp("Folders of training runs.", valueName: "run"))
  var runs: [String]

  @OptionGroup var data: DataOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("Writes the page here; - is standard output.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "Takes these weights of every run. (default: best where there are any)", valueName: "which"))
  var weights: RunWeights?

  @OptionGroup var prediction: PredictionOptions
  @OptionGroup var judgement: JudgementOptions

  @Option(
    help: ArgumentHelp("Pictures of either kind of example for every run.", valueName: "count"))
  var examples = 20

  /// What was called, to be called again.
  private static var line: String {
    (["detector"] + CommandLine.arguments.dropFirst()).map { word in
      word.contains(where: { " \t\"'$&;*?<>|\\".contains($0) })
        ? "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'" : word
    }.joined(separator: " ")
  }

  func validate() throws {
    if runs.isEmpty { throw ValidationError("name at least one run") }
    if judgement.bootstrap < 1 {
      throw ValidationError("--bootstrap must be between 1 and 1000000")
    }
    if !(0...200).contains(examples) {
      throw ValidationError("--examples must be between 0 and 200")
    }
  }

  func run() throws {
    try AtomicFile.check(out)
    let console = Console()
    let ofDetection = prediction.givenForDetection + judgement.givenForDetection
    if let task = try runs.first.map({ try ModelChoice(.run($0, weights)).task() }) {
      if task == ClassificationTask.self { try checkForClassifier(ofDetection) }
      if task == KeypointTask.self || task == CenterTask.self {
        try check(ofDetection, areFor: "keypoints")
      }
    }
    var page = RunsPage(runs: runs, data: try data.choice(orOf: runs, console))
    page.weights = weights
    page.rules = prediction.rules
    page.judgement = judgement.judgement
    page.exampleCount = examples
    page.footer = "Made by detector \(toolVersion) on \(RunSummary.text(of: Date())): \(Self.line)"
    let (html, counted, unreadable) = try page.html(
      backend: try runtime.makeBackend(), console)
    try AtomicFile.write(html, to: out)
    ResultText(beside: out).say(
      "\(out): \(runs.count) run\(runs.count == 1 ? "" : "s"), "
        + "\(counted), \(html.utf8.count / 1000) kB")
    if unreadable > 0 { throw ExitCode.failure }
  }
}

extension RunWeights: ExpressibleByArgument {}
