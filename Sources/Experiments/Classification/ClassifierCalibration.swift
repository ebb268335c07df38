package import Compute
import Datasets
package import Evaluation
import Tasks

/// Fits the temperature of a classifier.
package struct ClassifierCalibration {
  /// Images that are run at once.
  package var batchSize = 32
  /// Whether images that the model was trained on may be used.
  package var allowsTrainingImages = false

  private static let fewestImages = 20

  package init() {}

  /// Looks at every image and fits.
  ///
  /// - Parameters:
  ///   - choice: The classifier.
  ///   - data: What it is fitted on; of sets that name no split `val`.
  ///   - backend: Does the work.
  ///   - console: Told what was recognised and left out.
  /// - Returns: The temperature, and how many images could not be read.
  /// - Throws: `DataError`, `FileError`; ``UsageError`` for too few images and for training images.
  package func run(
    _ choice: ModelChoice, on data: DataChoice, backend: any Backend, _ console: Console
  ) throws -> (scaling: TemperatureScaling, leftOut: Int) {
    let classifier = try Classifier(choice, backend: backend, console)
    let samples = try data.readToJudge(classifier, console)
    if let known = KnownImages(choice), !allowsTrainingImages {
      let overlap = known.overlap(with: samples.samples.map { ($0.id, $0.image) })
      if overlap.trained > 0 {
        throw UsageError(
          "\(overlap.trained) of these \(overlap.images) images were trained on, where the classifier"
            + " is too sure; choose others, or --allow-training-images")
      }
    }
    let judged = try classifier.look(at: samples.samples, batchSize: batchSize, console)
    guard judged.images.count >= Self.fewestImages else {
      throw UsageError(
        "\(judged.images.count) images are too few to fit to; \(Self.fewestImages) at least")
    }
    let ids = judged.indices.map { samples.samples[$0].id }
    return (TemperatureScaling(judged.images, ids: ids), judged.leftOut.count)
  }
}
