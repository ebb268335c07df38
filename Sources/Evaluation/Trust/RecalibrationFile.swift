import Detection
import Files
package import Foundation

extension RecalibrationModel {
  /// Reads the file of ``json()``.
  ///
  /// - Throws: `FileError`.
  package init(contentsOf url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw FileError(path: url.relativePath, reason: "cannot be read")
    }
    self = try RecalibrationModel.parse(data, file: url.lastPathComponent)
  }

  /// The model as JSON.
  ///
  /// - Returns: The document, keys sorted.
  /// - Throws: Never for a fitted model.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a file of ``json()``.
  ///
  /// - Parameters:
  ///   - data: The file's content.
  ///   - file: Its name for messages.
  /// - Returns: The model.
  /// - Throws: `FileError`.
  package static func parse(_ data: Data, file: String) throws -> RecalibrationModel {
    let model: RecalibrationModel = try JSONProblem.decoding(data, file: file)
    for (name, map) in model.classes.sorted(by: { $0.key < $1.key }) + [("pooled", model.pooled)]
    where !map.isValid {
      throw FileError(
        path: file, reason: "the map of '\(name)' does not keep the order of confidences in 0...1")
    }
    return model
  }
}

extension RecalibrationMap {
  /// Whether the map gives probabilities and keeps the order.
  fileprivate var isValid: Bool {
    switch self {
    case .temperature(let temperature): temperature.isFinite && temperature > 0
    case .platt(let slope, let offset): slope.isFinite && slope >= 0 && offset.isFinite
    case .isotonic(let map):
      !map.confidences.isEmpty && map.confidences.count == map.probabilities.count
        && (map.confidences + map.probabilities).allSatisfy { (0...1).contains($0) }
        && zip(map.confidences, map.confidences.dropFirst()).allSatisfy { $0 < $1 }
        && zip(map.probabilities, map.probabilities.dropFirst()).allSatisfy { $0 <= $1 }
    }
  }
}

/// What a recalibration does to images that it was not fitted on.
package struct RecalibrationTrial: Sendable {
  /// The number of detections that are judged.
  package let count: Int
  /// D-ECE before, 0...1.
  package let errorBefore: Double?
  /// D-ECE after, 0...1.
  package let errorAfter: Double?
  /// Negative log-likelihood in nats before.
  package let surpriseBefore: Double?
  /// Negative log-likelihood in nats after.
  package let surpriseAfter: Double?

  /// Fits to every part but one and applies to that one, for each of some parts of the images.
  ///
  /// The images are dealt out in turn, so neighbours of a sequence end up in different parts; for
  /// videos cut the data by hand. Counted are the detections that are at the floor or above before.
  ///
  /// - Parameters:
  ///   - images: Images held out from training.
  ///   - classNames: Names of the class indices.
  ///   - method: The family of maps.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  ///   - parts: The number of parts, at least 2.
  /// - Throws: ``EvaluationError`` as the fit.
  package init(
    _ images: [EvaluatedImage], classNames: [String], method: RecalibrationMap.Method,
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05, parts: Int = 5
  ) throws {
    precondition(parts > 1, "one part cannot be held out")
    let kept = images.map { image in
      var image = image
      image.detections.removeAll { Double($0.confidence) < scoreFloor }
      return image
    }
    var after = kept
    for part in 0..<parts {
      let fitting = kept.indices.filter { $0 % parts != part }.map { kept[$0] }
      let held = kept.indices.filter { $0 % parts == part }
      if held.isEmpty { continue }
      let model = try RecalibrationModel(
        fitting: fitting, classNames: classNames, method: method, matcher: matcher,
        scoreFloor: scoreFloor)
      let applied = try model.applied(to: held.map { kept[$0] }, classNames: classNames)
      for (index, image) in zip(held, applied) { after[index] = image }
    }
    try self.init(
      from: kept, to: after, classNames: classNames, matcher: matcher, scoreFloor: scoreFloor)
  }

  /// Compares the same detections, those that were at the floor or above before.
  ///
  /// - Parameters:
  ///   - before: Images with the detector's own confidences, all in 0...1.
  ///   - after: The same images and detections in the same order with recalibrated ones.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence before are left out.
  /// - Throws: ``EvaluationError`` as an evaluation.
  package init(
    from before: [EvaluatedImage], to after: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05
  ) throws {
    var both = [before, after]
    for index in before.indices {
      let kept = before[index].detections.indices.filter {
        Double(before[index].detections[$0].confidence) >= scoreFloor
      }
      for side in both.indices {
        both[side][index].detections = kept.map { both[side][index].detections[$0] }
      }
    }
    let matched = try both.map {
      try MatchedDetections($0, classNames: classNames, matcher: matcher)
    }
    count = matched[0].pooled.count
    errorBefore = CalibrationError(matched[0]).value
    errorAfter = CalibrationError(matched[1]).value
    surpriseBefore = ProbabilityScores(matched[0]).negativeLogLikelihood
    surpriseAfter = ProbabilityScores(matched[1]).negativeLogLikelihood
  }

  /// One line for people: D-ECE in per cent and NLL in nats, before and after.
  package var text: String {
    func number(_ value: Double?, _ format: String, _ scale: Double = 1) -> String {
      value.map { String(format: format, scale * $0) } ?? "n/a"
    }
    return
      "D-ECE \(number(errorBefore, "%.2f", 100)) % -> \(number(errorAfter, "%.2f", 100)) %, NLL"
      + " \(number(surpriseBefore, "%.3f")) -> \(number(surpriseAfter, "%.3f"))"
  }
}
