import ArgumentParser
import Compute
import Evaluation
import Files
import Foundation
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Computes the mAP of a model, or of detection files, on a VOC split.",
    discussion: """
      The model is a training run (--run), Darknet files (--model and --weights), or nothing: \
      then --detections names files that any detector wrote, VOC's comp4_det_test_CLASS.txt or \
      the JSON of detector detect. Objects flagged difficult are neither right nor wrong.

      Below the mAP stands how far the detections can be trusted: calibration (D-ECE, LaECE, Brier, \
      NLL), the LRP error at its best threshold, how well confidence and uncertainty tell wrong \
      detections from right ones (AUROC, AUPR, risk-coverage, PAvPU), and which mistakes cost how \
      much. Intervals come from resampling the images.

      Input that cannot be right is an error. Lines that begin with note: say what is allowed but \
      seldom meant, such as images that the detection files leave out; they are in the JSON as well.
      """)

  @OptionGroup var truth: TruthOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var found: FoundOptions
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp("Metrics, separated by commas: voc07, voc12, coco.", valueName: "names"))
  var metric = "voc07,voc12"

  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp(
      "Classes without objects: exclude them from the mean, or count them as zero.",
      valueName: "rule"))
  var absent: VOCEvaluation.AbsentClassRule = .exclude

  @Option(
    help: ArgumentHelp(
      "Resamples of the images behind each 95 % interval; 0 for no intervals.", valueName: "draws"))
  var bootstrap = 1000

  @Option(help: ArgumentHelp("Chooses the resamples.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Compares with the detections of a file or folder, or of another run, on the same images.",
      valueName: "path"))
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Recalibrates the confidences first, with a file of detector calibrate.", valueName: "file"))
  var calibration: String?

  @Option(
    help: ArgumentHelp(
      "Metrics of trust leave out detections with less confidence.", valueName: "number"))
  var trustFloor = 0.05

  @Option(
    help: ArgumentHelp(
      """
      Also gives what other tools would, separated by commas, and which of their rules differ: \
      devkit, frcnn, detectron2, alexey, chainer, coco.
      """, valueName: "tools"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "Looks for the threshold that promises at most this share of wrong detections.",
      valueName: "share"))
  var risk = 0.1

  @Flag(help: "Leave out the metrics of trust.")
  var mapOnly = false

  @Option(
    help: ArgumentHelp(
      "Writes the result as JSON here; of a --run also to eval.json in its folder.",
      valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Draws precision-recall, reliability and risk-coverage curves here. (default: plots/ of --run)",
      valueName: "dir"))
  var plots: String?

  @Option(
    help: ArgumentHelp("Writes eval.json and the curves into this folder.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Writes detections here: a folder for comp4 files, or a .json file.", valueName: "path"))
  var saveDetections: String?

  func validate() throws {
    try truth.check(found, model)
    if !(0...1).contains(iou) || !(0...1).contains(trustFloor) || !(0...1).contains(risk) {
      throw ValidationError("--iou, --trust-floor and --risk must be between 0 and 1")
    }
    if bootstrap < 0 || bootstrap > 1_000_000 {
      throw ValidationError("--bootstrap must be between 0 and 1000000")
    }
    if against != nil && bootstrap == 0 {
      throw ValidationError("--against needs intervals: give --bootstrap at least 1")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    for case let folder? in [plots, out] { try Folder.make(folder) }
    let metrics = try EvaluationMetric.list(metric)
    let tools = try referenceTools()
    let backend = try runtime.makeBackend()
    let pool = backend.pool
    let input = try EvaluationInput(truth: truth, model: model, found: found, backend: backend)
    let images = try calibrated(input)
    let other = try against.map { try input.other($0, found, backend: backend) }
    let matcher = DetectionMatcher(threshold: iou)
    let draws = bootstrap > 0 ? Bootstrap(draws: bootstrap, seed: seed) : nil
    var result = try EvaluationReport(
      images: images, classNames: input.classNames, metrics: metrics, matcher: matcher,
      absentClass: absent,
      settings: input.settings + (calibration.map { [.init("calibration", $0)] } ?? []),
      bootstrap: draws, pool: pool)
    result.notes = input.omissions + input.notes + (other?.notes ?? [])
    if calibration != nil {
      let trial = try RecalibrationTrial(
        from: input.images, to: images, classNames: input.classNames, matcher: matcher,
        scoreFloor: trustFloor)
      result.notes.append(
        "recalibration changes \(trial.text), of the \(trial.count) detections with confidence"
          + String(format: " from %g on before", trustFloor))
    }
    if !mapOnly {
      result.trust = try TrustReport(
        images: images, classNames: input.classNames, matcher: matcher,
        options: .init(scoreFloor: trustFloor, maximumRisk: risk, bootstrap: draws, pool: pool))
    }
    if let other, let against, let draws {
      result.comparison = try EvaluationComparison(
        of: images, with: other.images, name: against, classNames: input.classNames,
        metrics: metrics, matcher: matcher, absentClass: absent, bootstrap: draws, pool: pool)
    }
    result.references = try tools.map {
      try $0.evaluate(images, classNames: input.classNames, threshold: iou)
    }
    print(result.table)
    if let saveDetections { try write(images, input.classNames, to: saveDetections) }
    let text = String(decoding: try result.json(), as: UTF8.self)
    let folder = model.run.map { RunFolder(path: $0) }
    for case let path? in [json, folder?.file("eval.json"), out.map { $0 + "/eval.json" }] {
      try AtomicFile.write(text, to: path)
    }
    for pictures in Set([plots ?? folder?.plots, out].compactMap(\.self)).sorted() {
      for path in try RunPictures.writeEvaluation(result, to: pictures) { report(path) }
    }
  }

  /// The images with recalibrated confidences, if that was asked for.
  private func calibrated(_ input: EvaluationInput) throws -> [EvaluatedImage] {
    guard let calibration else { return input.images }
    return try RecalibrationModel(contentsOf: URL(filePath: calibration))
      .applied(to: input.images, classNames: input.classNames)
  }

  private func referenceTools() throws -> [ReferenceTool] {
    try (reference ?? "").split(separator: ",").map { name in
      guard let tool = ReferenceTool(rawValue: name.filter { $0 != " " }) else {
        let known = ReferenceTool.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("unknown --reference '\(name)'; choose from \(known)")
      }
      return tool
    }
  }

  private func write(
    _ images: [EvaluatedImage], _ classNames: [String], to path: String
  ) throws {
    let named = images.map { $0.named(classNames) }
    if path.hasSuffix(".json") {
      try AtomicFile.write(
        String(decoding: try JSONDetectionFile.data(named), as: UTF8.self), to: path)
    } else {
      try VOCDetectionFile.write(named, classNames: classNames, to: URL(filePath: path))
    }
  }
}

extension VOCEvaluation.AbsentClassRule: ExpressibleByArgument {}
