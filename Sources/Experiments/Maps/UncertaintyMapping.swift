package import Compute
import Datasets
import Detection
package import Drawing
import Evaluation
import Files
import Foundation
import Images
import Tasks
import Training
package import Uncertainty

/// Maps where a Bayesian network is uncertain in images.
package struct UncertaintyMapping {
  /// What is looked at.
  package enum Source: Equatable, Sendable {
    /// Images, or folders of images.
    case images([String])
    /// Annotated images, whose objects tell the difficulty.
    case data(DataChoice)
  }

  package var model: ModelChoice
  package var source: Source
  /// The first images only; nil: all.
  package var limit: Int?
  /// What is mapped; ``UncertaintyKind/difficulty`` needs ``Source/data(_:)``.
  package var kinds: [UncertaintyKind]
  package var style = UncertaintyStyle()
  /// Detections that are drawn need a larger confidence.
  package var confidence: Float = 0.25
  /// Per class, of two detections with a larger IoU the less confident is dropped.
  package var suppression: Float = 0.45
  /// Why these kinds; said once the model is read.
  package var remark: String?

  package init(model: ModelChoice, source: Source, kinds: [UncertaintyKind]) {
    self.model = model
    self.source = source
    self.kinds = kinds
  }

  /// The kinds that a list names, each once.
  ///
  /// - Throws: ``UsageError`` for a name that there is not.
  package static func kinds(named list: String) throws -> [UncertaintyKind] {
    var kinds: [UncertaintyKind] = []
    for name in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = UncertaintyKind(rawValue: String(name)) else {
        throw UsageError(
          "there is no kind '\(name)'; --kind takes bald, sigma, entropy and difficulty")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  /// Writes the maps of every image and the manifest.
  ///
  /// - Parameters:
  ///   - path: The folder for everything.
  ///   - backend: Does the work.
  ///   - console: Told which model it is and which images cannot be read.
  ///   - each: Gets the manifest's entry of an image as soon as its maps are written.
  /// - Returns: How many images could be read.
  /// - Throws: Before the work if something cannot be read or written, or if the network is not
  ///   Bayesian.
  package func run(
    to path: String, backend: any Backend, _ console: Console,
    each: (UncertaintyManifest.Entry) throws -> Void
  ) throws -> ImageWalk.Outcome {
    let loaded = try model.load(backend)
    let classNames = try loaded.detectedClassNames(console)
    let bald = try loaded.bald()
    let (files, truths) = try images(classNames: classNames, console)
    // A place that cannot be written to must show before the work, not after it.
    try Folder.make(path)
    let folder = try UncertaintyFolder(path, sources: files)
    // The same confidences as `detector detect` reports.
    let maps = try model.ownCalibration.map {
      try RecalibrationModel(contentsOf: URL(filePath: $0))
    }
    var settings = model.settings(
      of: loaded, confidence: maps == nil ? confidence : min(confidence, 0.005),
      suppression: suppression)
    settings.detection.classes = .best
    let finder = try ObjectFinder(loaded, settings)
    console.mention(
      finder.introduction
        + (model.ownCalibration.map { "; confidences recalibrated by \($0)" } ?? ""))
    if let remark { console.mention(remark) }
    var entries: [UncertaintyManifest.Entry] = []
    let outcome = try ImageWalk(files, console).forEach { index, file, image in
      let found = try finder.uncertainties(in: image, truths: truths?[index])
      let content = UncertainImage(
        source: file, image: image, placement: finder.placement(of: image),
        resize: settings.input.resizeMode,
        detections: maps.map {
          $0.applied(to: found.detections, classNames: classNames)
            .filter { $0.confidence > confidence }.sorted { $0.confidence > $1.confidence }
        } ?? found.detections,
        maps: try kinds.flatMap { try $0.maps(of: found, bald: bald) })
      let entry = try folder.write(content, classNames: classNames, style: style)
      try each(entry)
      entries.append(entry)
    }
    try folder.write(
      UncertaintyManifest(style: style, model: loaded.origin, bald: bald, images: entries))
    return outcome
  }

  /// The images, and the objects of each where they are known.
  private func images(
    classNames: [String], _ console: Console
  ) throws -> (files: [ImageFile], truths: [[GroundTruth]]?) {
    switch source {
    case .images(let paths):
      return (Array(try ImageFile.list(paths).prefix(limit ?? .max)), nil)
    case .data(let choice):
      let samples = try choice.adoptingRules(of: model.run).read(
        for: DetectionTask.self, split: "val", classNames: classNames, console
      ).samples.prefix(limit ?? .max)
      return (
        try ImageFile.list(samples.compactMap(\.image.file?.relativePath)), samples.map(\.target)
      )
    }
  }
}

extension UncertaintyKind {
  /// The maps of this kind, one a head.
  fileprivate func maps(of found: ImageUncertainty, bald: BALD) throws -> [UncertaintyMap] {
    switch self {
    case .bald: try found.moments.map { try .bald($0, bald: bald) }
    case .sigma: try found.moments.map { try .sigma($0) }
    case .entropy: try found.moments.map { try .entropy($0, logitScale: bald.logitScale) }
    case .difficulty: found.difficulties
    }
  }
}
