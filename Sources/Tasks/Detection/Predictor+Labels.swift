import Compute
import Darknet
package import Datasets
package import Detection
package import Evaluation
import Geometry
package import Images
import Losses
import Networks
import Uncertainty

/// An image with what a detector says about it besides detections.
package struct ExaminedImage: Sendable {
  /// Objects and detections, boxes in pixels.
  package let image: EvaluatedImage
  /// One an object; nil for those that are left out of training.
  package let doubts: [ObjectDoubt?]
  /// What a branch says about all anchors; nil without one.
  package let anchors: AnchorDoubt?
}

extension Predictor<DetectionTask> {
  /// What the network finds in samples, the loss and the uncertainty of their objects, and the uncertainty
  /// of all anchors.
  ///
  /// Losses are those of `[yolo]` heads as in training, but of the picture as it is and with rolling
  /// statistics; of `[region]` heads there are none.
  ///
  /// - Parameters:
  ///   - samples: Images with their objects.
  ///   - batchSize: Images that are run at once.
  ///   - corruption: What is done to the images first; nil: nothing.
  ///   - seed: Chooses its noise.
  ///   - progress: Told how many images are done; what it throws ends the work.
  /// - Returns: One entry per image that could be read.
  /// - Throws: As ``judged(_:batchSize:corruption:seed:progress:)``.
  package func examined(
    _ samples: [Sample<[GroundTruth]>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<ExaminedImage> {
    try passing(
      over: samples, batchSize: batchSize, corruption: corruption, seed: seed, progress: progress
    ) { batch in
      let plan = try run(batch)
      let placements = batch.sources.map {
        input.placement(
          width: $0.variation.imageWidth, height: $0.variation.imageHeight,
          region: $0.variation.region)
      }
      let found = try task.predictions(plan, placements: placements)
      let objects = zip(batch.sources, placements).map { source, placement in
        samples[source.index].target.map { truth in
          var truth = truth
          truth.box = placement.toInput(truth.box)
          return truth
        }
      }
      let doubts = try task.doubts(plan, truths: objects)
      let anchors = try task.anchorDoubts(plan)
      return batch.sources.indices.map { place in
        var image = EvaluatedImage(samples[batch.sources[place].index])
        image.detections = found[place]
        return ExaminedImage(
          image: image, doubts: doubts[place], anchors: anchors?[place])
      }
    }
  }
}

extension DetectionTask {
  /// The means over all anchors that a branch speaks of, by image; nil without a branch.
  ///
  /// - Throws: `UncertaintyError` for moments that are not finite; `ComputeError`.
  fileprivate func anchorDoubts(_ plan: NetworkPlan) throws -> [AnchorDoubt]? {
    guard needsMoments else { return nil }
    let heads = try scales.compactMap { scale in
      try scale.moments(plan).map { (moments: $0, bald: scale.training.difficulty.bald) }
    }
    return try (0..<plan.input.shape.batch).map { image in
      var (bits, variance, count) = (0.0, 0.0, 0)
      for head in heads {
        let moments = head.moments.image(image)
        try moments.validate()
        for anchor in 0..<moments.grid.count {
          bits += Double(try head.bald.uncertainty(moments[anchor]))
          variance += Double(moments.variances[anchor])
        }
        count += moments.grid.count
      }
      return AnchorDoubt(bald: bits / Double(count), variance: variance / Double(count))
    }
  }

  /// What training and branches say about the objects of the images of a batch, boxes as fractions of the
  /// input.
  fileprivate func doubts(
    _ plan: NetworkPlan, truths: [[GroundTruth]]
  ) throws -> [[ObjectDoubt?]] {
    var doubts = truths.map { [ObjectDoubt?](repeating: nil, count: $0.count) }
    for scale in scales {
      guard case .yolo(let head) = scale.head else { continue }
      let loss = YOLOLoss(
        head: head, inputWidth: plan.input.shape.width, inputHeight: plan.input.shape.height,
        terms: scale.terms)
      let uncertainty = needsMoments ? try scale.uncertainties(plan) : nil
      for (image, objects) in truths.enumerated() {
        let losses = loss.objectLosses(
          logits: plan.output(of: scale.layer), image: image, truths: objects)
        for (index, loss) in losses.enumerated() {
          guard let loss, doubts[image][index].map({ loss.value < $0.loss }) ?? true
          else { continue }
          doubts[image][index] = ObjectDoubt(
            loss: loss.value, objectness: loss.objectness,
            bald: uncertainty?(image, loss.place)?.bald)
        }
      }
    }
    return doubts
  }
}
