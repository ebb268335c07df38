import Compute
package import Darknet
package import Datasets
package import Detection
package import Geometry
package import Images
import Layers

/// How logits become the detections that a user sees.
package struct PredictionSettings: Sendable, Hashable, Codable {
  /// Detections need a larger confidence, 0...1.
  package var confidenceThreshold: Float
  /// Per class, of two boxes with a larger IoU the less confident is dropped, 0...1.
  package var suppressionThreshold: Float
  /// Which classes of an anchor are reported.
  package var classes = BoxDecoder.ClassRule.all
  /// Whether boxes are cut off at the edges of the image, as in VOC's files.
  package var clipsBoxes = true
  /// How images are brought to the input's size.
  package var resizeMode: ResizeMode
  /// Whether detections of a network with a Bayesian branch carry what it says about them.
  package var keepsUncertainty = false
  /// Input width, pixels.
  package var inputWidth: Int
  /// Input height, pixels.
  package var inputHeight: Int

  /// Settings for an input size.
  package init(
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
package final class Predictor {
  /// The network whose weights are used, as they are at each call.
  package let network: Network
  /// Thresholds, size and resizing.
  package let settings: PredictionSettings
  private let heads: [PredictedHead]
  private var plans: [Int: NetworkPlan] = [:]

  /// A predictor; memory is planned with the first image.
  package init(network: Network, settings: PredictionSettings) {
    self.network = network
    self.settings = settings
    heads = network.heads.map {
      PredictedHead(
        $0, of: network, inputWidth: settings.inputWidth, inputHeight: settings.inputHeight)
    }
  }

  /// The objects found in an image, boxes in its pixels, by falling confidence.
  ///
  /// - Throws: ``DetectionError`` for logits that are not finite; ``LayerError`` or
  ///   ``ComputeError`` if the network cannot take the input size.
  package func detections(in image: Image) throws -> [Detection] {
    let plan = try run(image)
    return try decode(plan, image: 0, placement(width: image.width, height: image.height))
  }

  /// The objects found in an image, and what the Bayesian branches of the heads say about every
  /// anchor; nothing for a network without.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - truths: Its objects in pixels, to tell the difficulty by; nil: unknown.
  /// - Returns: One entry a head in `moments`, and in `difficulties` where there are truths.
  /// - Throws: As ``detections(in:)``; ``UncertaintyError`` for moments that are not finite.
  package func uncertainties(
    in image: Image, truths: [GroundTruth]? = nil
  ) throws -> ImageUncertainty {
    precondition(settings.keepsUncertainty, "settings that do not keep uncertainty")
    let plan = try run(image)
    let placement = placement(width: image.width, height: image.height)
    var result = ImageUncertainty(detections: try decode(plan, image: 0, placement))
    result.moments = try heads.compactMap { try $0.moments(plan, backend: network.backend) }
    if let truths {
      let placed = truths.map { truth in
        var truth = truth
        truth.box = placement.toInput(truth.box)
        return truth
      }
      result.difficulties = try heads.compactMap {
        try $0.difficulty(plan, truths: placed, backend: network.backend)
      }
    }
    return result
  }

  /// Runs the network on one image.
  private func run(_ image: Image) throws -> NetworkPlan {
    let plan = try plan(batch: 1)
    let placement = placement(width: image.width, height: image.height)
    ImageSampler(placement).render(image, into: plan.input, index: 0)
    plan.forward()
    return plan
  }

  /// The objects found in every image of a batch that was made without augmentation.
  ///
  /// - Throws: As ``detections(in:)``.
  package func detections<Target>(in batch: Batch<Target>) throws -> [[Detection]] {
    let plan = try plan(batch: batch.input.shape.batch)
    plan.input.update(from: batch.input)
    plan.forward()
    return try batch.sources.enumerated().map { index, source in
      try decode(
        plan, image: index,
        placement(width: source.variation.imageWidth, height: source.variation.imageHeight))
    }
  }

  /// Where an image of this size lies in the network's input.
  package func placement(width: Int, height: Int) -> ImagePlacement {
    ImagePlacement(
      imageWidth: width, imageHeight: height, inputWidth: settings.inputWidth,
      inputHeight: settings.inputHeight, mode: settings.resizeMode)
  }

  private func plan(batch: Int) throws -> NetworkPlan {
    if let plan = plans[batch] { return plan }
    // The last batch of a set may be smaller; two plans are the most that is needed.
    let plan = try network.makePlan(
      input: network.inputShape(
        batch: batch, width: settings.inputWidth, height: settings.inputHeight), mode: .inference,
      keepsMoments: settings.keepsUncertainty && network.isBayesian)
    plans[batch] = plan
    return plan
  }

  private func decode(
    _ plan: NetworkPlan, image: Int, _ placement: ImagePlacement
  ) throws -> [Detection] {
    var found: [Detection] = []
    for head in heads {
      let certainty =
        try settings.keepsUncertainty
        ? head.certainty(plan, image: image, backend: network.backend) : nil
      found += try head.decoder.decode(
        plan.output(of: head.layer), image: image,
        confidenceThreshold: settings.confidenceThreshold, classes: settings.classes,
        uncertainty: certainty ?? { _ in nil })
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
