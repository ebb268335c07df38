import Compute
package import Datasets
import Geometry
package import Images
import Networks

extension Predictor {
  /// Runs over samples: predictions of every image beside its target, in the samples' order.
  ///
  /// Images are decoded ahead on the network's thread pool. One that cannot be read is left out and
  /// listed.
  ///
  /// - Parameters:
  ///   - samples: Images with their targets.
  ///   - batchSize: Images that are run at once.
  ///   - corruption: What is done to the images before they are resized; nil: nothing.
  ///   - seed: Chooses its noise, together with the image's place among the samples.
  ///   - progress: Told how many images are done; what it throws ends the work.
  /// - Returns: One entry per image that could be read.
  /// - Throws: `DataError` if there is none; what the task and `progress` throw.
  package func judged(
    _ samples: [Sample<Task.Target>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<JudgedImage<Task.Target, Task.Prediction>> {
    let found = try passing(
      over: samples, batchSize: batchSize, corruption: corruption, seed: seed, progress: progress
    ) { try predictions(of: $0) }
    let images = zip(found.indices, found.images).map {
      JudgedImage(
        id: samples[$0].id, picture: samples[$0].image.path, target: samples[$0].target,
        prediction: $1)
    }
    return JudgedSamples(
      images: images, indices: found.indices, leftOut: found.leftOut, notes: found.notes)
  }

  /// Runs over samples as ``judged(_:batchSize:corruption:seed:progress:)`` does: `body` gets every
  /// batch and returns as many results as it has images; they are mirrored left to right before they
  /// are brought to the input if that is asked for.
  func passing<Result>(
    over samples: [Sample<Task.Target>], batchSize: Int, corruption: ImageCorruption?,
    seed: UInt64, mirrors: Bool = false, progress: (Int) throws -> Void,
    body: (Batch<Task.Target>) throws -> [Result]
  ) throws -> JudgedSamples<Result> {
    let input = input
    var configuration = LoaderConfiguration.evaluation(
      batchSize: batchSize, resize: input.resizeMode, fill: input.fill)
    configuration.channels = network.inputShape(batch: 1).channels
    configuration.cacheBytes = 0
    configuration.corruption = corruption
    configuration.seed = seed
    configuration.mirrors = mirrors
    let loader = try BatchLoader(
      samples: samples, configuration: configuration, pool: network.backend.pool
    ) { _ in (input.width, input.height) }
    var images: [Result] = []
    var indices: [Int] = []
    while let batch = try loader.next() {
      images += try body(batch)
      indices += batch.sources.map(\.index)
      try progress(images.count)
    }
    return JudgedSamples(
      images: images, indices: indices, leftOut: loader.problems, notes: loader.notes)
  }
}
