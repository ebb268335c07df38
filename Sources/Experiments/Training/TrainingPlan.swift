package import Darknet
package import Datasets
import Foundation
package import Geometry
package import Tasks
package import Training

/// What a user says about a training; what he leaves out is the cfg's choice.
package struct TrainingPlan: Equatable, Sendable {
  /// The images to learn from; sets that name no split give `train`, and the run's seed chooses their
  /// shares unless they have one.
  package var data: DataChoice
  /// The images to judge by, `PATH[:SPLIT]`; empty: `val` of sets that give only `train`.
  package var validation: [String] = []
  /// Errors to put into the labels to learn from; nil: none.
  package var labelNoise: LabelNoise?
  /// The cfg, or the name of one that comes with the program.
  package var model: String
  /// Decides what is left open here.
  package var recipe = Recipe.darknet
  /// Darknet weights to start from, also of the first layers alone; nil: those that lie beside the
  /// model, if the recipe may choose.
  package var weights: String?
  /// Layers 0 ..< this stay as they are; nil: those that the cfg says.
  package var frozenLayers: Int?
  /// Whether nothing is started from that is not named.
  package var isFromScratch = false
  /// A file with the class names; nil: those of the annotations.
  package var names: String?
  /// Warn about unknown cfg keys instead of refusing them.
  package var isLenient = false
  /// Passes over the training images.
  package var epochs: Int?
  /// Width and height of the input in pixels.
  package var inputSize: Int?
  /// Images of a weight update.
  package var batch: Int?
  /// Parts in which a batch is run.
  package var subdivisions: Int?
  /// Factor on the deviation of random weights.
  package var initialGain: Float?
  /// How gradients change parameters; nil: as the cfg says.
  package var optimizer: OptimizerRule.Name?
  /// Whether biases and scales decay too; nil: as the cfg says.
  package var decaysAll: Bool?
  /// The learning rate after burn-in.
  package var learningRate: Double?
  /// Iterations of burn-in.
  package var burnIn: Int?
  /// Where the rate drops to a tenth, as shares of the run: `0.7,0.9`.
  package var rateSteps: String?
  /// Whether the rate falls by half a cosine; ``rateSteps`` go first.
  package var isCosine = false
  /// Where the anchors come from; nil: the cfg, unless its anchors fit badly and the recipe may choose.
  package var anchors: AnchorSource?
  /// Largest crop or extension at each side, as a share of it.
  package var jitter: Float?
  package var isMultiScale: Bool?
  /// Whether half of the pictures are joined of four.
  package var mosaic: Bool?
  /// Whether half of the pictures are the mean of two.
  package var mixup: Bool?
  /// Whether half of the pictures of a classifier get a rectangle of another.
  package var cutMix: Bool?
  package var resize: ResizeMode?
  /// What a letterbox is filled with, 0...1; nil: zeros.
  package var letterboxFill: Float?
  /// Decay of the moving average of the weights; 0: none.
  package var averageDecay: Double?
  /// Updates over which the average begins to take effect; nil: 2000.
  package var averageRamp: Double?
  /// The largest norm of a gradient; nil: any.
  package var maximumGradientNorm: Double?
  /// Whether branches are clipped together with the main network, by one norm.
  package var clipsTogether = false
  /// Epochs between evaluations; 0: never; nil: 1.
  package var evaluationEpochs: Int?
  /// Iterations between saves.
  package var saveInterval = 100
  /// Evaluations without a better score before the end.
  package var patience: Int?
  /// Whether batch normalisation takes the batches of all ranks together.
  package var synchronizesNorm = false
  /// Keys that are set in all sections of a name.
  package var settings: [ConfigurationSetting] = []

  package init(data: DataChoice, model: String) {
    self.data = data
    self.model = model
  }

  /// The cfg that was asked for, and the task that its outputs are for.
  ///
  /// - Parameter console: Told what is odd about it.
  /// - Returns: The cfg as it is in its file, and the task's type.
  /// - Throws: `DarknetError`, also for a head that is not trained; `TaskError` if nothing of it could be trained.
  package func network(
    _ console: Console
  ) throws -> (file: ConfigurationFile, task: any LearningTask.Type) {
    let file = try ConfigurationFile(
      contentsOf: ModelLibrary().configuration(model), lenient: isLenient)
    for warning in file.warnings { console.say("warning: \(warning)") }
    let outputs = try NetworkBuilder.build(file).outputs
    try file.checkTrainable()
    return (file, try TaskChoice.type(of: outputs, named: file.fileName))
  }

  /// The same plan, with the weights that lie beside its model to start from.
  ///
  /// - Parameter console: Told of weights that there could be.
  /// - Returns: The plan.
  func startingFromPretrained(_ console: Console) -> TrainingPlan {
    guard recipe == .auto, weights == nil, !isFromScratch,
      let file = try? ModelLibrary().configuration(model)
    else { return self }
    var plan = self
    plan.weights = ModelLibrary.pretrained(for: file)?.relativePath
    if plan.weights == nil, let name = ModelLibrary.published(for: file) {
      console.say(
        "note: starts from random weights; with \(name) it learns faster, see Models/README.md:"
          + " --weights FILE, or put the file beside the cfg")
    }
    return plan
  }

  /// How a cfg is trained by this plan.
  ///
  /// - Parameters:
  ///   - net: The cfg's `[net]`.
  ///   - material: What it is trained on.
  ///   - seed: The run's.
  ///   - version: That of the program.
  /// - Returns: What the run's folder keeps.
  /// - Throws: `TrainingError`; ``UsageError`` for steps that make no sense, for two ways to crop
  ///   pictures, and for objects that are to be hidden or cut off.
  package func configuration<Task>(
    _ net: NetConfiguration, _ material: TrainingMaterial<Task>, seed: UInt64, version: String
  ) throws -> RunConfiguration {
    let options = options(net, imageCount: material.data.training.count, seed: seed)
    if cutMix == true, !Task.Target.Shown.isDivisible {
      throw UsageError("--cutmix is for classifiers; detectors have --mosaic and --mixup")
    }
    if resize == .crop, !Task.Target.Shown.isDivisible { throw UsageError.cropsObjects }
    if let jitter, jitter > 0, options.augmentation.view != nil {
      throw UsageError(
        "--jitter \(jitter) says what is cut of a picture, and so do min_crop=, max_crop=, angle= and "
          + "aspect= of the cfg's [net]; leave one of them out")
    }
    return RunConfiguration(
      toolVersion: version, sources: material.sources, rules: material.rules,
      splitSeed: data.seed, labelNoise: labelNoise, classNames: material.data.classNames,
      initialWeights: weights,
      initialGain: initialGain, options: options, schedule: try schedule(net, options))
  }

  func options(_ net: NetConfiguration, imageCount: Int, seed: UInt64) -> TrainingOptions {
    var options = TrainingOptions(net, seed: seed)
    if let batch {
      options.batch = batch
      options.subdivisions = 1
    }
    if let subdivisions { options.subdivisions = subdivisions }
    if let decaysAll { options.decaysAll = decaysAll ? true : nil }
    let perEpoch = Double(imageCount) / Double(options.batch)
    if let epochs {
      options.iterations = options.iterations(epochs: epochs, imageCount: imageCount)
    }
    if let isMultiScale { options.isMultiScale = isMultiScale }
    if let jitter { options.augmentation.jitter = jitter }
    if let resize {
      options.resizeMode = resize
      options.augmentation.resizeMode = resize
    }
    options.augmentation.fill = letterboxFill
    var mixing = options.augmentation.mixing ?? PictureMixing()
    mixing.mosaic = mosaic ?? mixing.mosaic
    mixing.mixup = mixup ?? mixing.mixup
    mixing.cutMix = cutMix ?? mixing.cutMix
    options.augmentation.mixing = mixing.isEmpty ? nil : mixing
    if let averageDecay { options.averageDecay = averageDecay > 0 ? averageDecay : nil }
    options.averageRamp = averageRamp
    options.maximumGradientNorm = maximumGradientNorm
    options.clipsParts = maximumGradientNorm == nil || clipsTogether ? nil : true
    let evaluationEpochs = evaluationEpochs ?? 1
    options.evaluationInterval = max(
      evaluationEpochs > 0 ? 1 : 0, Int((Double(evaluationEpochs) * perEpoch).rounded()))
    options.checkpointInterval = saveInterval
    options.patience = patience
    options.synchronizesNorm = synchronizesNorm ? true : nil
    return options
  }

  func schedule(
    _ net: NetConfiguration, _ options: TrainingOptions
  ) throws -> LearningRateSchedule {
    let schedule = try LearningRateSchedule(
      net, iterations: options.iterations, base: learningRate, burnIn: burnIn, seed: options.seed)
    guard let rateSteps else {
      guard isCosine else { return schedule }
      return try LearningRateSchedule(
        base: schedule.base, burnIn: schedule.burnIn, burnInPower: schedule.burnInPower,
        policy: .cosine(iterations: options.iterations))
    }
    let shares = rateSteps.split(separator: ",").map { Double($0) }
    let valid = shares.compactMap(\.self).filter { $0 > 0 && $0 < 1 }
    guard valid.count == shares.count, zip(valid, valid.dropFirst()).allSatisfy(<) else {
      throw UsageError("--lr-steps must be shares of the run, such as 0.7,0.9")
    }
    // In a short run a share may round to before the first iteration.
    let changes = valid.map { share in
      LearningRatePolicy.Change(
        iteration: max(1, Int((share * Double(options.iterations)).rounded())), scale: 0.1)
    }.mergingCoincident()
    return try LearningRateSchedule(
      base: schedule.base, burnIn: schedule.burnIn, burnInPower: schedule.burnInPower,
      policy: .steps(changes))
  }
}
