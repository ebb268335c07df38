import ArgumentParser
import Darknet
import Data
import Detection
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
      """)

  @Option(
    help: ArgumentHelp(
      "A VOC data set, PATH[:SPLIT]; may be repeated. (default split: val)", valueName: "path"))
  var voc: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: RuntimeOptions

  @Option(
    help: ArgumentHelp(
      "Detection files instead of a model: a JSON file, a comp4 file, or a folder.",
      valueName: "path"))
  var detections: String?

  @Option(
    help: ArgumentHelp("Metrics, separated by commas: voc07, voc12, coco.", valueName: "names"))
  var metric = "voc07,voc12"

  @Option(help: ArgumentHelp("Detections need a larger confidence.", valueName: "number"))
  var confidence: Float = 0.005

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms: Float = 0.45

  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp(
      "Classes without objects: exclude them from the mean, or count them as zero.",
      valueName: "rule"))
  var absent: VOCEvaluation.AbsentClassRule = .exclude

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  @Option(help: ArgumentHelp("Images that are run at once.", valueName: "images"))
  var batch = 4

  @Option(
    help: ArgumentHelp(
      "Writes the result as JSON here; of a --run also to eval.json in its folder.",
      valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Draws precision-recall curves here. (default: plots/ of --run)", valueName: "dir"))
  var plots: String?

  @Option(
    help: ArgumentHelp(
      "Writes detections here: a folder for comp4 files, or a .json file.", valueName: "path"))
  var saveDetections: String?

  func validate() throws {
    if voc.isEmpty { throw ValidationError("give a data set with --voc") }
    if detections != nil && (model.run != nil || model.model != nil) {
      throw ValidationError("give a model or --detections, not both")
    }
    if !(0...1).contains(confidence) || !(0...1).contains(nms) || !(0...1).contains(iou) {
      throw ValidationError("--confidence, --nms and --iou must be between 0 and 1")
    }
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    if let plots { try Folder.make(plots) }
    let metrics = try EvaluationMetric.list(metric)
    let sources = voc.map { VOCSource(argument: $0) }
    func dataset(_ names: [String]?) throws -> VOCDataset {
      let dataset = try VOCDataset(
        sources: sources, split: "val", classNames: names, valFraction: valFraction)
      report(dataset.problems)
      return dataset
    }
    let images: [EvaluatedImage]
    let classNames: [String]
    var settings: [EvaluationReport.Setting] = []
    if let detections {
      let names = try model.names.map { try DetectionModel.readNames(URL(filePath: $0)) }
      let data = try dataset(names)
      classNames = data.classNames
      let files = try DetectionFiles.read(URL(filePath: detections), classNames: classNames)
      images = try EvaluatedImage.joining(
        files, to: data.items.map { EvaluatedImage(id: $0.id, objects: $0.truths) },
        classNames: classNames)
      settings.append(.init("detections", detections))
    } else {
      let backend = try runtime.makeBackend()
      guard let loaded = try model.load(backend) else {
        throw ValidationError("name a model with --run or --model, or files with --detections")
      }
      let data = try dataset(loaded.classNames)
      classNames = data.classNames
      if let count = loaded.network.heads.first?.head.classCount, count != classNames.count {
        throw ValidationError(
          "the model has \(count) classes, the data \(classNames.count); give --names")
      }
      let predictor = Predictor(
        network: loaded.network,
        settings: model.settings(loaded, confidence: confidence, suppression: nms))
      report("model: \(loaded.origin)")
      var meter = CountReporter(total: data.items.count, unit: "images")
      images = try DatasetPredictions.evaluatedImages(
        data.items, predictor: predictor, batchSize: batch
      ) { meter.update($0) }
      meter.finish()
      let used = predictor.settings
      settings = [
        .init("input", "\(used.inputWidth)x\(used.inputHeight)"),
        .init("resize", used.resizeMode.rawValue), .init("confidence", "\(confidence)"),
        .init("nms", "\(nms)"),
      ]
    }
    let result = try EvaluationReport(
      images: images, classNames: classNames, metrics: metrics,
      matcher: DetectionMatcher(threshold: iou), absentClass: absent, settings: settings)
    print(result.table)
    if let saveDetections { try write(images, classNames, to: saveDetections) }
    let text = String(decoding: try result.json(), as: UTF8.self)
    if let json { try AtomicFile.write(text, to: json) }
    let folder = model.run.map { RunFolder(path: $0) }
    if let folder { try AtomicFile.write(text, to: folder.file("eval.json")) }
    if let pictures = plots ?? folder?.plots {
      for path in try RunPictures.writePrecisionRecall(result, to: pictures) { report(path) }
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
