package import Compute
package import Evaluation
import Foundation

/// Fits how likely a detection is right, from all that is known of it.
package struct ProbabilityExperiment {
  /// IoU that a detection needs to be right, 0...1.
  package var overlap = 0.5
  /// Detections with less confidence are left out, 0...1.
  package var scoreFloor = 0.05
  /// Whether it may be fitted on images that the model was trained on.
  package var allowsTrainingImages = false
  /// How intervals of what it gains are made; none without.
  package var bootstrap: Bootstrap? = Bootstrap(draws: 1000, seed: 1)

  /// Images from which on the model is tried on a fifth of them at a time.
  private static let leastImagesToTry = 10

  package init() {}

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - input: Images that the detector was not trained on, whose detections carry what was merged.
  ///   - pool: Threads to resample on.
  /// - Returns: The model, and what it gives on held-out images; nil for too few images.
  /// - Throws: `EvaluationError`; ``UsageError`` for training images.
  package func run(
    on input: EvaluationInput, pool: ThreadPool? = nil
  ) throws -> (model: ProbabilityModel, trial: ProbabilityTrial?) {
    try FittedFile.check(
      input.overlap, "probabilities of them promise too much", isAllowed: allowsTrainingImages)
    let matcher = DetectionMatcher(threshold: overlap)
    var model = try ProbabilityModel(
      fitting: input.images, classNames: input.classNames, matcher: matcher,
      scoreFloor: scoreFloor)
    model.settings = Dictionary(
      input.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    func told(_ probability: Double?) throws -> TellingScores {
      try TellingScores(
        input.images, classNames: input.classNames, matcher: matcher, scoreFloor: scoreFloor,
        probability: probability)
    }
    guard input.images.count >= Self.leastImagesToTry else {
      model.telling = try told(nil)
      return (model, nil)
    }
    let trial = try ProbabilityTrial(
      input.images, classNames: input.classNames, matcher: matcher, scoreFloor: scoreFloor,
      bootstrap: bootstrap, pool: pool)
    model.telling = try told(trial.areaUnderROC.after)
    return (model, trial)
  }

  /// Makes sure that a model does not take the place of a better one, which is one that was fitted on fewer
  /// training images, or else on more images.
  ///
  /// - Returns: What is replaced, for people; nil for nothing.
  /// - Throws: ``UsageError`` if the model at `path` is better than the new one.
  package static func replaced(
    at path: String, by model: ProbabilityModel, of input: EvaluationInput, overwrites: Bool
  ) throws -> String? {
    let old = try? ProbabilityModel(contentsOf: URL(filePath: path))
    return try FittedFile(what: "probabilities fitted", imageIDs: model.imageIDs).replacing(
      old.map { FittedFile(what: "probabilities fitted", imageIDs: $0.imageIDs) }, at: path,
      known: input.known, overlap: input.overlap, overwrites: overwrites)
  }
}

extension ProbabilityModel {
  /// What of the way in which detections are made differs from that of the images that it was fitted on, for
  /// people; nil for nothing.
  func difference(from used: [EvaluationReport.Setting]) -> String? {
    let other = ["input", "resize", "nms", "rank", "augment", "confidence"].filter { name in
      settings[name] != used.first { $0.name == name }?.value
    }
    return other.isEmpty
      ? nil
      : "the probabilities were fitted with another "
        + other.map { "\($0) (\(settings[$0] ?? "none"))" }.joined(separator: " and ")
  }

  /// The confidence above which boxes were looked at, 0...1.
  var leastConfidence: Float { settings["confidence"].flatMap { Float($0) } ?? 0.005 }
}
