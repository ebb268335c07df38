package import Detection
import Foundation

/// Recalibration of scores, one map per class, with what it was fitted on.
package struct RecalibrationModel: Sendable, Hashable, Codable {
  /// The family of its maps.
  package let method: RecalibrationMap.Method
  /// Class names with their maps; a class without enough decisions has the map of all classes.
  package let classes: [String: RecalibrationMap]
  /// The map of all classes together.
  package let pooled: RecalibrationMap
  /// The ids of the images that it was fitted on, sorted.
  package let imageIDs: [String]
  /// What the detections were ranked by if it was not their confidence alone; nil: it was.
  package var ranking: String?
  /// The confidence from which on decisions were used; below it the maps are guesses.
  package let scoreFloor: Double

  /// Classes with fewer decisions share the map of all classes.
  package static let minimumCount = 20

  /// Fits maps to the verdicts on detections.
  ///
  /// - Parameters:
  ///   - images: Images held out from training, not those of a later evaluation.
  ///   - classNames: Names of the class indices.
  ///   - method: The family of maps.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  /// - Throws: ``EvaluationError/notCalibratable(_:)`` if confidences are no probabilities or all
  ///   detections are right or all wrong; those of matching.
  package init(
    fitting images: [EvaluatedImage], classNames: [String], method: RecalibrationMap.Method,
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    let decisions = matched.withConfidence(atLeast: scoreFloor).decisions
    guard decisions.hasProbabilities else {
      throw EvaluationError.notCalibratable("a confidence is not between 0 and 1")
    }
    guard
      let model = RecalibrationModel(
        fitting: decisions, imageIDs: images.map(\.id), method: method, scoreFloor: scoreFloor)
    else {
      throw EvaluationError.notCalibratable(
        "it takes right and wrong detections with confidence from \(scoreFloor) on")
    }
    self = model
  }

  /// Fits maps to decisions, one per group that has enough of them; nil if scores are no
  /// probabilities, or no map of the family can be fitted to all.
  ///
  /// - Parameters:
  ///   - decisions: On images held out from training, not those of a later evaluation.
  ///   - imageIDs: The ids of those images.
  ///   - method: The family of maps.
  ///   - scoreFloor: Decisions of a smaller score are left out.
  package init?(
    fitting decisions: Decisions, imageIDs: [String], method: RecalibrationMap.Method,
    scoreFloor: Double = 0
  ) {
    let kept = decisions.filtered { Double($0.score) >= scoreFloor }
    func fitted(_ entries: [Decision]) -> RecalibrationMap? {
      RecalibrationMap.fitted(
        method, confidences: entries.map { Double($0.score) }, isRight: entries.map(\.isRight))
    }
    guard kept.hasProbabilities, let pooled = fitted(kept.entries) else { return nil }
    self.method = method
    self.pooled = pooled
    self.scoreFloor = scoreFloor
    self.imageIDs = imageIDs.sorted()
    classes = Dictionary(
      zip(kept.groupNames, kept.byGroup).map { name, entries in
        let own = entries.count < Self.minimumCount ? nil : fitted(entries)
        return (name, own ?? pooled)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The same images with recalibrated confidences; boxes and uncertainty stay.
  ///
  /// Within a class a map keeps the order of confidences.
  ///
  /// - Throws: ``EvaluationError/fittedOnTheseImages(_:)`` if one of the images was fitted on.
  package func applied(
    to images: [EvaluatedImage], classNames: [String]
  ) throws -> [EvaluatedImage] {
    let known = Set(imageIDs)
    if let image = images.first(where: { known.contains($0.id) }) {
      throw EvaluationError.fittedOnTheseImages(image.id)
    }
    return images.map { image in
      var image = image
      image.detections = applied(to: image.detections, classNames: classNames)
      return image
    }
  }

  /// The same detections with recalibrated confidences, in the same order.
  ///
  /// - Parameters:
  ///   - detections: Of any images: whether they were fitted on is not known here.
  ///   - classNames: Names of the class indices.
  /// - Returns: As many detections.
  package func applied(to detections: [Detection], classNames: [String]) -> [Detection] {
    detections.map { detection in
      var detection = detection
      detection.confidence = recalibrated(
        detection.confidence, className: classNames[detection.classIndex])
      return detection
    }
  }

  /// The same decisions with recalibrated scores, in the same order.
  ///
  /// - Parameter decisions: Of any images: whether they were fitted on is not known here.
  /// - Returns: As many decisions.
  package func applied(to decisions: Decisions) -> Decisions {
    let entries = decisions.entries.map { entry in
      var entry = entry
      entry.score = recalibrated(entry.score, className: decisions.groupNames[entry.group])
      return entry
    }
    return Decisions(
      entries, imageCount: decisions.imageCount, groupNames: decisions.groupNames,
      measures: decisions.measures)
  }

  private func recalibrated(_ score: Float, className: String) -> Float {
    Float(map(ofClass: className).applyKeepingOrder(Double(score)))
  }

  /// The map of a class, that of all classes for a name that was not there.
  package func map(ofClass name: String) -> RecalibrationMap { classes[name] ?? pooled }
}
