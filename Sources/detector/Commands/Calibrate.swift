import ArgumentParser
import Compute
import Evaluation
import Experiments
import Files
import Training

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Fits a map from confidence to the probability of being right, or chooses thresholds.",
    discussion: """
      Use images that the model was not trained on, and others than those of the later evaluation: \
      detector eval --calibration refuses an image that the map was fitted on, and a map is not fitted \
      on training images of a --run unless --allow-training-images says so. What the map does \
      elsewhere is estimated by cross-validation and printed.

      Of a classifier, one temperature is fitted that its probabilities are softened or sharpened by; \
      detector predict --run then uses it.

      Of keypoints a map for each is fitted, from the height of its peak to the probability that it is \
      right (--pck, --pck-reference; of centres --peak-radius); --thresholds chooses the height from which \
      on the peaks of centres count, which detector predict --run and eval --run then use.

      The map of a run is kept in its folder, as calibration.json: detector detect --run then \
      reports recalibrated confidences. Beside it lies probability.json: how likely a detection is right, \
      from its confidence, the expected IoU if the run was trained with --place iou, and how many boxes \
      suppression merged into it, how well they agree and how confident they are: logistic regressions \
      without negative coefficients, of being right, of lying on an object with the IoU asked for, of the \
      class and of the IoU.

      With --thresholds, the confidence from which on each class is reported is chosen instead of a map, \
      and kept as thresholds.json: detector detect --run then uses it, and detector eval --run says what \
      it gives. Chosen are confidences of the network itself, midway between neighbouring ones of the \
      images: f1 takes the best F1 (of equal ones the largest confidence), precision=0.9 the smallest \
      confidence whose precision is at least 0.9 with 95 % certainty (Clopper-Pearson, one-sided). A class \
      with fewer than 10 objects, or nothing right, shares the threshold of all classes; one that never \
      reaches the precision takes the highest bound that it reaches. What is held out in fifths shows \
      how much of it is luck.
      """)

  @OptionGroup var truth: TruthOptions
  @OptionGroup var keypoints: KeypointOptions
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp(
      "Chooses a threshold for each class instead of a map: f1, or precision=0.9.",
      valueName: "rule"))
  var thresholds: String?

  @Option(help: ArgumentHelp("The family of maps, one per class.", valueName: "name"))
  var method: RecalibrationMap.Method = .platt

  @Option(help: ArgumentHelp("Detections with less confidence are left out.", valueName: "number"))
  var floor = 0.05

  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp(
      """
      Writes the map as JSON here. (default: calibration.json in the folder of --run; of --thresholds \
      thresholds.json)
      """,
      valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      """
      Writes here how likely a detection is right, from confidence, expected IoU and what suppression \
      merged. (default: probability.json in the folder of --run, unless there is --out)
      """, valueName: "file"))
  var probability: String?

  @Flag(help: "Fit or choose although the model was trained on some of the images.")
  var allowTrainingImages = false

  @Flag(help: "Replace what was fitted or chosen on more images, or on fewer training images.")
  var overwrite = false

  func validate() throws {
    if out == nil, truth.model.run == nil {
      throw ValidationError("give the file to write with --out; only a run keeps its own")
    }
    if !(0...1).contains(floor) || !(0...1).contains(iou) {
      throw ValidationError("--floor and --iou must be between 0 and 1")
    }
    let isMapped = method != .platt || floor != CalibrationExperiment().scoreFloor
    if thresholds != nil, isMapped || probability != nil {
      throw ValidationError("--method, --floor and --probability are not for --thresholds")
    }
    if let thresholds, ThresholdRule(thresholds) == nil {
      throw ValidationError(
        "--thresholds takes f1, or a precision between 0 and 1 such as precision=0.9")
    }
  }

  func run() throws {
    if let rule = thresholds.flatMap(ThresholdRule.init) {
      if try truth.classifier() != nil {
        try checkForClassifier([("--thresholds", true)])
      }
      if let network = try truth.keypoints() { return try fit(network, thresholds: rule) }
      return try chooseThresholds(rule)
    }
    let out = out ?? RunFolder(path: truth.model.run ?? "").calibration
    try AtomicFile.check(out)
    if let probability { try AtomicFile.check(probability) }
    if let classifier = try truth.classifier() { return try scale(classifier, out: out) }
    if let network = try truth.keypoints() { return try fit(network, thresholds: nil) }
    try check(keypoints.given, areFor: "objects with boxes")
    let console = Console()
    let backend = try runtime.makeBackend()
    let input = try truth.input(backend, console, keepsMerged: probabilityFile != nil)
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
    if let probabilityFile { try fitProbability(to: probabilityFile, input, backend, console) }
    if !input.leftOut.isEmpty { throw ExitCode.failure }
  }

  /// Where it is kept how likely a detection is right; nil: it is not fitted.
  private var probabilityFile: String? {
    probability ?? (out == nil ? truth.model.run.map { RunFolder(path: $0).probability } : nil)
  }

  private func fitProbability(
    to path: String, _ input: EvaluationInput, _ backend: any Backend, _ console: Console
  ) throws {
    var experiment = ProbabilityExperiment()
    experiment.overlap = iou
    experiment.scoreFloor = floor
    experiment.allowsTrainingImages = allowTrainingImages
    let (model, trial) = try experiment.run(on: input, pool: backend.pool)
    if let old = try ProbabilityExperiment.replaced(
      at: path, by: model, of: input, overwrites: overwrite)
    {
      console.say("note: replaced: \(old)")
    }
    let text = ResultText(beside: path)
    if let trial {
      text.say("probability of being right, on held-out fifths of the images: \(trial.text)")
    }
    try AtomicFile.write([UInt8](model.json()), to: path)
    text.say("\(model.text), fitted on \(input.images.count) images: \(path)")
  }

  /// Fits a map of the height of peaks, or chooses thresholds on it.
  private func fit(_ network: ModelChoice, thresholds rule: ThresholdRule?) throws {
    try check(
      truth.givenForDetection + [
        ("--floor", floor != CalibrationExperiment().scoreFloor),
        ("--iou", iou != CalibrationExperiment().overlap), ("--probability", probability != nil),
      ], areFor: "keypoints")
    try keypoints.check(for: network)
    let run = RunFolder(path: truth.model.run ?? "")
    let out = out ?? (rule == nil ? run.calibration : run.thresholds)
    try AtomicFile.check(out)
    let console = Console()
    var calibration = KeypointCalibration()
    calibration.rules = try keypoints.rules()
    calibration.method = method
    calibration.batchSize = truth.prediction.rules.smallBatch
    calibration.allowsTrainingImages = allowTrainingImages
    calibration.overwrites = overwrite
    let data = try truth.data.choice(orOf: truth.model.run.map { [$0] } ?? [], console)
    let backend = try runtime.makeBackend()
    let text = ResultText(beside: out)
    let unreadable: Int
    if let rule {
      let (chosen, leftOut) = try checkingUsage {
        try calibration.thresholds(
          by: rule, network, on: data, keptAt: out, backend: backend, console)
      }
      try AtomicFile.write([UInt8](chosen.json()), to: out)
      text.say(
        "peaks from \(NumberText.decimal(Double(chosen.pooled.threshold), digits: 3)) on count "
          + "(\(rule.text)), chosen on \(chosen.imageIDs.count) images: \(out)")
      unreadable = leftOut
    } else {
      let (map, trial, leftOut) = try checkingUsage {
        try calibration.map(network, on: data, keptAt: out, backend: backend, console)
      }
      try AtomicFile.write([UInt8](map.json()), to: out)
      if let trial { text.say("on held-out fifths of the images: \(trial.text)") }
      text.say(
        "\(method.rawValue) maps of \(map.classes.count) keypoints, fitted on "
          + "\(Set(map.imageIDs).count) samples: \(out)")
      unreadable = leftOut
    }
    if unreadable > 0 { throw ExitCode.failure }
  }

  private func scale(_ classifier: ModelChoice, out: String) throws {
    try check(keypoints.given, areFor: "classes")
    try checkForClassifier(
      truth.givenForDetection + [
        ("--method", method != .platt), ("--floor", floor != CalibrationExperiment().scoreFloor),
        ("--iou", iou != CalibrationExperiment().overlap), ("--probability", probability != nil),
      ])
    let console = Console()
    var calibration = ClassifierCalibration()
    calibration.batchSize = truth.prediction.rules.smallBatch
    calibration.allowsTrainingImages = allowTrainingImages
    calibration.overwrites = overwrite
    let data = try truth.data.choice(orOf: truth.model.run.map { [$0] } ?? [], console)
    let (scaling, leftOut) = try calibration.run(
      classifier, on: data, keptAt: out, backend: runtime.makeBackend(), console)
    try scaling.write(to: out)
    let text = ResultText(beside: out)
    text.say("on held-out fifths of the images: \(scaling.trial.text)")
    text.say("\(scaling.text), fitted on \(scaling.imageIDs.count) images: \(out)")
    if leftOut > 0 { throw ExitCode.failure }
  }

  private func chooseThresholds(_ rule: ThresholdRule) throws {
    let out = out ?? RunFolder(path: truth.model.run ?? "").thresholds
    try AtomicFile.check(out)
    let console = Console()
    let input = try truth.input(try runtime.makeBackend(), console)
    for note in input.notes { console.say("note: " + note) }
    var experiment = ThresholdExperiment(rule)
    experiment.overlap = iou
    experiment.floor = truth.detections == nil ? truth.prediction.confidence : 0
    experiment.data = truth.named
    experiment.allowsTrainingImages = allowTrainingImages
    let (chosen, trial) = try experiment.run(on: input)
    if let old = try ThresholdExperiment.replaced(
      at: out, by: chosen, of: input, overwrites: overwrite)
    {
      console.say("note: replaced: \(old)")
    }
    let text = ResultText(beside: out)
    text.say(
      lines: chosen.table(
        input.classNames.compactMap { chosen.classes[$0]?.outcome }, classNames: input.classNames,
        trial: trial))
    text.say(
      "in %; at least: the precision's lower bound, 95 % one-sided"
        + (trial == nil
          ? "" : "; held out: chosen on four fifths of the images, counted on the fifth"))
    try AtomicFile.write([UInt8](chosen.json()), to: out)
    text.say(
      "thresholds of \(chosen.classes.count) classes (\(rule.text)), chosen on"
        + " \(input.images.count) images: \(out)")
    if !input.leftOut.isEmpty { throw ExitCode.failure }
  }
}

extension RecalibrationMap.Method: ExpressibleByArgument {}
