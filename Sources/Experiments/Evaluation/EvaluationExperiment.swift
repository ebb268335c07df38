package import Compute
import Detection
package import Evaluation
import Files
import Foundation
import Geometry

/// Judges detections: mAP, how far they can be trusted, and against others on the same images.
package struct EvaluationExperiment {
  package var metrics: [EvaluationMetric] = [.voc07, .voc12]
  package var judgement = Judgement()
  /// What becomes of classes without objects.
  package var absentClass = VOCEvaluation.AbsentClassRule.exclude
  /// The share of wrong detections that the suggested threshold may not exceed, 0...1.
  package var maximumRisk = 0.1
  /// Whether the metrics of trust are left out.
  package var isAccuracyOnly = false
  /// A file of `detector calibrate` that recalibrates the confidences first.
  package var calibration: String?
  /// A file of `detector calibrate` that tells how likely each detection is right; its images are not judged.
  package var probability: String?
  /// Whether that file is left out, with a note, where it was fitted on some of the images or does not fit
  /// otherwise.
  package var mayLeaveProbabilityOut = false
  /// A file of `detector calibrate --thresholds` whose precision and recall are told too.
  package var thresholds: String?
  /// What is known of the model that is judged.
  package var subject = EvaluationVerdict.Subject()
  /// A run, or files of detections, to compare with; needs intervals.
  package var other: String?
  /// Tools of which the numbers are given too.
  package var references: [ReferenceTool] = []

  package init() {}

  /// The tools that a list names.
  ///
  /// - Throws: ``UsageError`` for a name that there is not.
  package static func references(named list: String) throws -> [ReferenceTool] {
    try list.split(separator: ",").map { name in
      guard let tool = ReferenceTool(rawValue: name.filter { $0 != " " }) else {
        let known = ReferenceTool.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("unknown --reference '\(name)'; choose from \(known)")
      }
      return tool
    }
  }

  /// Computes everything that was asked for.
  ///
  /// - Parameters:
  ///   - input: The images with their detections.
  ///   - backend: Runs the other model; its threads resample.
  /// - Returns: The numbers, and the images with the confidences that were judged.
  /// - Throws: `EvaluationError`, `FileError`, ``UsageError``.
  package func run(
    on input: EvaluationInput, backend: any Backend
  ) throws -> (result: EvaluationReport, images: [EvaluatedImage]) {
    let names = input.classNames
    let pool = backend.pool
    let (known, probabilityNote) = try knowing(input)
    let images = try recalibrated(known, input)
    let others = try other.map { try input.other($0, backend: backend) }
    let draws = judgement.bootstrap
    var result = try EvaluationReport(
      images: images, classNames: names, metrics: metrics, matcher: judgement.matcher,
      absentClass: absentClass,
      settings: input.settings + (calibration.map { [.init("calibration", $0)] } ?? []),
      bootstrap: draws, pool: pool)
    result.notes = input.omissions + input.notes + (others?.notes ?? [])
    result.unreadableImages = input.leftOut.count
    if let probabilityNote { result.notes.append(probabilityNote) }
    if known.contains(where: { $0.detections.contains { $0.probability != nil } }) {
      result.probability = try ProbabilityTrial(
        of: known, classNames: names, matcher: judgement.matcher,
        scoreFloor: judgement.scoreFloor, bootstrap: draws, pool: pool)
    }
    if calibration != nil {
      result.notes.append(try recalibrationNote(from: input.images, to: images, names))
    }
    if let thresholds {
      // Of the network's own confidences, which they are for.
      let chosen = try ClassThresholds(contentsOf: URL(filePath: thresholds))
      let report = try ThresholdReport(
        chosen, file: thresholds, on: input.images, classNames: names, matcher: judgement.matcher)
      result.thresholds = report
      result.notes += [
        report.caution(of: input.images.count), chosen.difference(from: input.settings),
      ].compactMap(\.self)
    }
    if !isAccuracyOnly {
      result.trust = try TrustReport(
        images: images, classNames: names, matcher: judgement.matcher,
        options: judgement.trustOptions(maximumRisk: maximumRisk, pool: pool))
    }
    result.verdict = result.trust.map { EvaluationVerdict($0, on: subject) }
    if let others, let other, let draws {
      result.comparison = try EvaluationComparison(
        of: images, with: others.images, name: other, classNames: names, metrics: metrics,
        matcher: judgement.matcher, absentClass: absentClass, bootstrap: draws, pool: pool)
    }
    result.references = try references.map {
      try $0.evaluate(images, classNames: names, threshold: judgement.overlap)
    }
    return (result, images)
  }

  /// The images with the probabilities of their detections, and a note where those are left out.
  private func knowing(
    _ input: EvaluationInput
  ) throws -> (images: [EvaluatedImage], note: String?) {
    guard let probability else { return (input.images, nil) }
    let model = try ProbabilityModel(contentsOf: URL(filePath: probability))
    let difference = model.difference(from: input.settings)
    if mayLeaveProbabilityOut {
      let fitted = Set(model.imageIDs)
      let count = input.images.count { fitted.contains($0.id) }
      let reason = count > 0 ? "it was fitted on \(count) of these images" : difference
      if let reason { return (input.images, "\(probability) is not used: \(reason)") }
    }
    return (try model.applied(to: input.images), difference)
  }

  private func recalibrated(
    _ images: [EvaluatedImage], _ input: EvaluationInput
  ) throws -> [EvaluatedImage] {
    guard let calibration else { return images }
    return try RecalibrationModel(calibration, for: input.settings)
      .applied(to: images, classNames: input.classNames)
  }

  private func recalibrationNote(
    from before: [EvaluatedImage], to after: [EvaluatedImage], _ names: [String]
  ) throws -> String {
    let trial = try RecalibrationTrial(
      from: before, to: after, classNames: names, matcher: judgement.matcher,
      scoreFloor: judgement.scoreFloor)
    return "recalibration changes \(trial.text), of the \(trial.count) detections with confidence"
      + String(format: " from %g on before", judgement.scoreFloor)
  }
}

/// Detections in files: JSON, or VOC's text files.
package enum DetectionListing {
  /// Makes sure that detections can be written before they are made.
  ///
  /// - Throws: `FileError`.
  package static func check(_ path: String) throws {
    if isJSON(path) { try AtomicFile.check(path) } else { try Folder.make(path) }
  }

  // What is there and no folder cannot be made one: a device or a FIFO is written into.
  private static func isJSON(_ path: String) -> Bool {
    path == "-" || path.hasSuffix(".json")
      || FileManager.default.fileExists(atPath: path) && !Folder.exists(path)
  }

  /// Writes detections as JSON if the path ends in `.json` or is no folder but a stream, as VOC's
  /// files into a folder otherwise.
  ///
  /// - Throws: `FileError`, `EvaluationError`.
  package static func write(
    _ images: [EvaluatedImage], classNames: [String], to path: String
  ) throws {
    let named = images.map { $0.named(classNames) }
    if isJSON(path) {
      try AtomicFile.write([UInt8](JSONDetectionFile.data(named)), to: path)
    } else {
      try VOCDetectionFile.write(named, classNames: classNames, to: URL(filePath: path))
    }
  }
}
