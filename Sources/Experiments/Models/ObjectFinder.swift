import Darknet
package import Datasets
package import Detection
package import Evaluation
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

  /// A model with the way it is used; memory is planned with the first image.
  ///
  /// - Throws: `TaskError` for a model that does not find objects.
  package init(_ model: TrainedModel, _ settings: PredictionSettings) throws {
    self.model = model
    self.settings = settings
    predictor = try Predictor(network: model.network, settings: settings)
  }

  /// Says which weights there are and how images are brought to them.
  package var introduction: String {
    "model: \(model.origin); input \(settings.input.width)x\(settings.input.height), "
      + settings.input.resizeText
  }

  /// The objects found in an image, boxes in its pixels, by falling confidence.
  package func detections(in image: Image) throws -> [Detection] {
    try predictor.prediction(of: image)
  }

  /// The objects found in an image and what a Bayesian network says about every anchor, with its
  /// difficulty where the image's objects are known.
  package func uncertainties(
    in image: Image, truths: [GroundTruth]? = nil
  ) throws -> ImageUncertainty {
    try predictor.uncertainties(in: image, truths: truths)
  }

  /// Where an image lies in the network's input.
  package func placement(of image: Image) -> ImagePlacement {
    settings.input.placement(width: image.width, height: image.height)
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
    try predictor.evaluatedImages(
      samples, batchSize: batchSize, corruption: corruption, seed: seed,
      progress: progress)
  }
}
