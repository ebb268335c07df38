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
    let input = input
    var configuration = LoaderConfiguration.evaluation(
      batchSize: batchSize, letterbox: input.resizeMode == .letterbox, fill: input.fill)
    configuration.channels = network.inputShape(batch: 1).channels
    configuration.cacheBytes = 0
    configuration.corruption = corruption
    configuration.seed = seed
    let loader = try BatchLoader(
      samples: samples, configuration: configuration, pool: network.backend.pool
    ) { _ in (input.width, input.height) }
    var images: [JudgedImage<Task.Target, Task.Prediction>] = []
    var indices: [Int] = []
    while let batch = try loader.next() {
      for (source, prediction) in zip(batch.sources, try predictions(of: batch)) {
        images.append(
          JudgedImage(
            id: source.id, target: samples[source.index].target, prediction: prediction))
      }
      indices += batch.sources.map(\.index)
      try progress(images.count)
    }
    return JudgedSamples(
      images: images, indices: indices, leftOut: loader.problems, notes: loader.notes)
  }
}
