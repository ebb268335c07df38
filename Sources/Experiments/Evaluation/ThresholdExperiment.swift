package import Evaluation
import Foundation

/// Chooses for each class the confidence from which on it is reported.
package struct ThresholdExperiment {
  package var rule: ThresholdRule
  /// IoU that a detection needs to be right, 0...1.
  package var overlap = 0.5
  /// The confidence above which detections are known, 0...1; 0 for files, which do not say it.
  package var floor: Float = 0
  /// The data of the images, as they were named.
  package var data: [String] = []
  /// Whether thresholds may be chosen on images that the model was trained on.
  package var allowsTrainingImages = false

  /// Images from which on the choice is tried on a fifth of them at a time.
  private static let leastImagesToTry = 10

  package init(_ rule: ThresholdRule) { self.rule = rule }

  /// Chooses the thresholds.
  ///
  /// - Parameter input: Images that the model was not trained on.
  /// - Returns: The thresholds, and what they give on held-out images; nil for too few images.
  /// - Throws: `EvaluationError`; ``UsageError`` for training images.
  package func run(
    on input: EvaluationInput
  ) throws -> (thresholds: ClassThresholds, trial: ThresholdTrial?) {
    try FittedFile.check(
      input.overlap, "thresholds chosen on them are too low", isAllowed: allowsTrainingImages)
    let matcher = DetectionMatcher(threshold: overlap)
    var thresholds = try ClassThresholds(
      choosing: rule, on: input.images, classNames: input.classNames, matcher: matcher,
      floor: floor)
    thresholds.data = data
    thresholds.settings = Dictionary(
      input.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    guard input.images.count >= Self.leastImagesToTry else { return (thresholds, nil) }
    let trial = try ThresholdTrial(
      rule, on: input.images, classNames: input.classNames, matcher: matcher, floor: floor)
    return (thresholds, trial)
  }

  /// Makes sure that thresholds do not take the place of better ones, which are those that were chosen
  /// on fewer training images, or else on more images.
  ///
  /// - Returns: What is replaced, for people; nil for nothing.
  /// - Throws: ``UsageError`` if the thresholds at `path` are better than the new ones.
  package static func replaced(
    at path: String, by new: ClassThresholds, of input: EvaluationInput, overwrites: Bool
  ) throws -> String? {
    func file(_ thresholds: ClassThresholds) -> FittedFile {
      FittedFile(
        what: "thresholds (\(thresholds.rule.text)) chosen", imageIDs: thresholds.imageIDs)
    }
    let old = try? ClassThresholds(contentsOf: URL(filePath: path))
    return try file(new).replacing(
      old.map(file), at: path, known: input.known, overlap: input.overlap, overwrites: overwrites)
  }
}

extension ClassThresholds {
  /// What they are, for people: rule, images and range.
  package var text: String {
    let all = classes.values.map(\.threshold)
    let range = [all.min() ?? pooled.threshold, all.max() ?? pooled.threshold]
      .map { String(format: "%.3f", $0) }
    return "\(rule.text), chosen on \(imageIDs.count) images: \(range[0]) to \(range[1])"
  }

  /// What of the way in which objects are found differs from that of the thresholds, for people; nil
  /// for nothing, and for thresholds of files, which do not say it.
  func difference(from used: [EvaluationReport.Setting]) -> String? {
    guard settings["input"] != nil else { return nil }
    let other = ["input", "resize", "nms", "rank", "augment"].filter { name in
      settings[name] != used.first { $0.name == name }?.value
    }
    return other.isEmpty
      ? nil
      : "the thresholds were chosen with another "
        + other.map { "\($0) (\(settings[$0] ?? "none"))" }.joined(separator: " and ")
  }
}
