package import Detection
import Foundation

/// Recalibration of a detector, one map per class, with what it was fitted on.
package struct RecalibrationModel: Sendable, Hashable, Codable {
  /// The family of its maps.
  package let method: RecalibrationMap.Method
  /// Class names with their maps; a class without enough detections has the map of all classes.
  package let classes: [String: RecalibrationMap]
  /// The map of all classes together.
  package let pooled: RecalibrationMap
  /// The ids of the images that it was fitted on, sorted.
  package let imageIDs: [String]
  /// The confidence from which on detections were used; below it the maps are guesses.
  package let scoreFloor: Double

  /// Classes with fewer detections share the map of all classes.
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
      .withConfidence(atLeast: scoreFloor)
    guard matched.hasProbabilities else {
      throw EvaluationError.notCalibratable("a confidence is not between 0 and 1")
    }
    func fitted(_ matches: [DetectionMatch]) -> RecalibrationMap? {
      RecalibrationMap.fitted(
        method, confidences: matches.map { Double($0.confidence) },
        isRight: matches.map { !$0.isWrong })
    }
    guard let pooled = fitted(matched.pooled) else {
      throw EvaluationError.notCalibratable(
        "it takes right and wrong detections with confidence from \(scoreFloor) on")
    }
    self.method = method
    self.pooled = pooled
    self.scoreFloor = scoreFloor
    imageIDs = images.map(\.id).sorted()
    classes = Dictionary(
      matched.classes.map { entry in
        let own = entry.matches.count < Self.minimumCount ? nil : fitted(entry.matches)
        return (entry.name, own ?? pooled)
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
      detection.confidence = Float(
        map(ofClass: classNames[detection.classIndex])
          .applyKeepingOrder(Double(detection.confidence)))
      return detection
    }
  }

  /// The map of a class, that of all classes for a name that was not there.
  package func map(ofClass name: String) -> RecalibrationMap { classes[name] ?? pooled }
}
