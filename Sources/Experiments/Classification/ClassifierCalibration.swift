package import Compute
import Datasets
package import Evaluation
import Foundation
import Tasks

/// Fits the temperature of a classifier.
package struct ClassifierCalibration {
  /// Images that are run at once.
  package var batchSize = 32
  /// Whether images that the model was trained on may be used.
  package var allowsTrainingImages = false
  /// Whether a temperature that was fitted on more images, or fewer training images, is replaced.
  package var overwrites = false

  private static let fewestImages = 20

  package init() {}

  /// Looks at every image and fits.
  ///
  /// - Parameters:
  ///   - choice: The classifier.
  ///   - data: What it is fitted on; of sets that name no split `val`.
  ///   - path: Where the temperature is going to be kept.
  ///   - backend: Does the work.
  ///   - console: Told what was recognised and left out.
  /// - Returns: The temperature, and how many images could not be read.
  /// - Throws: `DataError`, `FileError`; ``UsageError`` for too few images, for training images, for a
  ///   better temperature at `path`, and for a network whose classes do not exclude each other.
  package func run(
    _ choice: ModelChoice, on data: DataChoice, keptAt path: String, backend: any Backend,
    _ console: Console
  ) throws -> (scaling: TemperatureScaling, leftOut: Int) {
    let classifier = try Classifier(choice, backend: backend, console)
    try classifier.checkScales()
    let samples = try data.readToJudge(classifier, console)
    let known = KnownImages(choice)
    let overlap =
      known?.overlap(with: samples.samples.map { ($0.id, $0.image) }) ?? KnownImages.Overlap()
    try FittedFile.check(
      overlap, "a classifier is too sure of them", isAllowed: allowsTrainingImages)
    let judged = try classifier.look(at: samples.samples, batchSize: batchSize, console)
    guard judged.images.count >= Self.fewestImages else {
      throw UsageError(
        "\(judged.images.count) images are too few to fit to; \(Self.fewestImages) at least")
    }
    let scaling = TemperatureScaling(
      judged.images, ids: judged.indices.map { samples.samples[$0].id })
    let old = try? TemperatureScaling(contentsOf: URL(filePath: path))
    let what = "a temperature fitted"
    let replaced = try FittedFile(what: what, imageIDs: scaling.imageIDs).replacing(
      old.map { FittedFile(what: what, imageIDs: $0.imageIDs) }, at: path, known: known,
      overlap: overlap, overwrites: overwrites)
    if let replaced { console.say("note: replaced: \(replaced)") }
    return (scaling, judged.leftOut.count)
  }
}
