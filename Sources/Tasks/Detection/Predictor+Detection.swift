package import Datasets
package import Detection
package import Evaluation
import Geometry
package import Images
package import Networks
package import Uncertainty

/// What a Bayesian network says about an image.
package struct ImageUncertainty: Sendable {
  /// The objects found, boxes in pixels of the image.
  package var detections: [Detection]
  /// μ and σ² of every anchor's objectness, one entry a head.
  package var moments: [AnchorMoments] = []
  /// The difficulty of every anchor, one entry a head; empty where the objects are unknown.
  package var difficulties: [UncertaintyMap] = []
}

extension Predictor<DetectionTask> {
  /// A predictor of objects.
  ///
  /// - Throws: ``TaskError`` if the network does not find objects.
  package convenience init(network: Network, settings: PredictionSettings) throws {
    try TaskChoice.check(network, isFor: DetectionTask.self)
    self.init(
      network: network, task: try DetectionTask(network, settings: settings.detection),
      input: settings.input)
  }

  /// What the network finds in samples, as evaluation takes it; see
  /// ``judged(_:batchSize:corruption:seed:progress:)``.
  package func evaluatedImages(
    _ samples: [Sample<[GroundTruth]>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<EvaluatedImage> {
    try judged(
      samples, batchSize: batchSize, corruption: corruption, seed: seed, progress: progress
    ).map(EvaluatedImage.init)
  }

  /// The objects found in an image, and what the Bayesian branches of the heads say about every
  /// anchor; nothing for a network without.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - truths: Its objects in pixels, to tell the difficulty by; nil: unknown.
  /// - Returns: One entry a head in `moments`, and in `difficulties` where there are truths.
  /// - Throws: As ``prediction(of:)``; `UncertaintyError` for moments that are not finite.
  package func uncertainties(
    in image: Image, truths: [GroundTruth]? = nil
  ) throws -> ImageUncertainty {
    precondition(task.settings.keepsUncertainty, "settings that do not keep uncertainty")
    let plan = try run(image)
    let placement = input.placement(width: image.width, height: image.height)
    var result = ImageUncertainty(
      detections: try task.predictions(plan, placements: [placement])[0])
    result.moments = try task.scales.compactMap { try $0.moments(plan)?.image(0) }
    if let truths {
      let placed = truths.map { truth in
        var truth = truth
        truth.box = placement.toInput(truth.box)
        return truth
      }
      result.difficulties = try task.scales.compactMap {
        try $0.difficulty(plan, truths: placed)
      }
    }
    return result
  }
}
