import ArgumentParser
import Darknet
import Datasets
import Experiments
import Geometry

/// How to train: what `--resume` takes from the run's folder.
struct TrainingArguments: ParsableArguments {
  @OptionGroup var data: DataOptions

  @Option(
    name: .customLong("validate"),
    help: ArgumentHelp(
      "Validation data, PATH[:SPLIT]; may be repeated. (default: the split val of --voc)",
      valueName: "path"))
  var validation: [String] = []

  @Option(
    help: ArgumentHelp(
      "A Darknet cfg, or one of the program's models. (default: \(ModelLibrary.standard))",
      valueName: "cfg"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      """
      Who decides what is not given: auto, for the data and this machine; darknet, the cfg. \
      (default: auto)
      """, valueName: "recipe"))
  var recipe: Recipe?

  @Option(
    help: ArgumentHelp(
      "So many of the first layers stay as they are, statistics too.", valueName: "layers"))
  var freeze: Int?

  @Flag(help: "Start from random weights even if some of the first layers lie beside the cfg.")
  var fromScratch = false

  @Option(
    help: ArgumentHelp(
      """
      Anchors: auto, from the data's boxes, or cfg. (default: cfg; with --recipe auto the data's \
      where the cfg's fit badly)
      """, valueName: "source"))
  var anchors: AnchorSource?

  @Option(
    help: ArgumentHelp(
      """
      What to start from: a run or Darknet weights. The first layers are taken, up to one that \
      differs; a file of the first layers (.conv.N) will do.
      """, valueName: "path"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Class names, one a line. (default: collected from the annotations)", valueName: "file"))
  var names: String?

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @Option(
    help: ArgumentHelp(
      "Passes over the training images; with train --resume, of the whole run. (default: the recipe's)",
      valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Input size in pixels, a multiple of the network's stride. (default: the recipe's)",
      valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp("Images of a weight update. (default: the recipe's)", valueName: "images")
  )
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "Parts in which a batch is run, to need less memory. (default: the cfg's)", valueName: "count"
    ))
  var subdivisions: Int?

  @Option(
    help: ArgumentHelp(
      "Factor on the deviation of random weights; 1 is Darknet's, 0.41 PyTorch's. (default: 1)",
      valueName: "factor"))
  var initGain: Float?

  @Option(
    help: ArgumentHelp(
      """
      How gradients change weights: sgd, nesterov, adam, adamw, rmsprop; their numbers are cfg keys: \
      --set net.B2=0.99. (default: the cfg's)
      """, valueName: "name"))
  var optimizer: OptimizerRule.Name?

  @Flag(
    inversion: .prefixedNo,
    help: "Let biases and scales decay too, as PyTorch does. (default: the cfg's decay_all)")
  var decayAll: Bool?

  @Option(
    help: ArgumentHelp(
      "The learning rate after burn-in. (default: the recipe's)", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Iterations of burn-in. (default: the recipe's)", valueName: "iterations"))
  var burnIn: Int?

  @Option(
    help: ArgumentHelp(
      "Where the rate drops to a tenth, as shares of the run: 0.7,0.9. (default: a cosine)",
      valueName: "shares"))
  var lrSteps: String?

  @Option(
    help: ArgumentHelp(
      "Largest crop or extension at each side, as a share of it. (default: the recipe's)",
      valueName: "share"))
  var jitter: Float?

  @Flag(
    inversion: .prefixedNo,
    help: "Change the input size every ten iterations. (default: the recipe's)")
  var multiScale: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Join half of the pictures of four, with what is in them. (default: the cfg's mosaic)")
  var mosaic: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Make half of the pictures the mean of two, with what is in them. (default: the cfg's)")
  var mixup: Bool?

  @Flag(
    name: .customLong("cutmix"), inversion: .prefixedNo,
    help:
      "Put a rectangle of another into half of the pictures of a classifier. (default: the cfg's)")
  var cutMix: Bool?

  @Option(
    help: ArgumentHelp(
      """
      How images are resized: letterbox, stretch, or of classifiers crop, which shows their middle. \
      (default: the cfg's letter_box; of a cfg that does not say, letterbox, and of a classifier crop)
      """, valueName: "mode"))
  var resize: ResizeMode?

  @Option(
    help: ArgumentHelp(
      "What a letterbox is filled with, from 0 to 1; the run keeps it. (default: 0)",
      valueName: "value"))
  var letterboxFill: Float?

  @Option(
    help: ArgumentHelp(
      """
      Keep a moving average of the weights with this decay, and evaluate it; 0: none. (default: the \
      recipe's)
      """, valueName: "decay"))
  var ema: Double?

  @Option(
    help: ArgumentHelp(
      """
      Scale gradients down to this norm if they exceed it: those of the network and those of each \
      branch by themselves. (default: the recipe's)
      """, valueName: "norm"))
  var clip: Double?

  @Flag(
    help: """
      Clip network and branches by the norm of all gradients together, so that a branch changes the \
      steps of the network even if it is detached.
      """)
  var clipTogether = false

  @Option(
    help: ArgumentHelp(
      "Epochs between evaluations; 0: never. (default: the recipe's; compare: 0)",
      valueName: "epochs"))
  var evaluateEvery: Int?

  @Option(help: ArgumentHelp("Iterations between saves. (default: 100)", valueName: "iterations"))
  var saveEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Stop after this many evaluations without a better score.", valueName: "count")
  )
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      """
      For experiments: puts errors into the training labels, and into no others: \
      drop=.1,move=.1,rename=.1,add=.1,seed=1 or a part of it. Shares are of the objects, chosen for each \
      by seed, picture and place; the run keeps them.
      """, valueName: "shares"), transform: TrainingArguments.noise)
  var labelNoise: LabelNoise?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      """
      Sets a key in all cfg sections of a name: yolo.difficulty_weight=meanOne; may be repeated.
      """, valueName: "section.key=value"),
    transform: TrainingArguments.setting)
  var settings: [ConfigurationSetting] = []

  func validate() throws {
    try InputSize.validate(size)
    for (name, value) in [
      ("--epochs", epochs), ("--batch", batch), ("--subdivisions", subdivisions),
      ("--save-every", saveEvery), ("--patience", patience),
    ] where value ?? 1 < 1 { throw ValidationError("\(name) must be at least 1") }
    for (name, value) in [("--burn-in", burnIn), ("--evaluate-every", evaluateEvery)]
    where value ?? 0 < 0 { throw ValidationError("\(name) must be at least 0") }
    for (name, value) in [("--learning-rate", learningRate), ("--clip", clip)]
    where !(value ?? 1 > 0) { throw ValidationError("\(name) must be above 0") }
    try LetterboxFill.validate(letterboxFill)
    if weights != nil, fromScratch {
      throw ValidationError("--weights and --from-scratch exclude each other")
    }
    if optimizer != nil,
      let setting = settings.first(where: {
        $0.section == "net" && ["optimizer", "adam"].contains($0.key)
      })
    {
      throw ValidationError("--optimizer and --set \(setting) exclude each other")
    }
    if let jitter, !(0..<0.5).contains(jitter) {
      throw ValidationError("--jitter must be at least 0 and below 0.5")
    }
    if let ema, !(0..<1).contains(ema) {
      throw ValidationError("--ema must be at least 0 and below 1")
    }
  }

  /// The first option that was given and that a run cannot be continued with, nil if none was.
  var firstGiven: String? {
    let given: [(String, Bool)] = [
      ("--validate", !validation.isEmpty), ("--model", model != nil),
      ("--recipe", recipe != nil), ("--from-scratch", fromScratch), ("--freeze", freeze != nil),
      ("--anchors", anchors != nil),
      ("--weights", weights != nil), ("--names", names != nil), ("--lenient", lenient),
      ("--size", size != nil), ("--batch", batch != nil),
      ("--subdivisions", subdivisions != nil), ("--optimizer", optimizer != nil),
      ("--decay-all", decayAll != nil), ("--learning-rate", learningRate != nil),
      ("--burn-in", burnIn != nil), ("--lr-steps", lrSteps != nil), ("--jitter", jitter != nil),
      ("--multi-scale", multiScale != nil), ("--mosaic", mosaic != nil),
      ("--mixup", mixup != nil), ("--cutmix", cutMix != nil), ("--resize", resize != nil),
      ("--letterbox-fill", letterboxFill != nil), ("--ema", ema != nil),
      ("--clip", clip != nil), ("--clip-together", clipTogether),
      ("--evaluate-every", evaluateEvery != nil),
      ("--save-every", saveEvery != nil), ("--patience", patience != nil),
      ("--init-gain", initGain != nil),
      ("--label-noise", labelNoise != nil), ("--set", !settings.isEmpty),
    ]
    return (data.given + given).first { $0.1 }?.0
  }
}

extension TrainingArguments {
  private static func setting(_ text: String) throws -> ConfigurationSetting {
    guard let setting = ConfigurationSetting(text) else {
      throw ValidationError("give section.key=value")
    }
    return setting
  }

  static func noise(_ text: String) throws -> LabelNoise {
    do { return try LabelNoise(text) } catch { throw ValidationError("\(error)") }
  }

  /// What was asked for.
  ///
  /// - Parameter evaluationEpochs: Epochs between evaluations unless told otherwise.
  /// - Returns: The same without anything of the command line.
  func plan(evaluationEpochs: Int? = nil) -> TrainingPlan {
    var plan = TrainingPlan(data: data.choice, model: model ?? ModelLibrary.standard)
    plan.recipe = recipe ?? .auto
    plan.isFromScratch = fromScratch
    plan.frozenLayers = freeze
    plan.anchors = anchors
    plan.validation = validation
    plan.weights = weights
    plan.names = names
    plan.isLenient = lenient
    plan.epochs = epochs
    plan.inputSize = size
    plan.batch = batch
    plan.subdivisions = subdivisions
    plan.initialGain = initGain
    plan.optimizer = optimizer
    plan.decaysAll = decayAll
    plan.learningRate = learningRate
    plan.burnIn = burnIn
    plan.rateSteps = lrSteps
    plan.jitter = jitter
    plan.isMultiScale = multiScale
    plan.mosaic = mosaic
    plan.mixup = mixup
    plan.cutMix = cutMix
    plan.resize = resize
    plan.letterboxFill = letterboxFill
    plan.averageDecay = ema
    plan.maximumGradientNorm = clip
    plan.clipsTogether = clipTogether
    plan.evaluationEpochs = evaluateEvery ?? evaluationEpochs
    plan.saveInterval = saveEvery ?? plan.saveInterval
    plan.patience = patience
    plan.settings = settings
    plan.labelNoise = labelNoise
    return plan
  }
}

extension Recipe: ExpressibleByArgument {}
extension AnchorSource: ExpressibleByArgument {}
extension OptimizerRule.Name: ExpressibleByArgument {}
