import Darknet
package import Datasets
package import Detection
package import Evaluation
import Foundation
package import Geometry
package import Images
package import Tasks
package import Training
import Uncertainty

/// A model in use: every experiment that looks at images does it through this.
package struct ObjectFinder {
  package let model: TrainedModel
  package let settings: PredictionSettings
  private let predictor: Predictor<DetectionTask>
  private let views: ViewPredictor?

  /// A model with the way it is used; memory is planned with the first image.
  ///
  /// - Throws: `TaskError` for a model that does not find objects; ``UsageError`` for views that are
  ///   none.
  package init(_ model: TrainedModel, _ settings: PredictionSettings) throws {
    if settings.detection.ranking == .expectedIoU,
      !model.knowsPlace || !model.network.expectsOverlaps
    {
      throw UsageError(
        "--rank expected-iou: the model does not say how well its boxes are placed; train one with --place"
          + " iou")
    }
    if settings.detection.votesBoxes, !model.knowsPlace || !model.network.variesBoxes {
      throw UsageError(
        "--vote-boxes: the model does not say how far the edges of its boxes may be off; train one with"
          + " --place gaussian")
    }
    self.model = model
    self.settings = settings
    predictor = try Predictor(network: model.network, settings: settings)
    views = try settings.views.map {
      try ViewPredictor($0, network: model.network, settings: settings)
    }
    if let views, views.views.count == 1 {
      let size = "\(settings.input.width)x\(settings.input.height)"
      throw UsageError(
        "--augment: at an input of \(size) with a stride of \(model.network.stride) pixels every view is"
          + " the picture as it is; take scales that are further from 1, or flip")
    }
  }

  /// Says which weights there are and how images are brought to them.
  package var introduction: String {
    "model: \(model.origin); input \(settings.input.width)x\(settings.input.height), "
      + settings.input.resizeText + (viewText.map { "; " + $0 } ?? "")
  }

  /// Says which views of an image there are and what they cost; nil without.
  package var viewText: String? {
    views.map {
      String(
        format: "%d views (\($0.views.text)), about %.1f times the work", $0.views.count,
        $0.views.cost)
    }
  }

  /// How objects are found, but for the confidence that they need.
  func usage(_ suppression: Float) -> [EvaluationReport.Setting] {
    let input = settings.input
    return [
      .init("input", "\(input.width)x\(input.height)"), .init("resize", input.resizeText),
      .init("nms", "\(suppression)"),
    ]
      + (settings.detection.ranking == .confidence
        ? [] : [.init("rank", settings.detection.ranking.rawValue)])
      + (settings.detection.votesBoxes ? [.init("boxes", "voted by variance")] : [])
      + (viewText.map { [.init("augment", $0)] } ?? [])
  }

  /// The objects found in an image, boxes in its pixels, by falling confidence.
  package func detections(in image: Image) throws -> [Detection] {
    try views?.detections(in: image) ?? predictor.prediction(of: image)
  }

  /// The objects found in an image as it is, without views, and what a Bayesian network says about
  /// every anchor, with its difficulty where the image's objects are known.
  package func uncertainties(
    in image: Image, truths: [GroundTruth]? = nil
  ) throws -> ImageUncertainty {
    try predictor.uncertainties(in: image, truths: truths)
  }

  /// Where an image lies in the network's input.
  package func placement(of image: Image) -> ImagePlacement {
    settings.input.placement(width: image.width, height: image.height)
  }

  /// What is found in the images of a data set without views, and what training and branches say about
  /// their labels and about all anchors.
  ///
  /// - Throws: As ``evaluatedImages(_:batchSize:corruption:seed:progress:)``.
  package func examined(
    _ samples: [Sample<[GroundTruth]>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<ExaminedImage> {
    try predictor.examined(
      samples, batchSize: batchSize, corruption: corruption, seed: seed, progress: progress)
  }

  /// What is found in every image of a data set, beside its annotations and in their order.
  ///
  /// - Parameters:
  ///   - samples: Images with their objects.
  ///   - batchSize: Images that are run at once.
  ///   - corruption: What is done to the images first; nil: nothing.
  ///   - seed: Chooses its noise.
  ///   - progress: Told how many images are done.
  /// - Returns: One entry per image that could be read.
  /// - Throws: `DataError` if there is none; what the network throws.
  package func evaluatedImages(
    _ samples: [Sample<[GroundTruth]>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<EvaluatedImage> {
    if let views {
      return try views.evaluatedImages(
        samples, batchSize: batchSize, corruption: corruption, seed: seed, progress: progress)
    }
    return try predictor.evaluatedImages(
      samples, batchSize: batchSize, corruption: corruption, seed: seed,
      progress: progress)
  }
}
