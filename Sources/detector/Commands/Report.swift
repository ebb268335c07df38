import ArgumentParser
import Compute
import Datasets
import Drawing
import Evaluation
import Experiments
import Files
import Foundation
import Training

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes one HTML page on the accuracy and the uncertainty of runs, side by side.",
    discussion: """
      Every run is evaluated on the same VOC images. The page needs no network and no script, and \
      says with every figure how to read it: precision and recall, reliability, risk and coverage, \
      confusion matrix, kinds of mistakes, training curves, the most confident mistakes and the \
      most uncertain detections as pictures, and the paired difference from the first run.

      Used are a run's best weights, or its last ones if it was never evaluated; the page says \
      which. The page is written when everything is done, or not at all.
      """)

  @Argument(help: ArgumentHelp("Folders of training runs.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "A VOC data set, PATH[:SPLIT]; may be repeated. (default split: val)", valueName: "path"))
  var voc: [String] = []

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("Writes the page here.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "Takes these weights of every run. (default: best where there are any)", valueName: "which"))
  var weights: RunWeights?

  @OptionGroup var prediction: DatasetPredictionOptions

  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp("Resamples of the images behind each 95 % interval.", valueName: "draws"))
  var bootstrap = 1000

  @Option(help: ArgumentHelp("Chooses the resamples.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Figures of trust and examples leave out detections with less confidence.",
      valueName: "number"))
  var trustFloor = 0.05

  @Option(
    help: ArgumentHelp("Pictures of either kind of example for every run.", valueName: "count"))
  var examples = 20

  func validate() throws {
    if voc.isEmpty { throw ValidationError("give the images with --voc") }
    if runs.isEmpty { throw ValidationError("name at least one run") }
    for share in [iou, trustFloor]
    where !(0...1).contains(share) {
      throw ValidationError("--iou and --trust-floor must be between 0 and 1")
    }
    if !(1...1_000_000).contains(bootstrap) {
      throw ValidationError("--bootstrap must be between 1 and 1000000")
    }
    if !(0...200).contains(examples) {
      throw ValidationError("--examples must be between 0 and 200")
    }
  }

  func run() throws {
    try AtomicFile.check(out)
    let backend = try runtime.makeBackend()
    let summaries = try runs.map { try RunSummary(RunFolder(path: $0), weights: weights) }
    let classNames = try commonClassNames(summaries)
    let data = try SampleSet(
      voc: voc.map { DataArgument(argument: $0) }, split: "val", classNames: classNames,
      valFraction: valFraction)
    report(data.problems)
    try data.checkClasses()
    let draws = Bootstrap(draws: bootstrap, seed: seed)
    let matcher = DetectionMatcher(threshold: iou)
    var evaluated: [ReportRun] = []
    var reference: [EvaluatedImage] = []
    for (index, name) in ReportRun.names(runs).enumerated() {
      let input = try ReportInput(
        run: runs[index], summary: summaries[index], data: data, backend: backend,
        prediction)
      var evaluation = try EvaluationReport(
        images: input.images, classNames: classNames, metrics: [.voc07, .voc12],
        matcher: matcher, settings: input.settings, bootstrap: draws, pool: backend.pool)
      evaluation.trust = try TrustReport(
        images: input.images, classNames: classNames, matcher: matcher,
        options: .init(scoreFloor: trustFloor, bootstrap: draws, pool: backend.pool))
      var run = try ReportRun(
        name: name, settings: input.settings, evaluation: evaluation, images: input.images,
        classNames: classNames, seconds: input.seconds)
      run.cautions = summaries[index].cautions(
        evaluating: voc.map { DataArgument(argument: $0) }, split: "val")
      run.losses = RunPictures.losses(summaries[index].log)
      run.validation = RunPictures.validation(summaries[index].log)
      try input.addExamples(to: &run, matcher: matcher, floor: trustFloor, count: examples)
      if index == 0 {
        reference = input.images
      } else {
        run.comparison = try EvaluationComparison(
          of: input.images, with: reference, name: evaluated[0].name, classNames: classNames,
          metrics: [.voc07, .voc12], matcher: matcher, bootstrap: draws, pool: backend.pool)
        run.trustDifference = try TrustDifference(
          from: reference, to: input.images, classNames: classNames, matcher: matcher,
          scoreFloor: trustFloor, bootstrap: draws, pool: backend.pool)
      }
      evaluated.append(run)
    }
    let page = EvaluationPage(
      data: voc.map { DataArgument(argument: $0).split == nil ? "\($0) (val)" : $0 }
        .joined(separator: ", "),
      problems: DataProblem.summary(of: data.problems), classNames: classNames, runs: evaluated)
    let html = try page.page().html
    try AtomicFile.write(html, to: out)
    print(
      "\(out): \(evaluated.count) run\(evaluated.count == 1 ? "" : "s"), "
        + "\(data.samples.count) images, \(html.utf8.count / 1000) kB")
  }

  /// The classes of all runs, which must be the same in the same order.
  private func commonClassNames(_ summaries: [RunSummary]) throws -> [String] {
    for (path, summary) in zip(runs, summaries) where summary.classNames != summaries[0].classNames
    {
      throw FileError(
        path: path,
        reason: "its classes (\(summary.classNames.joined(separator: ", "))) are not those of "
          + "\(runs[0]) (\(summaries[0].classNames.joined(separator: ", ")))")
    }
    return summaries[0].classNames
  }
}

extension RunWeights: ExpressibleByArgument {}
