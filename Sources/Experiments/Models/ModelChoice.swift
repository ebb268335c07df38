package import Compute
import Darknet
package import Evaluation
import Foundation
package import Geometry
import Networks
package import Tasks
package import Training

/// A model that a user has named, and what he says about its input.
package struct ModelChoice: Equatable, Sendable {
  /// Darknet's files.
  package struct DarknetFiles: Equatable, Sendable {
    package var configuration: String
    package var weights: String
    /// A file with the class names; nil: one beside the cfg, if there is one.
    package var names: String?
    /// Warn about unknown cfg keys instead of refusing them.
    package var isLenient = false
    /// λ that makes the plain heads' objectness Bayesian; nil leaves them as they are.
    package var relativeVariance: Float?

    package init(configuration: String, weights: String, names: String? = nil) {
      self.configuration = configuration
      self.weights = weights
      self.names = names
    }
  }

  /// Where a model lies.
  package enum Place: Equatable, Sendable {
    /// The folder of a training run; nil: its best weights, or the last if there are no best.
    case run(String, RunWeights? = nil)
    case darknet(DarknetFiles)
  }

  package var place: Place
  /// Width and height of the input in pixels; nil: the cfg's.
  package var inputSize: Int?
  /// How images are brought to the input; nil: the model's way, or of a detector that does not say
  /// letterbox.
  package var resize: ResizeMode?
  /// What a letterbox is filled with, 0...1; nil: what the model was trained with.
  package var letterboxFill: Float?

  package init(_ place: Place) { self.place = place }

  /// The run's folder, nil for Darknet's files.
  package var run: RunFolder? {
    guard case .run(let path, _) = place else { return nil }
    return RunFolder(path: path)
  }

  /// The map that `detector calibrate` has left in the run's folder, nil if there is none.
  package var ownCalibration: String? { run.flatMap { Self.existing($0.calibration) } }

  /// The thresholds that `detector calibrate` has left in the run's folder, nil if there are none.
  package var ownThresholds: String? { run.flatMap { Self.existing($0.thresholds) } }

  /// What `detector calibrate` has left in the run's folder that tells how likely a detection is right, nil if
  /// there is nothing.
  package var ownProbability: String? { run.flatMap { Self.existing($0.probability) } }

  /// What a verdict on the model may know of it.
  package var subject: EvaluationVerdict.Subject {
    var subject = EvaluationVerdict.Subject()
    subject.run = run?.path
    subject.hasCalibration = ownCalibration != nil
    subject.hasThresholds = ownThresholds != nil
    return subject
  }

  private static func existing(_ file: String) -> String? {
    FileManager.default.fileExists(atPath: file) ? file : nil
  }

  /// Reads a model for a task.
  ///
  /// - Throws: As `TrainedModel`; `TaskError` for a model that does something else; ``UsageError``
  ///   if a detector is to see the middle of images alone.
  package func load(
    _ backend: any Backend, for kind: any LearningTask.Type = DetectionTask.self
  ) throws -> TrainedModel {
    if resize == .crop, kind == DetectionTask.self { throw UsageError.cropsObjects }
    let model = try read(backend)
    try TaskChoice.check(model.network, isFor: kind)
    return model
  }

  /// What the model is for, told by its cfg; its weights are not read.
  ///
  /// - Throws: `DarknetError`, `FileError`, `TrainingError`; `TaskError` for a network without a task.
  package func task() throws -> any LearningTask.Type {
    let file: ConfigurationFile
    switch place {
    case .run(let path, let weights):
      let run = RunFolder(path: path)
      let metadata = try Checkpoint.metadata(of: run.path(of: run.weights(weights)))
      file = try ConfigurationFile(
        text: metadata.configuration, fileName: run.model, lenient: true)
    case .darknet(let files):
      file = try ConfigurationFile(
        contentsOf: ModelLibrary().configuration(files.configuration), lenient: files.isLenient)
    }
    return try TaskChoice.type(of: NetworkBuilder.build(file).outputs, named: file.fileName)
  }

  /// How images are brought to a model.
  package func input(of model: TrainedModel) -> InputSettings {
    let mode = resize ?? model.resizeMode ?? .letterbox
    return InputSettings(
      width: inputSize ?? model.network.ownInput.width,
      height: inputSize ?? model.network.ownInput.height, resizeMode: mode,
      fill: mode == .letterbox ? letterboxFill ?? model.letterboxFill : 0)
  }

  private func read(_ backend: any Backend) throws -> TrainedModel {
    switch place {
    case .run(let path, let weights):
      try TrainedModel(run: RunFolder(path: path), weights: weights, backend: backend)
    case .darknet(let files):
      try TrainedModel(
        configuration: ModelLibrary().configuration(files.configuration),
        weights: URL(filePath: files.weights), names: files.names.map { URL(filePath: $0) },
        backend: backend, lenient: files.isLenient,
        relativeVariance: files.relativeVariance)
    }
  }

  /// How the model is used: every class above the threshold, boxes cut off at the image's edges.
  package func settings(
    of model: TrainedModel, confidence: Float, suppression: Float, views: ImageViews? = nil
  ) -> PredictionSettings {
    var settings = PredictionSettings(
      inputWidth: inputSize ?? model.network.ownInput.width,
      inputHeight: inputSize ?? model.network.ownInput.height,
      resizeMode: resize ?? model.resizeMode ?? .letterbox, confidenceThreshold: confidence,
      suppressionThreshold: suppression)
    if settings.input.resizeMode == .letterbox {
      settings.input.fill = letterboxFill ?? model.letterboxFill
    }
    settings.detection.keepsUncertainty = model.knowsUncertainty
    settings.detection.keepsPlace = model.knowsPlace
    settings.views = views
    return settings
  }
  /// How the model is used in images of a data set that judges it.
  package func settings(of model: TrainedModel, by rules: PredictionRules) -> PredictionSettings {
    var settings = settings(
      of: model, confidence: rules.confidence, suppression: rules.suppression, views: rules.views)
    settings.detection.ranking = rules.ranking
    settings.detection.keepsMerged = rules.keepsMerged
    settings.detection.votesBoxes = rules.votesBoxes
    return settings
  }
}
