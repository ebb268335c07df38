package import Compute
package import Datasets
import Detection
import Drawing
package import Evaluation
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training

/// Looks for wrong labels with a trained detector.
package struct LabelErrorSearch {
  /// Errors that are put into the labels first, to see which scores find them.
  package enum Noise: Equatable, Sendable {
    /// These.
    case some(LabelNoise)
    /// Those that the run was trained with.
    case ofRun
  }

  package var model: ModelChoice
  package var data: DataChoice
  /// Errors to put in first; nil: the labels are taken as they are.
  package var noise: Noise?
  /// Judges the scores against errors that were put in.
  package var bootstrap = Bootstrap()

  /// Detections of less confidence contradict nothing.
  private static let confidence: Float = 0.01
  /// As in evaluation.
  private static let suppression: Float = 0.45
  private static let batch = 8

  /// Labels of these data, by this model.
  package init(model: ModelChoice, data: DataChoice, noise: Noise? = nil) {
    self.model = model
    self.data = data
    self.noise = noise
  }

  /// Looks at all images once.
  ///
  /// - Parameters:
  ///   - backend: Does the work.
  ///   - console: Told which model it is and how far it is.
  /// - Returns: The labels by how suspicious they are.
  /// - Throws: `DataError`, `FileError`; ``UsageError`` if model and data have other classes, or the run
  ///   was trained without errors.
  package func run(backend: any Backend, _ console: Console) throws -> LabelErrorReport {
    let loaded = try model.load(backend)
    let data = try data.adoptingRules(of: model.run).read(
      for: DetectionTask.self, split: "all", classNames: loaded.classNames, console)
    try data.checkClasses()
    try loaded.checkClassCount(of: data.classNames)
    let finder = try ObjectFinder(
      loaded,
      model.settings(of: loaded, confidence: Self.confidence, suppression: Self.suppression))
    console.say(finder.introduction)
    let noise = try chosenNoise(console)
    var samples = data.samples
    var changes: [[LabelNoise.Change]] = samples.map { _ in [] }
    if let noise {
      (samples, changes) = noise.applied(to: samples, classCount: data.classNames.count)
      let count = data.samples.reduce(0) { $0 + $1.target.count }
      console.say(
        "label noise: \(LabelNoise.text(changes, objects: count)) (\(noise.text)), to be found")
    }
    var meter = console.meter(total: samples.count, unit: "images")
    let seen = try finder.examined(samples, batchSize: Self.batch) { meter.update($0) }
    meter.finish()
    console.say(unreadable: seen.leftOut)
    let evidence = seen.images.enumerated().map { index, image in
      LabelEvidence.of(image.image, index: index, doubts: image.doubts)
    }
    let trial = noise.map { _ in
      LabelErrorTrial(
        evidence,
        errors: seen.indices.map { .init(changes[$0], objects: samples[$0].target.count) },
        bootstrap: bootstrap, pool: backend.pool)
    }
    return LabelErrorReport(
      model: loaded.origin, classNames: data.classNames,
      images: seen.indices.map { samples[$0].image.path },
      objects: seen.images.map(\.image.objects), evidence: evidence.flatMap(\.self),
      noise: noise?.text, trial: trial)
  }

  /// The errors to put in.
  private func chosenNoise(_ console: Console) throws -> LabelNoise? {
    let own = try model.run.map { run in
      FileManager.default.fileExists(atPath: run.configuration)
        ? try RunConfiguration(contentsOf: run.configuration).labelNoise : nil
    }
    switch noise {
    case .some(let given)?: return given
    case .ofRun?:
      guard let run = model.run, let own = own ?? nil else {
        throw UsageError(
          "--label-noise run: \(model.run?.path ?? "the model") was trained without --label-noise")
      }
      _ = run
      return own
    case nil:
      if let own = own ?? nil {
        console.say(
          "note: the run was trained with label noise (\(own.text)), these labels have none; "
            + "--label-noise run puts it in, to see which scores find it")
      }
      return nil
    }
  }
}

extension LabelErrorTrial.Errors {
  /// What was done to the labels of an image that now has so many objects.
  fileprivate init(_ changes: [LabelNoise.Change], objects: Int) {
    self.init(ofObjects: [LabelErrorKind?](repeating: nil, count: objects))
    for change in changes {
      switch (change.kind, change.index) {
      case (.move, let index?): ofObjects[index] = .moved
      case (.rename, let index?): ofObjects[index] = .wrongClass
      case (.add, let index?): ofObjects[index] = .spurious
      default: missing.append(change.original)
      }
    }
  }
}
