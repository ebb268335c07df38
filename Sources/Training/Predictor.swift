internal import Compute
public import Darknet
public import Data
public import Detection
internal import Layers

/// How logits become the detections that a user sees.
public struct PredictionSettings: Sendable, Hashable, Codable {
  /// Detections need a larger confidence, 0...1.
  public var confidenceThreshold: Float
  /// Per class, of two boxes with a larger IoU the less confident is dropped, 0...1.
  public var suppressionThreshold: Float
  /// Which classes of an anchor are reported.
  public var classes = BoxDecoder.ClassRule.all
  /// Whether boxes are cut off at the edges of the image, as in VOC's files.
  public var clipsBoxes = true
  /// How images are brought to the input's size.
  public var resizeMode: ResizeMode
  /// Input width, pixels.
  public var inputWidth: Int
  /// Input height, pixels.
  public var inputHeight: Int

  /// Settings for an input size.
  public init(
    inputWidth: Int, inputHeight: Int, resizeMode: ResizeMode, confidenceThreshold: Float,
    suppressionThreshold: Float = 0.45
  ) {
    self.confidenceThreshold = confidenceThreshold
    self.suppressionThreshold = suppressionThreshold
    self.resizeMode = resizeMode
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
  }
}

/// Turns images into detections with a network in inference mode.
public final class Predictor {
  /// The network whose weights are used, as they are at each call.
  public let network: Network
  /// Thresholds, size and resizing.
  public let settings: PredictionSettings
  private let decoders: [(layer: Int, decoder: BoxDecoder)]
  private var plans: [Int: NetworkPlan] = [:]

  /// A predictor; memory is planned with the first image.
  public init(network: Network, settings: PredictionSettings) {
    self.network = network
    self.settings = settings
    decoders = network.heads.map {
      (
        $0.layer,
        BoxDecoder(
          head: $0.head, inputWidth: settings.inputWidth, inputHeight: settings.inputHeight)
      )
    }
  }

  /// The objects found in an image, boxes in its pixels, by falling confidence.
  ///
  /// - Throws: ``DetectionError`` for logits that are not finite; ``LayerError`` or
  ///   ``ComputeError`` if the network cannot take the input size.
  public func detections(in image: Image) throws -> [Detection] {
    let plan = try plan(batch: 1)
    let placement = placement(width: image.width, height: image.height)
    image.fill(
      plan.input, index: 0, scaledWidth: placement.scaledWidth,
      scaledHeight: placement.scaledHeight, offsetX: placement.offsetX, offsetY: placement.offsetY)
    plan.forward()
    return try decode(plan, image: 0, placement)
  }

  /// The objects found in every image of a batch that was made without augmentation.
  ///
  /// - Throws: As ``detections(in:)``.
  public func detections(in batch: Batch) throws -> [[Detection]] {
    let plan = try plan(batch: batch.input.shape.batch)
    plan.input.update(from: batch.input)
    plan.forward()
    return try batch.sources.enumerated().map { index, source in
      try decode(
        plan, image: index,
        placement(width: source.variation.imageWidth, height: source.variation.imageHeight))
    }
  }

  private func placement(width: Int, height: Int) -> ImagePlacement {
    ImagePlacement(
      imageWidth: width, imageHeight: height, inputWidth: settings.inputWidth,
      inputHeight: settings.inputHeight, mode: settings.resizeMode)
  }

  private func plan(batch: Int) throws -> NetworkPlan {
    if let plan = plans[batch] { return plan }
    // The last batch of a set may be smaller; two plans are the most that is needed.
    let plan = try network.makePlan(
      input: network.inputShape(
        batch: batch, width: settings.inputWidth, height: settings.inputHeight), mode: .inference)
    plans[batch] = plan
    return plan
  }

  private func decode(
    _ plan: NetworkPlan, image: Int, _ placement: ImagePlacement
  ) throws -> [Detection] {
    var found: [Detection] = []
    for (layer, decoder) in decoders {
      found += try decoder.decode(
        plan.output(of: layer), image: image, confidenceThreshold: settings.confidenceThreshold,
        classes: settings.classes)
    }
    let kept = NonMaximumSuppression.suppressed(found, threshold: settings.suppressionThreshold)
    return kept.compactMap {
      var detection = $0
      detection.box = placement.toImage($0.box)
      guard settings.clipsBoxes else { return detection }
      detection.box = detection.box.clipped(
        width: Float(placement.imageWidth), height: Float(placement.imageHeight))
      // A box that lies in the letterbox's margin alone finds nothing in the image.
      return detection.box.area > 0 ? detection : nil
    }
  }
}
