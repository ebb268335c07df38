import ArgumentParser
import Evaluation
import Experiments
import Files
import Training

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fits a map from confidence to the probability of being right.",
    discussion: """
      Use images that the model was not trained on, and others than those of the later evaluation: \
      detector eval --calibration refuses an image that the map was fitted on, and a map is not fitted \
      on training images of a --run unless --allow-training-images says so. What the map does \
      elsewhere is estimated by cross-validation and printed.

      The map of a run is kept in its folder, as calibration.json: detector detect --run then \
      reports recalibrated confidences.
      """)

  @OptionGroup var truth: TruthOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("The family of maps, one per class.", valueName: "name"))
  var method: RecalibrationMap.Method = .platt

  @Option(help: ArgumentHelp("Detections with less confidence are left out.", valueName: "number"))
  var floor = 0.05

  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp(
      "Writes the map as JSON here. (default: calibration.json in the folder of --run)",
      valueName: "file"))
  var out: String?

  @Flag(help: "Fit the map although the model was trained on some of the images.")
  var allowTrainingImages = false

  @Flag(help: "Replace a map that was fitted on more images, or on fewer training images.")
  var overwrite = false

  func validate() throws {
    if out == nil, truth.model.run == nil {
      throw ValidationError("give the file to write with --out; only a run keeps its own")
    }
    if !(0...1).contains(floor) || !(0...1).contains(iou) {
      throw ValidationError("--floor and --iou must be between 0 and 1")
    }
  }

  func run() throws {
    let out = out ?? RunFolder(path: truth.model.run ?? "").calibration
    try AtomicFile.check(out)
    let console = Console()
    let input = try truth.input(try runtime.makeBackend(), console)
    for note in input.notes { console.say("note: " + note) }
    var experiment = CalibrationExperiment()
    experiment.method = method
    experiment.overlap = iou
    experiment.scoreFloor = floor
    experiment.allowsTrainingImages = allowTrainingImages
    let (map, trial) = try experiment.run(on: input)
    if let old = try CalibrationExperiment.replaced(
      at: out, by: map, of: input, overwrites: overwrite)
    {
      console.say("note: replaced: \(old)")
    }
    let text = ResultText(beside: out)
    if let trial { text.say("on held-out fifths of the images: \(trial.text)") }
    try AtomicFile.write([UInt8](map.json()), to: out)
    text.say(
      "\(method.rawValue) maps of \(map.classes.count) classes, fitted on \(input.images.count)"
        + " images: \(out)")
    if !input.leftOut.isEmpty { throw ExitCode.failure }
  }
}

extension RecalibrationMap.Method: ExpressibleByArgument {}
