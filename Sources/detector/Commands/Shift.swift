import ArgumentParser
import Drawing
import Evaluation
import Experiments
import Files
import Foundation
import Images
import Tasks

struct Shift: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluates a model on images that get worse: does it know that it knows less?",
    discussion: """
      Every image is disturbed before it is resized, with a severity from 0 (as it is: the numbers of \
      detector eval) to 5:

      noise       normal, sigma of 255          10 20 35 50 70
      blur        Gaussian, sigma in pixels     1 2 3 4.5 6
      contrast    factor around the mean        .75 .6 .45 .3 .15
      jpeg        quality of 100                50 30 20 10 5
      brightness  offset of 255                 20 40 60 80 100
      light-jpeg  quality, for pictures of few  95 90 85 75 50
                  pixels; not part of all

      For each are given mAP, how many detections are left above --trust-floor, their mean \
      confidence, the mean BALD and entropy of a network with a Bayesian branch, and how well \
      confidence is calibrated (D-ECE). The noise of an image depends on --seed and the image \
      alone. Pixels are those of the image: the same blur hides more in a small image. Means are of \
      the detections that are left: objects that are no longer found are in mAP only. Of a classifier \
      there are accuracy, ECE and the means over all answers.

      Then single images: how well each number of an image (confidence, entropy, BALD of what is found, \
      number of detections, BALD and variance of all anchors) tells disturbed images from clean ones, and \
      those of --foreign, pictures of something else: AUROC, and how many pass where 95 % of the clean \
      ones do, so that every number raises as many false alarms. It needs severity 0.
      """)

  @OptionGroup var data: DataOptions

  @Option(help: ArgumentHelp("The first images only.", valueName: "count"))
  var limit: Int?

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("What to do to the images, separated by commas.", valueName: "names"))
  var corruptions = "all"

  @Option(help: ArgumentHelp("How much of it, such as 0-5 or 0,2,4.", valueName: "numbers"))
  var severities = "0-5"

  @Option(
    help: ArgumentHelp(
      "Images of something else, or a folder of them; may be repeated.", valueName: "path"))
  var foreign: [String] = []

  @OptionGroup var prediction: PredictionOptions
  @OptionGroup var judgement: JudgementOptions

  @Option(
    help: ArgumentHelp("Writes the result as JSON here; - is standard output.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Draws accuracy and uncertainty against the severity here.", valueName: "png"))
  var plot: String?

  func validate() throws {
    _ = try model.named()
    try data.validateIsGiven("the images")
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    try checkingUsage(disturbances)
    if !foreign.isEmpty, try !disturbances().severities.contains(0) {
      throw ValidationError("--foreign compares with the images as they are: --severities needs 0")
    }
  }

  func run() throws {
    for case let file? in [json, plot] { try AtomicFile.check(file) }
    let named = try model.named()
    if try named.task() == ClassificationTask.self {
      try checkForClassifier(prediction.givenForDetection + judgement.givenForDetection)
    }
    var experiment = ShiftExperiment(
      model: named, data: data.choice, disturbances: try disturbances(),
      rules: prediction.rules, judgement: judgement.judgement)
    experiment.limit = limit
    experiment.foreign = foreign
    let result = try experiment.run(backend: try runtime.makeBackend(), Console())
    ResultText(beside: json, plot).say(lines: result.table)
    if let json { try JSONFile.write(result, to: json) }
    if let plot { try ShiftPlot(result, title: subject).image().writePNG(to: URL(filePath: plot)) }
    if result.unreadableImages > 0 { throw ExitCode.failure }
  }

  /// What was looked at, for the title of the plots.
  private var subject: String {
    func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }
    let sets = (data.choice.voc + data.choice.other).map(name).joined(separator: ", ")
    return [(model.run ?? model.model).map(name), sets].compactMap(\.self).joined(separator: " on ")
  }

  private func disturbances() throws -> Disturbances {
    try Disturbances(kinds: corruptions, severities: severities)
  }
}
