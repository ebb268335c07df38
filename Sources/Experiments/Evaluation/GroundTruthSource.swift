import Datasets
import Detection
package import Evaluation
import Files
import Foundation
import Images
package import Tasks
import Training

/// The annotated images of an evaluation, from VOC, COCO or YOLO files.
package struct GroundTruthSource {
  /// Where the annotations lie.
  package enum Choice: Equatable, Sendable {
    /// Data that a model can look at.
    case data(DataChoice)
    /// COCO's annotation JSON.
    case coco(String)
    /// A folder of YOLO's label files and one of the images, whose sizes count.
    case yolo(labels: String, images: String?)

    /// The same, with a run's own data read as they were for it.
    func adoptingRules(of run: RunFolder?) -> Choice {
      if case .data(let choice) = self { .data(choice.adoptingRules(of: run)) } else { self }
    }
  }

  package let classNames: [String]
  /// What could not be used, a line each; the console was told.
  package let omissions: [String]
  /// What is odd about the annotations, a line each.
  package let notes: [String]
  /// The images without detections.
  package let images: [EvaluatedImage]
  /// What a model runs on; empty for --coco and --yolo.
  let samples: [Sample<[GroundTruth]>]
  private let results: COCOResultFile?

  /// Reads the annotations.
  ///
  /// - Parameters:
  ///   - choice: Where they lie.
  ///   - names: The class names; nil: those of the annotations.
  ///   - console: Told what was left out.
  /// - Throws: `DataError`, `FileError`, `EvaluationError`; ``UsageError`` for YOLO's files without
  ///   class names or images.
  package init(_ choice: Choice, classNames names: [String]?, _ console: Console) throws {
    switch choice {
    case .coco(let file):
      let annotations = try COCOAnnotations(
        Data(contentsOf: URL(filePath: file)), file: URL(filePath: file).lastPathComponent)
      results = annotations.results
      images = annotations.pictures.map { EvaluatedImage($0) }
      classNames = annotations.classNames
      samples = []
      omissions = []
      notes = InputNotes.annotations(of: images, classNames: classNames)
    case .yolo(let labels, let pictures):
      guard let names, let pictures else {
        throw UsageError("--yolo needs the class names (--names) and the --images")
      }
      results = nil
      let files = try Self.files(labels, pictures: pictures)
      images = try Self.yolo(labels, pictures: files, classCount: names.count)
      classNames = names
      samples = []
      omissions = []
      notes =
        Self.unlabelled(files, images, labels)
        + InputNotes.annotations(of: images, classNames: classNames)
    case .data(let choice):
      let data = try choice.readToJudge(classNames: names, console)
      results = nil
      samples = data.samples
      images = data.evaluatedImages
      classNames = data.classNames
      omissions = DataProblem.summary(of: data.problems.filter { !$0.kind.isUsed })
        .map { "left out of the data: " + $0 }
      notes =
        DataProblem.summary(of: data.problems.filter(\.kind.isUsed))
        + InputNotes.annotations(of: images, classNames: classNames)
    }
  }

  /// The images with the detections of files.
  package func joined(_ path: String) throws -> JoinedDetections {
    let url = URL(filePath: path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(path: path, reason: "no such file or folder")
    }
    return try DetectionFiles.joining(
      url, to: images, classNames: classNames, results: results)
  }

  /// The images with what a model finds, without those that cannot be read; the console was told.
  ///
  /// - Throws: ``UsageError`` if there are no images to look at, or other classes than the model's.
  package func found(
    by finder: ObjectFinder, batchSize: Int, _ console: Console
  ) throws -> JudgedSamples<EvaluatedImage> {
    guard !samples.isEmpty else {
      throw UsageError(
        "a model is evaluated on --voc or --data; with --coco or --yolo give --detections")
    }
    try finder.model.checkClassCount(of: classNames)
    console.say("model: \(finder.model.origin)" + (finder.viewText.map { "; " + $0 } ?? ""))
    var meter = console.meter(total: samples.count, unit: "images")
    var found = try finder.evaluatedImages(samples, batchSize: batchSize) { meter.update($0) }
    meter.finish()
    for (place, index) in found.indices.enumerated() {
      found.images[place].size = images[index].size
    }
    console.say(unreadable: found.leftOut)
    for line in DataProblem.summary(of: found.notes) { console.say("note: " + line) }
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
