import ArgumentParser
import Compute
import Datasets
import Drawing
import Evaluation
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training
import Uncertainty

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

      For each are given mAP, how many detections are left above --trust-floor, their mean \
      confidence, the mean BALD and entropy of a network with a Bayesian branch, and how well \
      confidence is calibrated (D-ECE). The noise of an image depends on --seed and the image \
      alone. Pixels are those of the image: the same blur hides more in a small image. Means are of \
      the detections that are left: objects that are no longer found are in mAP only.
      """)

  @Option(
    help: ArgumentHelp(
      "A VOC data set, PATH[:SPLIT]; may be repeated. (default split: val)", valueName: "path"))
  var voc: [String]

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  @Option(help: ArgumentHelp("The first images only.", valueName: "count"))
  var limit: Int?

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("What to do to the images, separated by commas.", valueName: "names"))
  var corruptions = "all"

  @Option(help: ArgumentHelp("How much of it, such as 0-5 or 0,2,4.", valueName: "numbers"))
  var severities = "0-5"

  @Option(help: ArgumentHelp("Chooses noise and resamples.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var prediction: DatasetPredictionOptions

  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp(
      "All but mAP leave out detections with less confidence.", valueName: "number"))
  var trustFloor = 0.05

  @Option(
    help: ArgumentHelp(
      "Resamples of the images behind each 95 % interval; 0 for no intervals.", valueName: "draws"))
  var bootstrap = 1000

  @Option(help: ArgumentHelp("Writes the result as JSON here.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp("Draws mAP and uncertainty against the severity here.", valueName: "png"))
  var plot: String?

  func validate() throws {
    try model.validateIsNamed()
    if !(0...1).contains(iou) || !(0...1).contains(trustFloor) {
      throw ValidationError("--iou and --trust-floor must be between 0 and 1")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    if bootstrap < 0 || bootstrap > 1_000_000 {
      throw ValidationError("--bootstrap must be between 0 and 1000000")
    }
    _ = try kinds()
    _ = try chosenSeverities()
  }

  func run() throws {
    for case let file? in [json, plot] { try AtomicFile.check(file) }
    let backend = try runtime.makeBackend()
    guard let loaded = try model.load(backend) else { return }
    let data = try SampleSet(
      voc: voc.map { DataArgument(argument: $0) }, split: "val", classNames: loaded.classNames,
      valFraction: valFraction)
    report(data.problems)
    try data.checkClasses()
    let classCount = try loaded.detectedClassNames().count
    guard classCount == data.classNames.count else {
      throw ValidationError(
        "the model has \(classCount) classes, the data \(data.classNames.count); give --names")
    }
    var settings = model.settings(
      loaded, confidence: prediction.confidence, suppression: prediction.nms)
    settings.keepsUncertainty = loaded.knowsUncertainty
    let predictor = Predictor(network: loaded.network, settings: settings)
    report("model: \(loaded.origin)")
    let items = Array(data.samples.prefix(limit ?? .max))
    let options = TrustReport.Options(
      scoreFloor: trustFloor,
      bootstrap: bootstrap > 0 ? Bootstrap(draws: bootstrap, seed: seed) : nil, pool: backend.pool)
    let steps = try disturbances()
    var meter = CountReporter(total: items.count * steps.count, unit: "images")
    var rows: [ShiftReport.Row] = []
    for (index, corruption) in steps.enumerated() {
      let images = try DatasetPredictions.evaluatedImages(
        items, predictor: predictor, batchSize: prediction.batch, corruption: corruption, seed: seed
      ) { meter.update(index * items.count + $0) }
      let measures = try ShiftReport.Measures(
        images: images, classNames: data.classNames, matcher: DetectionMatcher(threshold: iou),
        options: options)
      rows.append(ShiftReport.Row(corruption, measures))
    }
    meter.finish()
    let result = ShiftReport(
      imageCount: items.count, rows: rows, scoreFloor: trustFloor,
      settings: [
        .init("input", "\(settings.inputWidth)x\(settings.inputHeight)"),
        .init("resize", settings.resizeMode.rawValue),
        .init("confidence", "\(prediction.confidence)"),
        .init("nms", "\(prediction.nms)"), .init("iou", "\(iou)"), .init("seed", "\(seed)"),
      ]
        + (data.problems.isEmpty
          ? []
          : [
            .init(
              "left out of the data", DataProblem.summary(of: data.problems).joined(separator: "; ")
            )
          ]))
    print(result.table, terminator: "")
    if let json { try JSONFile.write(result, to: json) }
    if let plot { try ShiftPlot(result).image().writePNG(to: URL(filePath: plot)) }
  }

  /// What to do to the images; nil, once, for nothing at all.
  private func disturbances() throws -> [ImageCorruption?] {
    let severities = try chosenSeverities()
    let none: [ImageCorruption?] = severities.contains(0) ? [nil] : []
    return none
      + (try kinds().flatMap { kind in
        severities.filter { $0 > 0 }.map { ImageCorruption(kind, severity: $0) }
      })
  }

  private func kinds() throws -> [ImageCorruption.Kind] {
    if corruptions == "all" { return ImageCorruption.Kind.allCases }
    var kinds: [ImageCorruption.Kind] = []
    for name in corruptions.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = ImageCorruption.Kind(rawValue: String(name)) else {
        let known = ImageCorruption.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no corruption '\(name)'; --corruptions takes all, \(known)")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  private func chosenSeverities() throws -> [Int] {
    var chosen: Set<Int> = []
    for part in severities.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first <= last, ImageCorruption.severities.contains(first),
        ImageCorruption.severities.contains(last)
      else { throw ValidationError("--severities must be from 0 to 5, such as 0-5 or 0,2,4") }
      chosen.formUnion(first...last)
    }
    return chosen.sorted()
  }
}

extension ShiftReport.Row {
  fileprivate init(_ corruption: ImageCorruption?, _ measures: ShiftReport.Measures) {
    guard let corruption, let parameter = corruption.parameter else {
      self.init(undisturbed: measures)
      return
    }
    self.init(
      corruption: corruption.kind.rawValue, severity: corruption.severity, parameter: parameter,
      parameterName: corruption.kind.parameterName, measures: measures)
  }
}
