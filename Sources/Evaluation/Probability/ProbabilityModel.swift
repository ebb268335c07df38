package import Detection
import Files
package import Foundation

/// How likely a detection is right, from all that is known of it: one ``MonotoneLogistic`` each for being
/// right, for lying on an object, for the class of what it lies on, and for the IoU that a right one has.
///
/// Fitted on images that the detector was not trained on, by the rule of every fitted file: what is reported
/// is not of those images.
package struct ProbabilityModel: Sendable, Hashable, Codable {
  /// What it reads of a detection.
  package let features: [ProbabilityFeature]
  /// The detection finds an object of its class that nothing more confident has found.
  package let right: MonotoneLogistic
  /// Its box overlaps an object of any class by ``overlap`` or more.
  package let placed: MonotoneLogistic
  /// Of those its class is the object's.
  package let classRight: MonotoneLogistic
  /// Its IoU, 0 for a wrong one.
  package let quality: MonotoneLogistic
  /// The IoU that makes a detection right.
  package let overlap: Double
  /// The confidence from which on detections were used, 0...1.
  package let scoreFloor: Double
  /// The ids of the images that it was fitted on, sorted.
  package let imageIDs: [String]
  /// How the detections were made, such as the input's size and the confidence above which boxes are merged.
  package var settings: [String: String] = [:]
  /// How well each score told wrong ones of these images; nil in files that do not say.
  package var telling: TellingScores?

  /// Fits a model to the verdicts on detections.
  ///
  /// - Parameters:
  ///   - images: Images held out from training, not those of a later evaluation.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  /// - Throws: ``EvaluationError/notCalibratable(_:)`` if confidences are no probabilities or all detections
  ///   are right or all wrong; those of matching.
  package init(
    fitting images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05
  ) throws {
    let cases = try ProbabilityCases(
      images, classNames: classNames, matcher: matcher, scoreFloor: scoreFloor)
    guard let model = ProbabilityModel(fitting: cases, imageIDs: images.map(\.id)) else {
      throw EvaluationError.notCalibratable(
        "it takes right and wrong detections with confidence from \(scoreFloor) on")
    }
    self = model
  }

  /// Fits a model to cases; nil if all are right or all are wrong.
  init?(fitting cases: ProbabilityCases, imageIDs: [String]) {
    let rows = cases.entries.map(\.values)
    func fitted(_ rows: [[Double]], _ targets: [Double]) -> MonotoneLogistic? {
      MonotoneLogistic(fitting: rows, targets: targets)
    }
    func flags(_ flags: [Bool]) -> [Double] { Self.smoothed(flags) }
    let placed = cases.entries.filter(\.isPlaced)
    let verdicts = Set(cases.entries.map(\.isRight))
    guard verdicts.count == 2, let right = fitted(rows, flags(cases.entries.map(\.isRight))),
      let place = fitted(rows, flags(cases.entries.map(\.isPlaced))),
      let classRight = fitted(placed.map(\.values), flags(placed.map(\.hasClass))),
      let quality = fitted(rows, cases.entries.map(\.quality))
    else { return nil }
    self.features = cases.features
    self.right = right
    self.placed = place
    self.classRight = classRight
    self.quality = quality
    overlap = cases.overlap
    scoreFloor = cases.scoreFloor
    self.imageIDs = imageIDs.sorted()
  }

  /// Platt's targets (1999): (n₁ + 1) / (n₁ + 2) and 1 / (n₀ + 2), see ``RecalibrationMap``.
  private static func smoothed(_ flags: [Bool]) -> [Double] {
    let right = Double(flags.count(where: \.self))
    let wrong = Double(flags.count) - right
    return flags.map { $0 ? (right + 1) / (right + 2) : 1 / (wrong + 2) }
  }

  /// A detection's probabilities; nil if it lacks what the model reads.
  package func probability(of detection: Detection) -> DetectionProbability? {
    let values = features.compactMap { $0.value(of: detection) }
    guard values.count == features.count else { return nil }
    return DetectionProbability(
      right: Float(right(values)), placed: Float(placed(values)),
      classRight: Float(classRight(values)), quality: Float(quality(values)))
  }

  /// The same detections with their probabilities, in the same order, of any images: whether they were
  /// fitted on is not known here.
  package func applied(to detections: [Detection]) -> [Detection] {
    detections.map { detection in
      var detection = detection
      detection.probability = probability(of: detection)
      return detection
    }
  }

  /// The same images with the probabilities of their detections.
  ///
  /// - Throws: ``EvaluationError/fittedOnTheseImages(_:)`` if one of the images was fitted on.
  package func applied(to images: [EvaluatedImage]) throws -> [EvaluatedImage] {
    let known = Set(imageIDs)
    if let image = images.first(where: { known.contains($0.id) }) {
      throw EvaluationError.fittedOnTheseImages(image.id)
    }
    return images.map { image in
      var image = image
      image.detections = applied(to: image.detections)
      return image
    }
  }

  /// What it is made of, for people.
  package var text: String {
    let parts = zip(features, right.coefficients).map { feature, coefficient in
      "\(feature.title) \(NumberText.decimal(coefficient, digits: 2))"
    }
    return "right: " + parts.joined(separator: ", ")
  }
}

extension ProbabilityModel {
  /// Reads the file of ``json()``.
  ///
  /// - Throws: `FileError`.
  package init(contentsOf url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw FileError(path: url.relativePath, reason: "cannot be read")
    }
    let model: ProbabilityModel = try JSONProblem.decoding(data, file: url.lastPathComponent)
    for part in [model.right, model.placed, model.classRight, model.quality] {
      guard part.isValid, part.coefficients.count == model.features.count else {
        throw FileError(
          path: url.lastPathComponent,
          reason:
            "needs a coefficient of at least 0 for each of its \(model.features.count) features")
      }
    }
    self = model
  }

  /// The model as JSON, keys sorted.
  ///
  /// - Throws: Never for a fitted model.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
