import ArgumentParser
import Drawing
import Experiments
import Tasks
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

      Of a network of keypoints there is one sheet an image, or a person of --data, NAME-maps.png, with a \
      tile for each keypoint. Kinds are then heat, its map over the photo; bald; and, where --data tells the truth, anchor, \
      what anchor loss multiplies the loss of each pixel by: red where a false peak is as high as the true \
      one.
      """)

  @Argument(help: ArgumentHelp("Images, or folders of images.", valueName: "image"))
  var images: [String] = []

  @OptionGroup(title: "Images whose objects are known, instead") var sources: DataOptions

  @Option(help: ArgumentHelp("The first images only.", valueName: "count"))
  var limit: Int?

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("Writes everything here.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      """
      What to map, separated by commas: bald, sigma, entropy, difficulty; of keypoints heat, bald, anchor. \
      (default: the one of entropy, bald and sigma that told wrong detections best when the run was calibrated, \
      else entropy; of keypoints all)
      """, valueName: "kinds"))
  var kind: String?

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

  @OptionGroup var found: DetectionOptions

  func validate() throws {
    _ = try model.named()
    if !(0...1).contains(opacity) { throw ValidationError("--opacity must be between 0 and 1") }
    if !(sigmaLimit > 0 && sigmaLimit.isFinite) {
      throw ValidationError("--sigma-limit must be a number above 0")
    }
    if images.isEmpty != sources.isGiven {
      throw ValidationError("give images, or data with --voc or --data")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    // Which kinds there are depends on the network, which is not read yet.
    if let kind, (try? KeypointMapping.kinds(named: kind)) == nil {
      _ = try checkingUsage { try UncertaintyMapping.kinds(named: kind) }
    }
  }

  func run() throws {
    let task = try model.named().task()
    if task == KeypointTask.self || task == CenterTask.self { return try mapKeypoints() }
    let working = kind == nil ? try model.named().mapKind() : nil
    let kinds = try checkingUsage {
      try UncertaintyMapping.kinds(named: kind ?? working?.kind.rawValue ?? "")
    }
    if !sources.isGiven, kinds.contains(.difficulty) {
      throw ValidationError("--kind difficulty needs to know the objects: give --voc or --data")
    }
    var mapping = UncertaintyMapping(
      model: try model.named(),
      source: sources.isGiven ? .data(sources.choice) : .images(images), kinds: kinds)
    mapping.limit = limit
    mapping.remark = working?.reason
    mapping.style = style
    mapping.confidence = found.confidence ?? mapping.confidence
    mapping.suppression = found.nms
    let outcome = try mapping.run(
      to: out, backend: try runtime.makeBackend(), found.console
    ) { entry in
      if !found.quiet { print(entry.text) }
    }
    try DetectionOptions.finish(outcome, found.console)
  }

  private func mapKeypoints() throws {
    let style = UncertaintyStyle()
    try check(
      [
        ("--sigma-limit", sigmaLimit != UncertaintyKind.defaultSigmaLimit),
        ("--anchors", anchors != style.anchorReduction),
        ("--scales", scales != style.scaleReduction), ("--sampling", sampling != style.sampling),
        ("--opacity", opacity != style.opacity), ("--confidence", found.confidence != nil),
        ("--nms", found.nms != DetectionOptions.overlap),
      ], areFor: "keypoints")
    let all = KeypointSheet.Map.allCases.map(\.rawValue).joined(separator: ",")
    var mapping = KeypointMapping(
      model: try model.named(),
      source: sources.isGiven ? .data(sources.choice) : .images(images),
      kinds: try checkingUsage { try KeypointMapping.kinds(named: kind ?? all) })
    mapping.limit = limit
    let outcome = try checkingUsage {
      try mapping.run(to: out, backend: try runtime.makeBackend(), found.console) { file in
        if !found.quiet { print(file) }
      }
    }
    try DetectionOptions.finish(outcome, found.console)
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
}

extension ValueReduction: ExpressibleByArgument {}
extension HeatMap.Sampling: ExpressibleByArgument {}
