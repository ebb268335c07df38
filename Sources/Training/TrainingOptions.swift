import Compute
package import Darknet
package import Datasets
package import Geometry

/// Everything that decides how a run trains, besides the cfg's layers and the data.
///
/// Same options, data and cfg give the same weights, whatever the number of threads.
package struct TrainingOptions: Codable, Equatable, Sendable {
  /// Weight updates in all.
  package var iterations: Int
  /// Images of an update, N.
  package var batch: Int
  /// An update's images are run in this many parts, to need less memory.
  package var subdivisions: Int
  /// Input width, pixels.
  package var inputWidth: Int
  /// Input height, pixels.
  package var inputHeight: Int
  /// Whether the input size changes every ten iterations (``MultiScale``).
  package var isMultiScale: Bool
  /// The largest factor of the input size, above 1; nil: that of Darknet's `random=1`.
  package var sizeFactor: Float?
  /// Pixels that changing input sizes are multiples of; nil: 32.
  package var sizeStep: Int?
  /// Chooses initial weights, order, augmentation and noise.
  package var seed: UInt64
  /// μ of SGD; 0 with another rule.
  private var momentum: Float
  /// The rule if it is not SGD.
  private var rule: OptimizerRule?
  /// Factor of the parameters that decay, in their gradient.
  package var weightDecay: Float
  /// Whether biases and scales decay too; nil: they do not, as with Darknet.
  package var decaysAll: Bool?
  /// Gradients are scaled down to this norm if they exceed it; nil: never.
  package var maximumGradientNorm: Double?
  /// Whether the main network and each branch are clipped by their own norms; nil: all are by that of all
  /// together, as runs were before.
  package var clipsParts: Bool?
  /// Decay of the moving average of the weights; nil: none is kept.
  package var averageDecay: Double?
  /// Updates over which the average begins to take effect; nil: 2000.
  package var averageRamp: Double?
  /// How images are brought to the input's size, in training and later.
  package var resizeMode: ResizeMode
  /// What is done to the training images.
  package var augmentation: Augmentation
  /// Iterations between evaluations on the validation images; 0: never.
  package var evaluationInterval: Int
  /// Iterations between saves of `last.safetensors`, besides those at evaluations and the end.
  package var checkpointInterval: Int
  /// Iterations between lines of the log.
  package var logInterval: Int
  /// Evaluations without a better score after which training stops; nil: never.
  package var patience: Int?
  /// Whether batch normalisation takes the batches of all ranks together; nil: each takes its own.
  package var synchronizesNorm: Bool?

  /// The options of a cfg's `[net]` section; the rest at its defaults.
  package init(_ net: NetConfiguration, seed: UInt64 = 1) {
    iterations = net.maxBatches
    batch = net.batch
    subdivisions = net.subdivisions
    inputWidth = net.width
    inputHeight = net.height
    isMultiScale = net.isMultiScale
    sizeFactor = net.sizeFactor
    sizeStep = net.sizeStep == 32 ? nil : net.sizeStep
    self.seed = seed
    weightDecay = net.weightDecay
    decaysAll = net.decaysAll ? true : nil
    (momentum, rule) = Self.stored(net.optimizer)
    maximumGradientNorm = nil
    averageDecay = net.emaAlpha > 0 ? Double(net.emaAlpha) : nil
    resizeMode = net.resizeMode ?? .letterbox
    augmentation = Augmentation(
      jitter: net.jitter, hue: net.hue, saturation: max(net.saturation, 1 / net.saturation),
      exposure: max(net.exposure, 1 / net.exposure),
      flips: net.flips, resize: resizeMode)
    augmentation.view = net.view.map {
      RandomView(
        smallestSide: $0.smallestSide, largestSide: $0.largestSide, angle: $0.angle,
        aspect: $0.aspect, ownWidth: net.width)
    }
    augmentation.turn = net.turn.map {
      RandomTurn(zoom: $0.zoom, angle: $0.angle, turnedShare: $0.turnedShare, shift: $0.shift)
    }
    augmentation.pad = net.pad > 0 ? net.pad : nil
    augmentation.resize = net.resize == 1 ? nil : net.resize
    let mixing = PictureMixing(mosaic: net.mosaic, mixup: net.mixup, cutMix: net.cutMix)
    if !mixing.isEmpty { augmentation.mixing = mixing }
    if net.blur > 0 || net.noise > 0 {
      augmentation.disturbance = PixelDisturbance(blur: net.blur, noise: net.noise)
    }
    evaluationInterval = 1000
    checkpointInterval = 100
    logInterval = 10
    patience = nil
  }
}

extension TrainingOptions {
  /// How gradients change parameters.
  ///
  /// Runs of SGD keep their momentum alone, as they did when there was no other rule.
  package var optimizer: OptimizerRule {
    get { rule ?? .sgd(momentum: momentum) }
    set { (momentum, rule) = Self.stored(newValue) }
  }

  private static func stored(_ rule: OptimizerRule) -> (momentum: Float, rule: OptimizerRule?) {
    if case .sgd(let momentum) = rule { return (momentum, nil) }
    return (0, rule)
  }

  /// Whether there is an evaluation after an iteration: now and then and at the end, but not shortly
  /// before the end.
  package func isEvaluated(after iteration: Int) -> Bool {
    guard evaluationInterval > 0 else { return false }
    let left = iterations - iteration
    return left == 0 || iteration % evaluationInterval == 0 && 2 * left >= evaluationInterval
  }

  /// Updates that so many passes over the images take; the last may reach into another pass.
  package func iterations(epochs: Int, imageCount: Int) -> Int {
    Int((Double(epochs) * (Double(imageCount) / Double(batch))).rounded(.up))
  }

  /// Evaluations of the whole run.
  package var evaluationCount: Int {
    guard evaluationInterval > 0 else { return 0 }
    let regular = stride(from: evaluationInterval, to: iterations, by: evaluationInterval)
    return regular.count { isEvaluated(after: $0) } + 1
  }
}
