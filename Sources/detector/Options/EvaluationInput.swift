import ArgumentParser
import Compute
import Darknet
import Evaluation
import Foundation
import Geometry
import Tasks
import Training

/// The images of an evaluation with their detections, from a model or from files.
struct EvaluationInput {
  let images: [EvaluatedImage]
  let classNames: [String]
  let settings: [EvaluationReport.Setting]
  /// What could not be used, a line each; it has been reported.
  var omissions: [String] { truth.omissions }
  /// What is odd about annotations and detections, a line each.
  let notes: [String]
  private let truth: GroundTruthSource

  init(
    truth options: TruthOptions, model: ModelOptions, found: FoundOptions, backend: any Backend
  ) throws {
    if let detections = found.detections {
      let names = try model.names.map { try DetectionModel.readNames(URL(filePath: $0)) }
      truth = try GroundTruthSource(options, classNames: names)
      let joined = try truth.joined(detections)
      images = joined.images
      notes = truth.notes + joined.notes
      settings = [.init("detections", detections)]
    } else {
      guard let loaded = try model.load(backend) else {
        throw ValidationError("name a model with --run or --model, or files with --detections")
      }
      truth = try GroundTruthSource(options, classNames: loaded.classNames)
      let used = model.settings(
        loaded, confidence: found.prediction.confidence, suppression: found.prediction.nms)
      images = try truth.predicted(loaded, used, batch: found.prediction.batch)
      notes = truth.notes
      settings = [
        .init("input", "\(used.inputWidth)x\(used.inputHeight)"),
        .init("resize", used.resizeMode.rawValue),
        .init("confidence", "\(found.prediction.confidence)"),
        .init("nms", "\(found.prediction.nms)"),
      ]
    }
    classNames = truth.classNames
  }

  /// The same images with the detections of another run, or of files, and what is odd about those.
  func other(
    _ path: String, _ found: FoundOptions, backend: any Backend
  ) throws -> (images: [EvaluatedImage], notes: [String]) {
    let run = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: run.model) else {
      let joined = try truth.joined(path)
      return (joined.images, joined.notes.map { "\(path): \($0)" })
    }
    let loaded = try DetectionModel(run: run, backend: backend)
    if let names = loaded.classNames, names != classNames {
      throw ValidationError("--against \(path): its classes are not those of the evaluation")
    }
    let settings = PredictionSettings(
      inputWidth: loaded.network.configuration.width,
      inputHeight: loaded.network.configuration.height,
      resizeMode: loaded.resizeMode ?? .letterbox, confidenceThreshold: found.prediction.confidence,
      suppressionThreshold: found.prediction.nms)
    return (try truth.predicted(loaded, settings, batch: found.prediction.batch), [])
  }
}
