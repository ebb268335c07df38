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
    var map = try RecalibrationModel(
      fitting: input.images, classNames: input.classNames, method: method, matcher: matcher,
      scoreFloor: scoreFloor)
    map.ranking = input.settings.ranking
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

extension RecalibrationModel {
  /// The map of a file for detections that were made in some way.
  ///
  /// - Throws: `FileError`; ``UsageError`` for a map of confidences that rank otherwise.
  init(_ path: String, for settings: [EvaluationReport.Setting]) throws {
    try self.init(contentsOf: URL(filePath: path))
    guard ranking != settings.ranking else { return }
    func name(_ ranking: String?) -> String { ranking ?? "confidence" }
    throw UsageError(
      "\(path): the map is for detections of --rank \(name(ranking)), not \(name(settings.ranking))"
        + "; fit one with detector calibrate --rank \(name(settings.ranking)), or leave it out")
  }
}

extension [EvaluationReport.Setting] {
  /// What detections were ranked by if not by their confidence alone.
  var ranking: String? { first { $0.name == "rank" }?.value }
}
