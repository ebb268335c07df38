import ArgumentParser
import Experiments
import Tasks

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says of which class images are, or where their keypoints are, and how sure that is.",
    discussion: """
      Images are files, or folders of them. The model is the run of a classifier (--run), or Darknet \
      files (--model and --weights) of a network that ends with [softmax]. An image that cannot be \
      read is named, the others are done, and the exit code is 1. detector detect is for networks \
      that find objects.

      The entropy is that of all probabilities. A network with a Bayesian layer (train --branch \
      convBayes) adds BALD, the mutual information of class and weights, both in bits.

      Of a network of keypoints it says where each is, in pixels, and how high its map is there; of \
      centres all peaks. A network of one person looks at the whole image, or at the boxes of persons \
      that detector detect --json found (--boxes).
      """)

  @Argument(help: ArgumentHelp("Images, or folders of images.", valueName: "image"))
  var images: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var keypoints: KeypointOptions
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp(
      "Of keypoints: looks at the boxes of this file, JSON of detector detect.", valueName: "file"))
  var boxes: String?

  @Option(
    help: ArgumentHelp("Looks at boxes of this class alone, such as person.", valueName: "name"))
  var boxClass: String?

  @Option(help: ArgumentHelp("How many classes are named.", valueName: "count"))
  var top = 5

  @Option(
    help: ArgumentHelp("Writes the answers as JSON here; - is standard output.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp("Draws the images with their answers on one sheet, PNG.", valueName: "file"))
  var sheet: String?

  @Option(
    help: ArgumentHelp(
      "Of keypoints: draws the images with what was found into this folder.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      """
      Recalibrates the probabilities with a file of detector calibrate. (default: the one in the \
      folder of --run, if there is one)
      """, valueName: "file"))
  var calibration: String?

  @Flag(help: "Report the network's own probabilities, whatever is in the folder of --run.")
  var rawConfidence = false

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    _ = try model.named()
    if top < 1 { throw ValidationError("--top must be at least 1") }
    if boxClass != nil && boxes == nil { throw ValidationError("--box-class needs --boxes") }
    if calibration != nil && rawConfidence {
      throw ValidationError("--calibration and --raw-confidence exclude each other")
    }
  }

  func run() throws {
    let model = try model.named()
    let task = try model.task()
    if task == DetectionTask.self {
      throw ValidationError("this network finds objects: ask it with detector detect")
    }
    if task == KeypointTask.self || task == CenterTask.self { return try findKeypoints(model) }
    try check(
      keypoints.given + [
        ("--boxes", boxes != nil), ("--box-class", boxClass != nil), ("--out", out != nil),
      ],
      areFor: "classes")
    var prediction = PredictionRun(model: model)
    prediction.top = top
    prediction.calibration = calibration ?? (rawConfidence ? nil : model.ownCalibration)
    prediction.sheet = sheet
    prediction.json = json
    let console = Console(isQuiet: quiet)
    let text = ResultText(beside: json)
    let outcome = try prediction.run(on: images, backend: runtime.makeBackend(), console) {
      if !quiet { text.say($0.text) }
    }
    try DetectionOptions.finish(outcome, console)
  }

  private func findKeypoints(_ model: ModelChoice) throws {
    try check(
      [
        ("--top", top != 5), ("--sheet", sheet != nil),
      ], areFor: "keypoints")
    try keypoints.check(for: model)
    var prediction = KeypointPredictionRun(model: model)
    prediction.rules = try keypoints.rules().completed(by: model)
    prediction.boxes = boxes
    prediction.boxClass = boxClass
    prediction.pictures = out
    prediction.calibration = calibration ?? (rawConfidence ? nil : model.ownCalibration)
    prediction.json = json
    let console = Console(isQuiet: quiet)
    let text = ResultText(beside: json)
    let outcome = try prediction.run(on: images, backend: runtime.makeBackend(), console) {
      if !quiet { text.say($0.text) }
    }
    try DetectionOptions.finish(outcome, console)
  }
}
