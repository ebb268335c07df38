package import Evaluation
import Foundation

/// Fits a map from confidence to the probability of being right.
package struct CalibrationExperiment {
  package var method = RecalibrationMap.Method.platt
  /// IoU that a detection needs to be right, 0...1.
  package var overlap = 0.5
  /// Detections with less confidence are left out, 0...1.
  package var scoreFloor = 0.05

  /// Whether a map may be fitted on images that the model was trained on.
  package var allowsTrainingImages = false

  /// Images from which on the map is tried on a fifth of them at a time.
  private static let leastImagesToTry = 10

  package init() {}

  /// Fits the map.
  ///
  /// - Parameter input: Images that the model was not trained on.
  /// - Returns: The map, and what it changes on held-out images; nil for too few images.
  /// - Throws: `EvaluationError`.
  package func run(
    on input: EvaluationInput
  ) throws -> (map: RecalibrationModel, trial: RecalibrationTrial?) {
    try FittedFile.check(
      input.overlap, "a map of them promises too much", isAllowed: allowsTrainingImages)
    let matcher = DetectionMatcher(threshold: overlap)
    let map = try RecalibrationModel(
      fitting: input.images, classNames: input.classNames, method: method, matcher: matcher,
      scoreFloor: scoreFloor)
    guard input.images.count >= Self.leastImagesToTry else { return (map, nil) }
    let trial = try RecalibrationTrial(
      input.images, classNames: input.classNames, method: method, matcher: matcher,
      scoreFloor: scoreFloor)
    return (map, trial)
  }

  /// Makes sure that a map does not take the place of a better one, which is one that was fitted on
  /// fewer training images, or else on more images.
  ///
  /// - Returns: What is replaced, for people; nil for nothing.
  /// - Throws: ``UsageError`` if the map at `path` is better than the new one.
  package static func replaced(
    at path: String, by map: RecalibrationModel, of input: EvaluationInput, overwrites: Bool
  ) throws -> String? {
    let old = try? RecalibrationModel(contentsOf: URL(filePath: path))
    return try FittedFile(what: "a map fitted", imageIDs: map.imageIDs).replacing(
      old.map { FittedFile(what: "a map fitted", imageIDs: $0.imageIDs) }, at: path,
      known: input.known, overlap: input.overlap, overwrites: overwrites)
  }
}
