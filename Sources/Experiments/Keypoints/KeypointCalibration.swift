package import Compute
import Datasets
package import Evaluation
import Foundation
import Keypoints
import Tasks

/// Fits what the height of a peak says about being right: the probability that a joint is right, or for
/// centres the height from which on peaks count.
package struct KeypointCalibration {
  /// How keypoints are found and judged.
  package var rules = KeypointRules()
  /// The family of maps, one for each keypoint.
  package var method = RecalibrationMap.Method.platt
  /// Persons, or images, that are run at once.
  package var batchSize = 32
  /// Whether images that the model was trained on may be used.
  package var allowsTrainingImages = false
  /// Whether what was fitted on more images, or fewer training images, is replaced.
  package var overwrites = false

  package init() {}

  /// Fits a map from height to the probability of being right.
  ///
  /// - Parameters:
  ///   - choice: The network.
  ///   - data: What it is fitted on; of sets that name no split `val`.
  ///   - path: Where the map is going to be kept.
  ///   - backend: Does the work.
  ///   - console: Told what was recognised and left out.
  /// - Returns: The map, what it does on held-out fifths, and how many images could not be read.
  /// - Throws: `DataError`, `FileError`, `EvaluationError`; ``UsageError`` for training images and for a
  ///   better map at `path`.
  package func map(
    _ choice: ModelChoice, on data: DataChoice, keptAt path: String, backend: any Backend,
    _ console: Console
  ) throws -> (map: RecalibrationModel, trial: RecalibrationTrial?, leftOut: Int) {
    let what = "a map fitted"
    let old = try? RecalibrationModel(contentsOf: URL(filePath: path))
    let (decisions, ids, leftOut) = try fitted(
      choice, on: data, what, "a map of them promises too much", old?.imageIDs, at: path, backend,
      console)
    // Maps of squared error may be a little below 0 or above 1.
    let clipped = decisions.clippingScores()
    guard let map = RecalibrationModel(fitting: clipped, imageIDs: ids, method: method) else {
      throw EvaluationError.notCalibratable("it takes right and wrong keypoints")
    }
    return (map, RecalibrationTrial(clipped, method: method), leftOut)
  }

  /// Chooses the height from which on peaks count, of centres of objects.
  ///
  /// Parameters as of ``map(_:on:keptAt:backend:_:)``.
  ///
  /// - Throws: Likewise; ``UsageError`` for a network of joints.
  package func thresholds(
    by rule: ThresholdRule, _ choice: ModelChoice, on data: DataChoice, keptAt path: String,
    backend: any Backend, _ console: Console
  ) throws -> (thresholds: ClassThresholds, leftOut: Int) {
    guard try choice.task() == CenterTask.self else {
      throw UsageError("--thresholds is for networks of objects: each joint is there once")
    }
    let old = try? ClassThresholds(contentsOf: URL(filePath: path))
    let (samples, ids, leftOut) = try samples(
      ObjectCenters.self, choice, on: data, "thresholds (\(rule.text)) chosen",
      "thresholds chosen on them are too low", old?.imageIDs, at: path, backend, console)
    // Maps of squared error may be a little above 1; those peaks count whatever is chosen.
    let clipped = samples.map { sample in
      var sample = sample
      for place in sample.found.indices { sample.found[place].score.clip() }
      return sample
    }
    let peaks = try MatchedPeaks(clipped, radius: rules.radii[0])
    return (
      try ClassThresholds(
        choosing: rule, on: peaks, floor: rules.settings.threshold, imageIDs: ids), leftOut
    )
  }

  private func fitted(
    _ choice: ModelChoice, on data: DataChoice, _ what: String, _ consequence: String,
    _ old: [String]?, at path: String, _ backend: any Backend, _ console: Console
  ) throws -> (Decisions, [String], Int) {
    if try choice.task() == CenterTask.self {
      let (samples, ids, leftOut) = try samples(
        ObjectCenters.self, choice, on: data, what, consequence, old, at: path, backend, console)
      return (try MatchedPeaks(samples, radius: rules.radii[0]).decisions, ids, leftOut)
    }
    let (samples, ids, leftOut) = try samples(
      PersonJoints.self, choice, on: data, what, consequence, old, at: path, backend, console)
    let rule = rules.joints(samples)
    let errors = try KeypointErrors(
      samples, reference: rule.reference, minimumLength: rule.minimumLength)
    return (
      try Decisions(samples, errors: errors, threshold: rule.threshold), ids, leftOut
    )
  }

  private func samples<Kind: HeatmapTarget>(
    _: Kind.Type, _ choice: ModelChoice, on data: DataChoice, _ what: String,
    _ consequence: String, _ old: [String]?, at path: String, _ backend: any Backend,
    _ console: Console
  ) throws -> ([JudgedKeypoints], [String], Int) {
    let network = try KeypointNetwork<Kind>(choice, settings: rules.settings, backend: backend)
    let read = try network.read(data, console)
    let known = KnownImages(choice)
    let overlap =
      known?.overlap(with: read.samples.map { ($0.id, $0.image) }) ?? KnownImages.Overlap()
    try FittedFile.check(overlap, consequence, isAllowed: allowsTrainingImages)
    let judged = try network.look(at: read.samples, batchSize: batchSize, console)
    let ids = judged.indices.map { read.samples[$0].id }
    let replaced = try FittedFile(what: what, imageIDs: ids).replacing(
      old.map { FittedFile(what: what, imageIDs: $0) }, at: path, known: known, overlap: overlap,
      overwrites: overwrites)
    if let replaced { console.say("note: replaced: \(replaced)") }
    return (judged.images, ids, judged.leftOut.count)
  }
}

extension Float {
  /// Moves it into 0...1.
  fileprivate mutating func clip() { self = min(max(self, 0), 1) }
}

extension Decisions {
  /// The same with scores in 0...1.
  func clippingScores() -> Decisions {
    let clipped = entries.map { entry in
      var entry = entry
      entry.score.clip()
      return entry
    }
    return Decisions(
      clipped, imageCount: imageCount, groupNames: groupNames, measures: measures)
  }
}
