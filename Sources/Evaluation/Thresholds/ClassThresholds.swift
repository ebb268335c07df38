package import Detection
import Files
package import Foundation

/// The confidence from which on each class is reported, with what it was chosen on.
///
/// Thresholds are for the network's own confidences, before any recalibration: a map keeps the order
/// within a class, so that the same detections are reported with and without one.
package struct ClassThresholds: Sendable, Hashable, Codable {
  /// One class's threshold.
  package struct Entry: Sendable, Hashable, Codable {
    /// Detections need a larger confidence, 0...1.
    package let threshold: Float
    /// Where it comes from.
    package let source: Source
    /// What it gave on the images that it was chosen on.
    package let outcome: ThresholdOutcome
  }

  /// Where a threshold comes from.
  package enum Source: String, Sendable, Codable {
    /// The class's own detections, which meet the rule.
    case own
    /// Those of all classes together: the class has fewer than ``minimumObjects`` objects, or no right
    /// detection.
    case allClasses
    /// The class's own detections, whose precision never reaches what the rule asks for: the highest
    /// bound of the precision.
    case notReached
  }

  /// How they were chosen.
  package let rule: ThresholdRule
  /// Class names with their thresholds.
  package let classes: [String: Entry]
  /// The threshold of all classes together.
  package let pooled: Entry
  /// The IoU that made a detection right.
  package let overlap: Double
  /// The ids of the images that they were chosen on, sorted.
  package let imageIDs: [String]
  /// The data that those images are of, as they were named.
  package var data: [String] = []
  /// How the detections were made, such as the input's size; of peaks also how far off they may be.
  package var settings: [String: String] = [:]

  /// Classes with fewer objects share the threshold of all classes.
  package static let minimumObjects = 10

  /// Chooses thresholds.
  ///
  /// - Parameters:
  ///   - rule: What is sought.
  ///   - images: Images that the model was not trained on, with all detections above `floor`.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - floor: The confidence above which detections are known.
  /// - Throws: ``EvaluationError/notCalibratable(_:)`` if no detection is right or a confidence is no
  ///   probability; those of matching.
  package init(
    choosing rule: ThresholdRule, on images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), floor: Float = 0
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    guard matched.pooled.allSatisfy({ (0...1).contains($0.confidence) }) else {
      throw EvaluationError.notCalibratable("a confidence is not between 0 and 1")
    }
    guard
      let chosen = ClassThresholds(
        JudgedClass.all(of: matched), overlap: matched.matcher.threshold, rule: rule, floor: floor,
        imageIDs: images.map(\.id), counts: { _ in true })
    else { throw EvaluationError.notCalibratable("no detection is right") }
    self = chosen
  }

  /// Chooses thresholds on the height of peaks, one for each kind of objects.
  ///
  /// - Parameters:
  ///   - rule: What is sought.
  ///   - peaks: In images that the model was not trained on.
  ///   - floor: The height above which peaks are known.
  ///   - imageIDs: The ids of those images.
  /// - Throws: ``EvaluationError/notCalibratable(_:)`` if no peak is right or a height is no probability.
  package init(
    choosing rule: ThresholdRule, on peaks: MatchedPeaks, floor: Float, imageIDs: [String]
  ) throws {
    guard peaks.peaks.allSatisfy({ (0...1).contains($0.score) }) else {
      throw EvaluationError.notCalibratable("the height of a peak is not between 0 and 1")
    }
    guard
      let chosen = ClassThresholds(
        JudgedClass.all(of: peaks), overlap: 0, rule: rule, floor: floor, imageIDs: imageIDs,
        counts: { _ in true })
    else { throw EvaluationError.notCalibratable("no peak is right") }
    self = chosen
    settings["radius"] = "\(peaks.radius)"
  }

  /// Thresholds for the images that count; nil if nothing in those is right.
  init?(
    _ judged: [JudgedClass], overlap: Double, rule: ThresholdRule, floor: Float,
    imageIDs: [String], counts: (Int) -> Bool
  ) {
    let verdicts = judged.map { entry in
      entry.verdicts.filter { counts($0.image) }
        .map { (confidence: $0.confidence, isRight: $0.isRight) }
    }
    let objects = judged.map { $0.objectImages.count(where: counts) }
    let all = ThresholdSearch(
      verdicts.flatMap(\.self), objects: objects.reduce(0, +), floor: floor)
    guard let common = all.chosen(by: rule) else { return nil }
    self.rule = rule
    pooled = Entry(
      threshold: common.threshold, source: common.isMet ? .own : .notReached,
      outcome: common.outcome)
    self.overlap = overlap
    self.imageIDs = imageIDs.sorted()
    classes = Dictionary(
      judged.indices.map { index in
        let search = ThresholdSearch(verdicts[index], objects: objects[index], floor: floor)
        let own = objects[index] < Self.minimumObjects ? nil : search.chosen(by: rule)
        let above = verdicts[index].filter { $0.confidence > common.threshold }
        let shared = ThresholdOutcome(
          objects: objects[index], detections: above.count, right: above.count(where: \.isRight))
        return (
          judged[index].name,
          Entry(
            threshold: own?.threshold ?? common.threshold,
            source: own.map { $0.isMet ? .own : .notReached } ?? .allClasses,
            outcome: own?.outcome ?? shared)
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// What the thresholds give on images, one outcome a class in the order of the names.
  ///
  /// - Throws: ``EvaluationError`` of matching.
  package func outcomes(
    in images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher()
  ) throws -> [ThresholdOutcome] {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    return outcomes(JudgedClass.all(of: matched)) { _ in true }
  }

  func outcomes(_ judged: [JudgedClass], counts: (Int) -> Bool) -> [ThresholdOutcome] {
    judged.map { entry in
      let threshold = threshold(ofClass: entry.name)
      let above = entry.verdicts.filter { counts($0.image) && $0.confidence > threshold }
      return ThresholdOutcome(
        objects: entry.objectImages.count(where: counts), detections: above.count,
        right: above.count(where: \.isRight))
    }
  }

  /// The threshold of a class, that of all classes for a name that was not there.
  package func threshold(ofClass name: String) -> Float {
    classes[name]?.threshold ?? pooled.threshold
  }

  /// The detections above the thresholds of their classes, in the same order.
  package func kept(_ detections: [Detection], classNames: [String]) -> [Detection] {
    detections.filter { $0.confidence > threshold(ofClass: classNames[$0.classIndex]) }
  }
}

extension ClassThresholds {
  /// Reads the file of ``json()``.
  ///
  /// - Throws: `FileError`.
  package init(contentsOf url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw FileError(path: url.relativePath, reason: "cannot be read")
    }
    self = try JSONProblem.decoding(data, file: url.relativePath)
    for (name, entry) in classes.sorted(by: { $0.key < $1.key }) + [("all classes", pooled)]
    where !(0...1).contains(entry.threshold) {
      throw FileError(
        path: url.relativePath, reason: "the threshold of '\(name)' is not between 0 and 1")
    }
  }

  /// The thresholds as JSON, keys sorted.
  ///
  /// - Throws: Never for chosen thresholds.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
