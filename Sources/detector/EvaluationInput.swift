import ArgumentParser
import Compute
import Darknet
import Data
import Detection
import Evaluation
import Foundation
import Training

/// The images of an evaluation with their detections, from a model or from files.
struct EvaluationInput {
  let images: [EvaluatedImage]
  let classNames: [String]
  let settings: [EvaluationReport.Setting]
  private let items: [VOCDataset.Item]

  init(_ options: Evaluate, pool: ThreadPool) throws {
    func dataset(_ names: [String]?) throws -> VOCDataset {
      let dataset = try VOCDataset(
        sources: options.voc.map { VOCSource(argument: $0) }, split: "val", classNames: names,
        valFraction: options.valFraction)
      report(dataset.problems)
      return dataset
    }
    if let detections = options.detections {
      let names = try options.model.names.map { try DetectionModel.readNames(URL(filePath: $0)) }
      let data = try dataset(names)
      items = data.items
      classNames = data.classNames
      images = try Self.joined(detections, to: items, classNames: classNames)
      settings = [.init("detections", detections)]
    } else {
      guard let loaded = try options.model.load(CPUBackend(pool: pool)) else {
        throw ValidationError("name a model with --run or --model, or files with --detections")
      }
      let data = try dataset(loaded.classNames)
      items = data.items
      classNames = data.classNames
      let used = options.model.settings(
        loaded, confidence: options.confidence, suppression: options.nms)
      images = try Self.predicted(
        loaded, used, on: items, classCount: classNames.count, batch: options.batch)
      settings = [
        .init("input", "\(used.inputWidth)x\(used.inputHeight)"),
        .init("resize", used.resizeMode.rawValue), .init("confidence", "\(options.confidence)"),
        .init("nms", "\(options.nms)"),
      ]
    }
  }

  /// The same images with the detections of another run, or of files.
  func other(_ path: String, _ options: Evaluate, pool: ThreadPool) throws -> [EvaluatedImage] {
    let run = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: run.model) else {
      return try Self.joined(path, to: items, classNames: classNames)
    }
    let loaded = try DetectionModel(run: run, backend: CPUBackend(pool: pool))
    if let names = loaded.classNames, names != classNames {
      throw ValidationError("--against \(path): its classes are not those of the evaluation")
    }
    let settings = PredictionSettings(
      inputWidth: loaded.network.configuration.width,
      inputHeight: loaded.network.configuration.height,
      resizeMode: loaded.resizeMode ?? .letterbox, confidenceThreshold: options.confidence,
      suppressionThreshold: options.nms)
    return try Self.predicted(
      loaded, settings, on: items, classCount: classNames.count, batch: options.batch)
  }

  private static func joined(
    _ path: String, to items: [VOCDataset.Item], classNames: [String]
  ) throws -> [EvaluatedImage] {
    let files = try DetectionFiles.read(URL(filePath: path), classNames: classNames)
    return try EvaluatedImage.joining(
      files,
      to: items.map {
        EvaluatedImage(id: $0.id, objects: $0.truths, size: EvaluatedImage.Size($0))
      }, classNames: classNames)
  }

  private static func predicted(
    _ loaded: DetectionModel, _ settings: PredictionSettings, on items: [VOCDataset.Item],
    classCount: Int, batch: Int
  ) throws -> [EvaluatedImage] {
    if let count = loaded.network.heads.first?.head.classCount, count != classCount {
      throw ValidationError(
        "the model has \(count) classes, the data \(classCount); give --names")
    }
    var settings = settings
    settings.keepsUncertainty = loaded.knowsUncertainty
    let predictor = Predictor(network: loaded.network, settings: settings)
    report("model: \(loaded.origin)")
    var meter = CountReporter(total: items.count, unit: "images")
    var images = try DatasetPredictions.evaluatedImages(
      items, predictor: predictor, batchSize: batch
    ) { meter.update($0) }
    meter.finish()
    for (index, item) in items.enumerated() { images[index].size = EvaluatedImage.Size(item) }
    return images
  }
}

extension EvaluatedImage.Size {
  /// What the annotation says, nil if it says nothing of use.
  fileprivate init?(_ item: VOCDataset.Item) {
    guard let size = item.size, size.width > 0, size.height > 0 else { return nil }
    self.init(width: size.width, height: size.height)
  }
}
