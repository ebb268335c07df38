import Compute
import Darknet
import Detection
import Drawing
import Evaluation
import Files
import Foundation
import Images
import Tasks
import Training

/// A model with all that a ``DetectionRun`` says about its detections, read and checked.
struct PreparedDetection {
  /// Names of the class indices.
  let classNames: [String]
  /// Draws detections on images.
  let picture: DetectionPicture
  private let finder: ObjectFinder
  private let limits: ClassThresholds?
  private let likelihood: ProbabilityModel?
  private let maps: RecalibrationModel?
  private let confidence: Float

  /// Reads the model and the files of `detector calibrate`, and says which they are.
  ///
  /// - Throws: What reading them throws; `FileError` for thresholds that lack a class; ``UsageError`` for edges of
  ///   a model that says nothing of them.
  init(_ run: DetectionRun, _ backend: any Backend, _ console: Console) throws {
    confidence = run.confidence
    limits = try run.thresholds.map { try ClassThresholds(contentsOf: URL(filePath: $0)) }
    likelihood = try run.probability.map { try ProbabilityModel(contentsOf: URL(filePath: $0)) }
    finder = try Self.finder(run, backend, likelihood, limits)
    if run.showsEdges, !finder.model.knowsPlace || !finder.model.network.variesBoxes {
      throw UsageError(
        "--show-edges: the model does not say how far the edges of its boxes may be off; train one with"
          + " --place gaussian")
    }
    let usage = finder.usage(run.suppression)
    maps = try run.calibration.map { try RecalibrationModel($0, for: usage) }
    classNames = try finder.model.detectedClassNames(console)
    var picture = DetectionPicture(classNames: classNames)
    picture.showsTrust = run.showsTrust
    picture.showsEdges = run.showsEdges
    self.picture = picture
    console.mention(
      finder.introduction
        + (run.calibration.map { "; confidences recalibrated by \($0)" } ?? ""))
    if let limits, let thresholds = run.thresholds {
      if let name = classNames.first(where: { limits.classes[$0] == nil }) {
        throw FileError(path: thresholds, reason: "has no threshold for the class '\(name)'")
      }
      console.mention(
        "thresholds: \(thresholds) (\(limits.text)); --confidence gives one for all")
      if let difference = limits.difference(from: usage) { console.say("note: " + difference) }
    }
    if let likelihood, let probability = run.probability {
      console.mention("probabilities of being right: \(probability)")
      let used = usage + [.init("confidence", "\(likelihood.leastConfidence)")]
      if let difference = likelihood.difference(from: used) { console.say("note: " + difference) }
    }
  }

  /// What is reported of an image, boxes in its pixels, by falling confidence.
  ///
  /// - Throws: What the network throws.
  func detections(in image: Image) throws -> [Detection] {
    var detections = try finder.detections(in: image)
    if let likelihood {
      detections = likelihood.applied(to: detections)
      if limits == nil, maps == nil { detections.removeAll { $0.confidence <= confidence } }
    }
    if let limits { detections = limits.kept(detections, classNames: classNames) }
    if let maps {
      detections = maps.applied(to: detections, classNames: classNames)
        .filter { limits != nil || $0.confidence > confidence }
        .sorted { $0.confidence > $1.confidence }
    }
    return detections
  }

  /// The same as files hold it.
  func content(_ detections: [Detection], of image: Image, file: String) -> ImageDetections {
    ImageDetections(
      detections, classNames: classNames, file: file, width: image.width, height: image.height,
      resize: finder.settings.input.resizeMode)
  }

  private static func finder(
    _ run: DetectionRun, _ backend: any Backend, _ likelihood: ProbabilityModel?,
    _ limits: ClassThresholds?
  ) throws -> ObjectFinder {
    let loaded = try run.model.load(backend)
    // Recalibrated confidences may be higher: the threshold is theirs.
    var least =
      limits?.classes.values.map(\.threshold).min()
      ?? (run.calibration == nil ? run.confidence : min(run.confidence, 0.005))
    // What is merged is what is above the confidence that the probabilities were fitted with.
    if let likelihood { least = min(least, likelihood.leastConfidence) }
    var settings = run.model.settings(
      of: loaded, confidence: least, suppression: run.suppression, views: run.views)
    settings.detection.keepsMerged = likelihood != nil
    settings.detection.classes = run.classes
    settings.detection.clipsBoxes = false
    settings.detection.ranking = run.ranking
    settings.detection.votesBoxes = run.votesBoxes
    return try ObjectFinder(loaded, settings)
  }
}
