import ArgumentParser
import Evaluation
import Experiments
import Files
import Foundation
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract:
      "Computes the mAP of a model, or of detection files, on a split; of a classifier its accuracy, of "
      + "keypoints their PCK.",
    discussion: """
      The model is a training run (--run), Darknet files (--model and --weights), or nothing: \
      then --detections names files that any detector wrote, VOC's comp4_det_test_CLASS.txt or \
      the JSON of detector detect. Objects flagged difficult are neither right nor wrong.

      Without --voc or --data, a run is judged on its validation images. Its own data are divided and \
      read as they were for it: --voc data:test has no image that it was trained on. Notes say how many \
      of the images the run was trained on, or chose its weights with.

      Below the mAP stands how far the detections can be trusted: calibration (D-ECE, LaECE, Brier, \
      NLL), the LRP error at its best threshold, how well confidence and uncertainty tell wrong \
      detections from right ones (AUROC; AUPR, AURC, E-AURC and PAvPU in the JSON), and which mistakes \
      cost how much. Intervals come from resampling the images.

      Of a classifier, which is told by its cfg: top-1, top-5 and balanced accuracy, precision, recall and \
      F1 of every class, calibration (ECE, also in bins of equal numbers and class by class, NLL, Brier), \
      how well confidence, entropy, margin and BALD tell wrong answers (AUROC, AUPR, FPR95: the wrong \
      ones that pass where 95 % of the right ones do, AURC) and, with --ood, images of no class, and the \
      most frequent confusions. The whole confusion matrix is in the JSON.

      Of a network of keypoints: the share of correct keypoints (PCK, of heads PCKh) by joint, its area, \
      errors in pixels, COCO's AP where the data have sigmas, and how well the height of a peak, the map \
      around it and BALD tell wrong joints. Of centres of objects: precision, recall, F1, AP, place and \
      count. Persons of one image are resampled together.

      Input that cannot be right is an error. Lines that begin with note: say what is allowed but \
      seldom meant, such as images that the detection files leave out; they are in the JSON as well.
      """)

  @OptionGroup var truth: TruthOptions
  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp("Metrics, separated by commas: voc07, voc12, coco.", valueName: "names"))
  var metric = Self.metrics
  private static let metrics = "voc07,voc12"

  @OptionGroup var judgement: JudgementOptions

  @Option(
    help: ArgumentHelp(
      "Classes without objects: exclude them from the mean, or count them as zero.",
      valueName: "rule"))
  var absent: VOCEvaluation.AbsentClassRule = .exclude

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
      """
      Judges how likely each detection is said to be right, by a file of detector calibrate. (default: \
      probability.json in the folder of --run, where it was not fitted on these images)
      """, valueName: "file"))
  var probability: String?

  @Option(
    help: ArgumentHelp(
      """
      Also gives precision, recall and F1 above the thresholds of a file of detector calibrate \
      --thresholds. (default: the file in the folder of --run, if there is one)
      """, valueName: "file"))
  var thresholds: String?

  @Option(
    help: ArgumentHelp(
      """
      Also gives what other tools would, separated by commas, and which of their rules differ: \
      devkit, frcnn, detectron2, alexey, chainer, coco; of keypoints mpii, bearpaw, hrnet, lsp.
      """, valueName: "tools"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "Looks for the threshold that promises at most this share of wrong detections.",
      valueName: "share"))
  var risk = 0.1

  @Option(
    help: ArgumentHelp(
      "Of a classifier: a folder of images of none of its classes, to be told from those of the data.",
      valueName: "dir"))
  var ood: String?

  @OptionGroup var keypoints: KeypointOptions

  @Flag(help: "Leave out the metrics of trust.")
  var mapOnly = false

  @Option(
    help: ArgumentHelp(
      """
      Writes the result as JSON here; of a --run also to eval.json in its folder. - is standard \
      output; the table then goes to standard error.
      """,
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
      """
      Writes detections here: a folder for comp4 files, or a .json file; - is JSON on standard \
      output.
      """, valueName: "path"))
  var saveDetections: String?

  func validate() throws {
    if !(0...1).contains(risk) { throw ValidationError("--risk must be between 0 and 1") }
    if against != nil && judgement.bootstrap == 0 {
      throw ValidationError("--against needs intervals: give --bootstrap at least 1")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    if let saveDetections { try DetectionListing.check(saveDetections) }
    for case let folder? in [plots, out] { try Folder.make(folder) }
    if let classifier = try truth.classifier() { return try judge(classifier) }
    if let network = try truth.keypoints() { return try judge(keypointsOf: network) }
    try check(keypoints.given, areFor: "objects with boxes")
    if ood != nil { throw ValidationError("--ood is for classifiers") }
    let experiment = try experiment()
    let backend = try runtime.makeBackend()
    let console = Console()
    let input = try truth.input(
      backend, console, keepsMerged: experiment.probability != nil)
    let (result, images) = try experiment.run(on: input, backend: backend)
    ResultText(beside: self.json, saveDetections).say(result.table)
    if let saveDetections {
      try DetectionListing.write(images, classNames: input.classNames, to: saveDetections)
    }
    let json = try [UInt8](result.json())
    let folder = truth.model.run.map { RunFolder(path: $0) }
    for case let path? in [self.json, folder?.file("eval.json"), out.map { $0 + "/eval.json" }] {
      try AtomicFile.write(json, to: path)
    }
    for pictures in Set([plots ?? folder?.plots, out].compactMap(\.self)).sorted() {
      for path in try RunPictures.writeEvaluation(result, of: subject, to: pictures) {
        console.say(path)
      }
    }
    if result.unreadableImages > 0 { throw ExitCode.failure }
  }

  /// What is judged on what, for titles.
  private var subject: String {
    func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }
    let model = [truth.model.run, truth.model.model, truth.detections].lazy.compactMap(\.self).first
    let data = truth.data.choice.voc + truth.data.choice.other
    return
      ([model].compactMap(\.self).map(name).joined()
      + (data.isEmpty
        ? " on its validation images" : " on " + data.map(name).joined(separator: ", ")))
  }

  private func judge(_ classifier: ModelChoice) throws {
    try check(keypoints.given, areFor: "classes")
    try checkForClassifier(
      truth.givenForDetection + judgement.givenForDetection + [
        ("--metric", metric != Self.metrics), ("--absent", absent != .exclude),
        ("--against", against != nil), ("--thresholds", thresholds != nil),
        ("--probability", probability != nil), ("--reference", reference != nil),
        ("--risk", risk != EvaluationExperiment().maximumRisk),
        ("--map-only", mapOnly), ("--save-detections", saveDetections != nil),
      ])
    var evaluation = ClassifierEvaluation()
    evaluation.draws = judgement.bootstrap
    evaluation.seed = judgement.seed
    evaluation.batchSize = truth.prediction.rules.smallBatch
    evaluation.unknown = ood
    evaluation.calibration = calibration
    let console = Console()
    let data = try truth.data.choice(orOf: truth.model.run.map { [$0] } ?? [], console)
    let report = try evaluation.run(
      classifier, on: data, backend: runtime.makeBackend(), console)
    ResultText(beside: json).say(lines: report.table)
    let folder = classifier.run
    let bytes = try [UInt8](report.json())
    for case let path? in [json, folder?.file("eval.json"), out.map { $0 + "/eval.json" }] {
      try AtomicFile.write(bytes, to: path)
    }
    for pictures in Set([plots ?? folder?.plots, out].compactMap(\.self)).sorted() {
      for path in try RunPictures.writeEvaluation(report, of: subject, to: pictures) {
        console.say(path)
      }
    }
    if report.unreadableImages > 0 { throw ExitCode.failure }
  }

  private func judge(keypointsOf network: ModelChoice) throws {
    try check(
      truth.givenForDetection + judgement.givenForDetection + [
        ("--metric", metric != Self.metrics), ("--absent", absent != .exclude),
        ("--against", against != nil), ("--thresholds", thresholds != nil),
        ("--calibration", calibration != nil), ("--probability", probability != nil),
        ("--ood", ood != nil),
        ("--risk", risk != EvaluationExperiment().maximumRisk), ("--map-only", mapOnly),
        ("--save-detections", saveDetections != nil),
      ], areFor: "keypoints")
    try keypoints.check(for: network)
    var evaluation = KeypointEvaluation()
    evaluation.draws = judgement.bootstrap
    evaluation.seed = judgement.seed
    evaluation.batchSize = truth.prediction.rules.smallBatch
    evaluation.rules = try keypoints.rules().completed(by: network)
    evaluation.tools = try (reference ?? "").split(separator: ",").map { name in
      guard let tool = KeypointTool(rawValue: String(name)) else {
        throw ValidationError(
          "--reference \(name): of keypoints there are "
            + KeypointTool.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return tool
    }
    let console = Console()
    let data = try truth.data.choice(orOf: truth.model.run.map { [$0] } ?? [], console)
    let report = try checkingUsage {
      try evaluation.run(network, on: data, backend: runtime.makeBackend(), console)
    }
    ResultText(beside: json).say(report.table)
    let bytes = try [UInt8](report.json())
    for case let path? in [json, network.run?.file("eval.json"), out.map { $0 + "/eval.json" }] {
      try AtomicFile.write(bytes, to: path)
    }
    let plots = plots ?? network.run.map { RunFolder(path: $0.path).plots }
    for pictures in Set([plots, out].compactMap(\.self)).sorted() {
      for path in try RunPictures.writeEvaluation(report, of: subject, to: pictures) {
        console.say(path)
      }
    }
    if report.unreadableImages > 0 { throw ExitCode.failure }
  }

  private func experiment() throws -> EvaluationExperiment {
    var experiment = EvaluationExperiment()
    experiment.metrics = try EvaluationMetric.list(metric)
    experiment.judgement = judgement.judgement
    experiment.absentClass = absent
    experiment.maximumRisk = risk
    experiment.isAccuracyOnly = mapOnly
    experiment.calibration = calibration
    experiment.probability = probability ?? truth.model.choice?.ownProbability
    experiment.mayLeaveProbabilityOut = probability == nil
    experiment.thresholds = thresholds ?? truth.model.choice?.ownThresholds
    experiment.other = against
    experiment.subject = truth.model.choice?.subject ?? .init()
    experiment.references = try EvaluationExperiment.references(named: reference ?? "")
    return experiment
  }
}

extension VOCEvaluation.AbsentClassRule: ExpressibleByArgument {}
