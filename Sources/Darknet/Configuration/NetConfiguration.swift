package import Geometry
import Layers
package import Networks

/// The `[net]` section: the input and how the network is trained.
package struct NetConfiguration: Sendable, Equatable {
  /// Pictures of one weight update.
  package let batch: Int
  /// Parts that a batch is computed in; divides ``batch``.
  package let subdivisions: Int
  /// Pixels of the input.
  package let width: Int
  /// Pixels of the input.
  package let height: Int
  /// Values of an input pixel, 3 for colour.
  package let channels: Int
  /// How gradients change parameters (`optimizer` with its keys, or `adam`).
  package let optimizer: OptimizerRule
  /// Factor of the weights in their gradient (`decay`).
  package let weightDecay: Float
  /// Whether biases and scales decay too, as with PyTorch (`decay_all`).
  package let decaysAll: Bool
  /// Share of a batch's statistics in the rolling ones of batch normalisation, an update
  /// (`bn_momentum`).
  package let rollingMomentum: Float
  /// After burn-in, before ``policy``.
  package let learningRate: Float
  /// Iterations in which the rate rises as (t / burnIn)^``burnInPower``.
  package let burnIn: Int
  /// The exponent of burn-in (`power`).
  package let burnInPower: Float
  /// The iterations of a training, 0 if the cfg does not say.
  package let maxBatches: Int
  /// What happens to the rate after burn-in.
  package let policy: LearningRatePolicy
  /// How pictures of a classifier are cropped, turned and stretched; nil: they are not.
  package let view: ViewConfiguration?
  /// How pictures with keypoints are zoomed, turned and moved; nil: they are not.
  package let turn: TurnConfiguration?
  /// How far the pictures of a classifier are moved in training, in pixels of the input (`pad`); 0: not.
  package let pad: Int
  /// Largest factor of the saturation, and of its inverse.
  package let saturation: Float
  /// Largest factor of the brightness, and of its inverse.
  package let exposure: Float
  /// Largest shift of the hue, as a part of the colour circle.
  package let hue: Float
  /// Largest crop of each side in training, as a part of it (`jitter` of the last head); 0.49 for more,
  /// which would leave nothing.
  package let jitter: Float
  /// Largest factor of the picture's size in training, or, below 1, the smallest (`resize` of the
  /// last head); 1: none.
  package let resize: Float
  /// Whether half of the pictures are mirrored left to right (`flip`).
  package let flips: Bool
  /// Whether pictures are joined of four.
  package let mosaic: Bool
  /// Whether pictures are the mean of two.
  package let mixup: Bool
  /// Whether pictures of a classifier get a rectangle of another.
  package let cutMix: Bool
  /// Pixels of the kernel that blurs pictures; 0: none.
  package let blur: Int
  /// Standard deviation of noise on the pictures, in 255ths of white (`gaussian_noise`).
  package let noise: Float
  /// Whether training changes the input size (`random` of the last head).
  package let isMultiScale: Bool
  /// The largest factor of the input size (`random` of the last head above 1); nil: that of `random=1`.
  package let sizeFactor: Float?
  /// Pixels that sizes of the input are multiples of where training changes it (`resize_step`).
  package let sizeStep: Int
  /// Whether pictures keep their proportions (`letter_box`), nil if the cfg does not say.
  package let letterBox: Bool?
  /// Whether there is no head: pictures are classified.
  package let isClassifier: Bool
  /// Decay of the exponential moving average of the weights; 0: none.
  package let emaAlpha: Float
  /// What is done to the values of pictures first: (x − `mean`) / `std`, one value a channel or one for
  /// all; nil: nothing.
  package let normalization: InputNormalization?
  /// ε of a classifier's targets (`label_smooth_eps`): 1 − ε for the right class, ε / (L − 1) for each
  /// of the others.
  package let labelSmoothing: Float
  /// How random weights are drawn (`init`).
  package let initialization: WeightInitialization
  /// How training keeps activations for backward (`saved_activations`).
  package let savedActivations: SavedPrecision

  /// As the cfg's first section and last head have it.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package init(_ file: ConfigurationFile) throws(DarknetError) {
    guard let net = file.sections.first else {
      throw .configuration(file: file.fileName, line: 0, reason: "no known section")
    }
    guard net.name == "net" else {
      throw net.error("the first section is [\(net.name)], not [net]")
    }
    let sizes = 1...16384
    batch = try net.integer("batch", default: 1, in: 1...1_000_000)
    subdivisions = try net.integer("subdivisions", default: 1, in: 1...1_000_000)
    width = try net.integer("width", in: sizes)
    height = try net.integer("height", in: sizes)
    channels = try net.integer("channels", default: 3, in: 1...1024)
    guard channels == 1 || channels == 3 else {
      throw net.error(
        "channels=\(channels): pictures have 3 channels, or 1 if they are grey",
        line: net["channels"]?.line)
    }
    optimizer = try OptimizerRule(net)
    weightDecay = try net.number("decay", default: 0.0001, in: 0...1)
    decaysAll = try net.flag("decay_all", default: false)
    rollingMomentum = try net.number(
      "bn_momentum", default: darknetRollingMomentum, in: 0.0001...1)
    learningRate = try net.number("learning_rate", default: 0.001, in: 0...1000)
    burnIn = try net.integer("burn_in", default: 0)
    burnInPower = try net.number("power", default: 4, in: 0...100)
    maxBatches = try net.integer("max_batches", default: 0)
    policy = try LearningRatePolicy(net, maxBatches: maxBatches)
    saturation = try net.number("saturation", default: 1, in: 0.01...100)
    exposure = try net.number("exposure", default: 1, in: 0.01...100)
    hue = try net.number("hue", default: 0, in: 0...0.5)
    flips = try net.flag("flip", default: true)
    mosaic = try net.flag("mosaic", default: false)
    mixup = try net.flag("mixup", default: false)
    cutMix = try net.flag(SectionSchema.cutMix, default: false)
    blur = try net.integer("blur", default: 0, in: 0...255)
    noise = try net.number("gaussian_noise", default: 0, in: 0...127)
    letterBox = net["letter_box"] == nil ? nil : try net.flag("letter_box", default: false)
    emaAlpha = try net.number("ema_alpha", default: 0, in: 0...1)
    labelSmoothing = try net.number(SectionSchema.labelSmoothing, default: 0, in: 0...1)
    normalization = try Self.normalization(net, channels: channels)
    initialization = try net.choice("init", default: .fanIn)
    savedActivations = try net.choice("saved_activations", default: .float32)
    let head = file.sections.last { HeadReader.kinds.contains($0.name) }
    let hasMaps = file.sections.contains { $0.name == "heatmap" }
    isClassifier = head == nil && !hasMaps
    turn = hasMaps ? try TurnConfiguration(net) : nil
    view = isClassifier ? try ViewConfiguration(net, width: width, height: height) : nil
    pad = isClassifier ? try Self.pad(net, view, width: width, height: height) : 0
    jitter = min(try head?.number("jitter", default: 0.2, in: 0...1) ?? 0, 0.49)
    resize = try head?.number("resize", default: 1, in: 0.1...10) ?? 1
    let random = try head?.number("random", default: 0, in: 0...10) ?? 0
    isMultiScale = random > 0
    sizeFactor = random > 0 && random != 1 ? max(random, 1 / random) : nil
    sizeStep = try net.integer("resize_step", default: 32, in: 1...1024)
    guard batch % subdivisions == 0 else {
      throw net.error(
        "batch=\(batch) is not a multiple of subdivisions=\(subdivisions)",
        line: net["subdivisions"]?.line)
    }
  }

  /// How pictures are brought to the input where nobody says otherwise: `letter_box`, or of a classifier
  /// its middle; nil: of a detector that does not say.
  package var resizeMode: ResizeMode? {
    guard let letterBox else { return isClassifier ? .crop : nil }
    return letterBox ? .letterbox : .stretch
  }

  private static func pad(
    _ net: ConfigurationSection, _ view: ViewConfiguration?, width: Int, height: Int
  ) throws(DarknetError) -> Int {
    let pad = try net.integer("pad", default: 0, in: 0...16384)
    let line = net["pad"]?.line
    guard pad < min(width, height) else {
      throw net.error(
        "pad=\(pad) can move all of a picture out of an input of \(width)x\(height)", line: line)
    }
    guard pad == 0 || view == nil else {
      throw net.error(
        "pad= and \(ViewConfiguration.keys.filter { net[$0] != nil }.map { $0 + "=" }.joined(separator: ", ")) "
          + "both say what is cut of a picture; keep one of them", line: line)
    }
    return pad
  }

  private static func normalization(
    _ net: ConfigurationSection, channels: Int
  ) throws(DarknetError) -> InputNormalization? {
    func values(
      _ key: String, in range: ClosedRange<Float>
    ) throws(DarknetError) -> [Float]? {
      guard let entry = net[key] else { return nil }
      let values = try net.numbers(key, in: range)
      if values.count == channels { return values }
      guard values.count == 1 else {
        throw net.error(
          "\(key) has \(values.count) values, the input \(channels) channels", line: entry.line)
      }
      return [Float](repeating: values[0], count: channels)
    }
    let mean = try values("mean", in: 0...1)
    let deviation = try values("std", in: 0.001...1000)
    if mean == nil, deviation == nil { return nil }
    return InputNormalization(
      mean: mean ?? [Float](repeating: 0, count: channels),
      deviation: deviation ?? [Float](repeating: 1, count: channels))
  }
}
