import ArgumentParser
import Darknet
import Datasets
import Detection
import Evaluation
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training

/// The annotated images of an evaluation, from VOC, COCO or YOLO files.
struct GroundTruthSource {
  let classNames: [String]
  /// What could not be used, a line each; it has been reported.
  let omissions: [String]
  /// What is odd about the annotations, a line each.
  let notes: [String]
  private let images: [EvaluatedImage]
  /// What a model runs on; VOC alone.
  private let items: [Sample<[GroundTruth]>]
  private let results: COCOResultFile?

  init(_ options: TruthOptions, classNames names: [String]?) throws {
    if let file = options.coco {
      let annotations = try COCOAnnotations(
        Data(contentsOf: URL(filePath: file)), file: URL(filePath: file).lastPathComponent)
      results = annotations.results
      images = annotations.pictures.map { EvaluatedImage($0) }
      classNames = annotations.classNames
      items = []
      omissions = []
      notes = InputNotes.annotations(of: images, classNames: classNames)
    } else if let labels = options.yolo {
      guard let names, let pictures = options.images else {
        throw ValidationError("--yolo needs the class names (--names) and the --images")
      }
      results = nil
      let files = try Self.files(labels, pictures: pictures)
      images = try Self.yolo(labels, pictures: files, classCount: names.count)
      classNames = names
      items = []
      omissions = []
      notes =
        Self.unlabelled(files, images, labels)
        + InputNotes.annotations(of: images, classNames: classNames)
    } else {
      let data = try SampleSet(
        voc: options.voc.map { DataArgument(argument: $0) }, split: "val", classNames: names,
        valFraction: options.valFraction)
      report(data.problems)
      try data.checkClasses()
      results = nil
      items = data.samples
      images = data.evaluatedImages
      classNames = data.classNames
      omissions = DataProblem.summary(of: data.problems).map { "left out of the data: " + $0 }
      notes = InputNotes.annotations(of: images, classNames: classNames)
    }
  }

  /// The images with the detections of files.
  func joined(_ path: String) throws -> JoinedDetections {
    let url = URL(filePath: path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(path: path, reason: "no such file or folder")
    }
    return try DetectionFiles.joining(
      url, to: images, classNames: classNames, results: results)
  }

  /// The images with what a model finds.
  func predicted(
    _ loaded: DetectionModel, _ settings: PredictionSettings, batch: Int
  ) throws -> [EvaluatedImage] {
    guard !items.isEmpty else {
      throw ValidationError(
        "a model is evaluated on --voc; with --coco or --yolo give --detections")
    }
    if let count = loaded.network.heads.first?.head.classCount, count != classNames.count {
      throw ValidationError(
        "the model has \(count) classes, the data \(classNames.count); give --names")
    }
    var settings = settings
    settings.keepsUncertainty = loaded.knowsUncertainty
    let predictor = Predictor(network: loaded.network, settings: settings)
    report("model: \(loaded.origin)")
    var meter = CountReporter(total: items.count, unit: "images")
    var found = try DatasetPredictions.evaluatedImages(
      items, predictor: predictor, batchSize: batch
    ) { meter.update($0) }
    meter.finish()
    for index in found.indices { found[index].size = images[index].size }
    return found
  }

  /// The images of a folder by name without extension.
  private static func files(_ labels: String, pictures: String) throws -> [String: URL] {
    var files: [String: URL] = [:]
    for file in try ImageFile.list([pictures]) {
      let id = file.url.deletingPathExtension().lastPathComponent
      if let other = files.updateValue(file.url, forKey: id) {
        throw FileError(
          path: labels + "/" + id + ".txt",
          reason: "two images have this name: \(other.lastPathComponent) and"
            + " \(file.url.lastPathComponent)")
      }
    }
    return files
  }

  private static func yolo(
    _ labels: String, pictures: [String: URL], classCount: Int
  ) throws -> [EvaluatedImage] {
    try YOLOLabels.read(in: URL(filePath: labels), classCount: classCount) { id in
      guard let file = pictures[id] else {
        throw FileError(
          path: labels + "/" + id + ".txt", reason: "no image of this name in --images")
      }
      return try ImageSource.file(file).readSize()
    }.map { EvaluatedImage($0) }
  }

  private static func unlabelled(
    _ pictures: [String: URL], _ images: [EvaluatedImage], _ labels: String
  ) -> [String] {
    let missing = Set(pictures.keys).subtracting(images.map(\.id))
    guard let first = missing.min() else { return [] }
    return [
      "\(missing.count) of \(pictures.count) images have no file in \(labels) (first: '\(first)') and"
        + " are left out; an empty file says that there is nothing in an image"
    ]
  }
}

extension SampleSet<[GroundTruth]> {
  /// Refuses data of which no object is of a class that is looked for: every number on it would be
  /// one on nothing.
  func checkClasses() throws {
    let unknown = problems.filter { $0.kind == .unknownClass }
    guard let first = unknown.first, samples.allSatisfy(\.target.isEmpty) else { return }
    throw FileError(
      path: first.file,
      reason: "none of the \(unknown.count) annotated objects is of a known class"
        + " (\(first.text)); these are data for another model")
  }
}
