import ArgumentParser
import Darknet
import Datasets
import Detection
import Drawing
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training
import Uncertainty

struct UncertaintyMaps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uncertainty",
    abstract: "Maps where a Bayesian network is uncertain in images.",
    discussion: """
      Images are JPEG or PNG files, or folders of them. The model is a training run (--run) or \
      Darknet files (--model and --weights) whose [yolo] sections name a [convBayes] layer with \
      uncertainty=. An image that cannot be read is named, the others are done, and the exit code \
      is 1.

      Kinds: bald, the mutual information of objectness and weights in bits; sigma, the standard \
      deviation of the objectness's logit; entropy, that of the expected objectness in bits; \
      difficulty, for the images of --voc, the weight that training would give each anchor. The \
      colours of bald, entropy and difficulty go from 0 to 1, those of sigma from 0 to --sigma-limit, for \
      every image: maps of different images and models can be compared.

      The folder holds manifest.json and for each image a folder of its name: for every kind and \
      scale KIND-strideN.png and .npy (float32, [rows, columns, anchors], the whole network \
      input), KIND-combined.png and .npy ([rows, columns], all scales), and KIND-overlay.png \
      (detections beside the combined map over the photo).
      """)

  @Argument(help: ArgumentHelp("Images, or folders of images.", valueName: "image"))
  var images: [String] = []

  @Option(
    help: ArgumentHelp(
      "Takes the images of VOC data, PATH[:SPLIT], whose objects are known. (default split: val)",
      valueName: "path"))
  var voc: String?

  @Option(help: ArgumentHelp("The first images only.", valueName: "count"))
  var limit: Int?

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("Writes everything here.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "What to map, separated by commas: bald, sigma, entropy, difficulty.", valueName: "kinds"))
  var kind = "bald,sigma,entropy"

  @Option(help: ArgumentHelp("Where the colours of sigma end.", valueName: "logits"))
  var sigmaLimit = UncertaintyKind.defaultSigmaLimit

  @Option(help: ArgumentHelp("What becomes of the anchors of a cell.", valueName: "rule"))
  var anchors = ValueReduction.max

  @Option(help: ArgumentHelp("What becomes of the scales in a combined map.", valueName: "rule"))
  var scales = ValueReduction.max

  @Option(
    help: ArgumentHelp("What pictures show between the centres of cells.", valueName: "rule"))
  var sampling = HeatMap.Sampling.nearest

  @Option(help: ArgumentHelp("Opacity of the map over the photo, 0 to 1.", valueName: "number"))
  var opacity = 0.6

  @Option(
    help: ArgumentHelp("Detections that are drawn need a larger confidence.", valueName: "number"))
  var confidence: Float = 0.25

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms: Float = 0.45

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    try model.validateIsNamed()
    if !(0...1).contains(confidence) || !(0...1).contains(nms) {
      throw ValidationError("--confidence and --nms must be between 0 and 1")
    }
    if !(0...1).contains(opacity) { throw ValidationError("--opacity must be between 0 and 1") }
    if !(sigmaLimit > 0 && sigmaLimit.isFinite) {
      throw ValidationError("--sigma-limit must be a number above 0")
    }
    if images.isEmpty == (voc == nil) {
      throw ValidationError("give images, or VOC data with --voc")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    if voc == nil, try kinds().contains(.difficulty) {
      throw ValidationError("--kind difficulty needs to know the objects: give --voc")
    }
  }

  func run() throws {
    guard let loaded = try model.load(try runtime.makeBackend()) else { return }
    let classNames = try loaded.detectedClassNames()
    let bald = try loaded.bald()
    let pictures = try pictures(classNames: classNames)
    let files = pictures.map(\.file)
    // A place that cannot be written to must show before the work, not after it.
    try Folder.make(out)
    let folder = try UncertaintyFolder(out, sources: files)
    let kinds = try kinds()
    var settings = model.settings(loaded, confidence: confidence, suppression: nms)
    settings.classes = .best
    settings.keepsUncertainty = true
    let predictor = Predictor(network: loaded.network, settings: settings)
    if !quiet {
      report(
        "model: \(loaded.origin); input \(settings.inputWidth)x\(settings.inputHeight), "
          + "\(settings.resizeMode.rawValue)")
    }
    var entries: [UncertaintyManifest.Entry] = []
    for (file, truths) in pictures {
      let image: Image
      do {
        image = try Image.read(file.url)
      } catch let error as ImageError {
        report("Error: \(error)")
        continue
      }
      let found = try predictor.uncertainties(in: image, truths: truths)
      let content = UncertainImage(
        source: file, image: image,
        placement: predictor.placement(width: image.width, height: image.height),
        resize: settings.resizeMode, detections: found.detections,
        maps: try kinds.flatMap { try $0.maps(found, bald: bald) })
      let entry = try folder.write(content, classNames: classNames, style: style)
      if !quiet { print(entry.text) }
      entries.append(entry)
    }
    try folder.write(
      UncertaintyManifest(style: style, model: loaded.origin, bald: bald, images: entries))
    if entries.count < files.count {
      report("\(files.count - entries.count) of \(files.count) images could not be read")
      throw ExitCode.failure
    }
  }

  /// What to look at, with its objects where they are known.
  private func pictures(
    classNames: [String]
  ) throws -> [(file: ImageFile, truths: [GroundTruth]?)] {
    guard let voc else {
      return try ImageFile.list(images).prefix(limit ?? .max).map { ($0, nil) }
    }
    let data = try SampleSet(
      voc: [DataArgument(argument: voc)], split: "val", classNames: classNames)
    report(data.problems)
    let items = data.samples.prefix(limit ?? .max)
    let files = try ImageFile.list(items.map(\.image.url.relativePath))
    return zip(files, items).map { ($0, $1.target) }
  }

  private var style: UncertaintyStyle {
    var style = UncertaintyStyle()
    style.anchorReduction = anchors
    style.scaleReduction = scales
    style.sampling = sampling
    style.opacity = opacity
    style.sigmaLimit = sigmaLimit
    return style
  }

  private func kinds() throws -> [UncertaintyKind] {
    var kinds: [UncertaintyKind] = []
    for name in kind.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = UncertaintyKind(rawValue: String(name)) else {
        throw ValidationError(
          "there is no kind '\(name)'; --kind takes "
            + "bald, sigma, entropy and difficulty")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }
}

extension UncertaintyKind {
  /// The maps of this kind, one a head.
  fileprivate func maps(_ found: ImageUncertainty, bald: BALD) throws -> [UncertaintyMap] {
    switch self {
    case .bald: try found.moments.map { try .bald($0, bald: bald) }
    case .sigma: try found.moments.map { try .sigma($0) }
    case .entropy: try found.moments.map { try .entropy($0, logitScale: bald.logitScale) }
    case .difficulty: found.difficulties
    }
  }
}

extension DetectionModel {
  /// How the first Bayesian head's section says that BALD is computed.
  ///
  /// - Parameter remedy: What else a user could do where no head is Bayesian; ends the error.
  /// - Returns: The rules.
  /// - Throws: `FileError` naming the cfg of a network that cannot say how certain it is.
  func bald(remedy: String = "") throws -> BALD {
    let hint = "; --relative-variance makes the heads of a weights file Bayesian" + remedy
    if network.isBayesian, !knowsUncertainty {
      throw FileError(
        path: network.definition.file.fileName,
        reason: "its Bayesian branch is not in the weights file; use the run that trained it" + hint
      )
    }
    for head in network.heads {
      if let objectness = network.nodes[head.layer].objectness, objectness.branch != nil {
        return objectness.difficulty.bald
      }
    }
    throw FileError(
      path: network.definition.file.fileName,
      reason: "no [yolo] section has uncertainty=, so the model cannot say how certain it is" + hint
    )
  }
}

extension ValueReduction: ExpressibleByArgument {}
extension HeatMap.Sampling: ExpressibleByArgument {}
