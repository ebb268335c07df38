package import Evaluation

/// Fits a map from confidence to the probability of being right.
package struct CalibrationExperiment {
  package var method = RecalibrationMap.Method.platt
  /// IoU that a detection needs to be right, 0...1.
  package var overlap = 0.5
  /// Detections with less confidence are left out, 0...1.
  package var scoreFloor = 0.05

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
}
