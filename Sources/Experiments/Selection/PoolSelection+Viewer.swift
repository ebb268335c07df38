import Compute
import Darknet
import Detection
import Drawing
import Evaluation
import Foundation
import Images
import Keypoints
import Tasks
import Training

extension PoolSelection {
  /// A model that scores the images of a pool.
  struct Viewer {
    let origin: String
    let introduction: String
    let classNames: [String]
    /// Whether it is a detector; a classifier otherwise.
    let findsObjects: Bool
    /// Scores an image.
    let look: (ImageFile, Image) throws -> ScoredImage
  }

  /// The model in use.
  ///
  /// - Throws: As the model's reading; `FileError` if BALD is asked of a network without a Bayesian
  ///   branch, ``UsageError`` for a margin of detections.
  func viewer(_ backend: any Backend, _ console: Console) throws -> Viewer {
    let task = try model.task()
    if task != DetectionTask.self, score.measure == .probability || score.measure == .expectedIoU {
      throw UsageError(
        "--score \(score.measure.rawValue) is for detectors; choose by --score entropy")
    }
    if task == ClassificationTask.self {
      return try classifier(Classifier(model, backend: backend, console))
    }
    if task == KeypointTask.self {
      return try keypoints(KeypointNetwork<PersonJoints>(model, backend: backend))
    }
    if task == CenterTask.self {
      return try keypoints(KeypointNetwork<ObjectCenters>(model, backend: backend))
    }
    return try detector(model.load(backend), console)
  }

  /// Of a person the whole image is looked at.
  private func keypoints<Kind>(_ network: KeypointNetwork<Kind>) throws -> Viewer {
    if score.measure == .bald, !network.model.knowsUncertainty {
      throw UsageError(
        "\(network.model.origin) has no Bayesian branch, so that --score bald has nothing to go by;"
          + " choose by --score least-confident, or train with --branch convBayes")
    }
    let floor = Kind.isPerson ? -.infinity : confidence
    let painter = KeypointPainter(layout: network.layout, areJoints: Kind.isPerson)
    return Viewer(
      origin: network.model.origin, introduction: network.introduction,
      classNames: network.layout.names, findsObjects: true
    ) { file, image in
      let found = try network.prediction(of: image).points.filter { $0.score > floor }
      guard let value = score.value(of: found) else {
        preconditionFailure("keypoints without the uncertainty that was asked for")
      }
      return ScoredImage(
        file: file, score: value, detectionCount: found.count,
        classes: found.filter { $0.score > classConfidence }.map(\.index),
        hash: DifferenceHash(image)
      ) { image, sheet in
        painter.view(of: image, found, side: sheet.cellHeight)
      }
    }
  }

  private func detector(_ loaded: TrainedModel, _ console: Console) throws -> Viewer {
    if score.measure == .margin {
      throw UsageError(
        "--score margin is for classifiers: a detection has one confidence; take entropy")
    }
    if score.measure == .bald { _ = try loaded.bald(remedy: "; or choose by --score entropy") }
    if score.measure == .expectedIoU, !loaded.knowsPlace || !loaded.network.expectsOverlaps {
      throw UsageError(
        "--score expected-iou: the model does not say how well its boxes are placed; train one with --place iou"
      )
    }
    let likelihood = try likelihood()
    let classNames = try loaded.detectedClassNames(console)
    // What is merged is what is above the confidence that the probabilities were fitted with.
    var settings = model.settings(
      of: loaded, confidence: min(confidence, likelihood?.leastConfidence ?? confidence),
      suppression: suppression, views: views)
    settings.detection.keepsMerged = likelihood != nil
    settings.detection.classes = .best
    let finder = try ObjectFinder(loaded, settings)
    var painter = DetectionPicture(classNames: classNames)
    // Many small labels would hide what is to be seen.
    painter.showsConfidence = false
    let names = painter
    return Viewer(
      origin: loaded.origin, introduction: finder.introduction, classNames: classNames,
      findsObjects: true
    ) { file, image in
      let all = try finder.detections(in: image)
      let found =
        likelihood.map { $0.applied(to: all).filter { $0.confidence > confidence } } ?? all
      guard let value = score.value(of: found) else {
        preconditionFailure("detections without the uncertainty that was asked for")
      }
      return ScoredImage(
        file: file, score: value, detectionCount: found.count,
        classes: found.filter { $0.confidence > classConfidence }.map(\.classIndex),
        hash: DifferenceHash(image)
      ) { image, sheet in
        names.drawing(found.filter { $0.confidence > classConfidence }, on: image, in: sheet)
      }
    }
  }

  /// What tells how likely detections are right, if they are scored by that.
  private func likelihood() throws -> ProbabilityModel? {
    guard score.measure == .probability else { return nil }
    guard let file = model.ownProbability else {
      throw UsageError(
        "--score probability: there is no probability.json beside the model; detector calibrate --run RUN "
          + "makes one")
    }
    return try ProbabilityModel(contentsOf: URL(filePath: file))
  }

  private func classifier(_ classifier: Classifier) throws -> Viewer {
    if score.measure == .bald, !classifier.model.knowsUncertainty {
      throw UsageError(
        "\(classifier.model.origin) has no Bayesian branch, so that --score bald has nothing to go by;"
          + " choose by --score entropy, or train with --branch convBayes")
    }
    return Viewer(
      origin: classifier.model.origin, introduction: classifier.introduction,
      classNames: classifier.classNames, findsObjects: false
    ) { file, image in
      // What the image is of is not known.
      let seen = ClassifiedImage(try classifier.prediction(of: image), label: 0)
      guard let value = score.measure.value(of: seen) else {
        preconditionFailure("an answer without the uncertainty that was asked for")
      }
      let isConfident = seen.probabilities[seen.answer] > classConfidence
      return ScoredImage(
        file: file, score: value, detectionCount: nil, classes: isConfident ? [seen.answer] : [],
        hash: DifferenceHash(image)
      ) { image, sheet in sheet.thumbnail(of: image) }
    }
  }
}
