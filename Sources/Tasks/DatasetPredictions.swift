import Compute
import Darknet
package import Datasets
package import Detection
package import Evaluation
import Geometry
package import Images

/// Runs a predictor over a data set.
package enum DatasetPredictions {
  /// Detections of every image beside its annotations, in the samples' order.
  ///
  /// Images are decoded ahead on the network's thread pool.
  ///
  /// - Parameters:
  ///   - samples: Images with their objects.
  ///   - predictor: Finds the objects.
  ///   - batchSize: Images that are run at once.
  ///   - corruption: What is done to the images before they are resized; nil: nothing.
  ///   - seed: Chooses its noise, together with the image's place among the samples.
  ///   - progress: Told how many images are done; what it throws ends the work.
  /// - Returns: One entry per sample.
  /// - Throws: ``ImageError`` for an unreadable image; what the predictor and `progress` throw.
  package static func evaluatedImages(
    _ samples: [Sample<[GroundTruth]>], predictor: Predictor, batchSize: Int,
    corruption: ImageCorruption? = nil, seed: UInt64 = 1,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> [EvaluatedImage] {
    let settings = predictor.settings
    var configuration = LoaderConfiguration.evaluation(
      batchSize: batchSize, letterbox: settings.resizeMode == .letterbox)
    configuration.cacheBytes = 0
    configuration.corruption = corruption
    configuration.seed = seed
    let loader = try BatchLoader(
      samples: samples, configuration: configuration, pool: predictor.network.backend.pool
    ) { _ in (settings.inputWidth, settings.inputHeight) }
    var images: [EvaluatedImage] = []
    while let batch = try loader.next() {
      for (source, detections) in zip(batch.sources, try predictor.detections(in: batch)) {
        images.append(
          EvaluatedImage(
            id: source.id, objects: samples[source.index].target, detections: detections))
      }
      try progress(images.count)
    }
    return images
  }
}
