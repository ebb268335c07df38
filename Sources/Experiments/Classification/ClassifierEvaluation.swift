package import Compute
import Datasets
package import Evaluation
import Foundation
import Images
import Tasks
import Training

/// Judges a classifier on a split, and on images of none of its classes.
package struct ClassifierEvaluation {
  /// Resamples of the images behind each interval; 0: no intervals.
  package var draws = 1000
  /// Chooses the resamples.
  package var seed: UInt64 = 1
  /// Images that are run at once.
  package var batchSize = 32
  /// A folder, or an image, of what is none of the classes.
  package var unknown: String?
  /// A file of `detector calibrate` that recalibrates the probabilities first.
  package var calibration: String?

  package init() {}

  /// Looks at every image and computes everything.
  ///
  /// - Parameters:
  ///   - choice: The classifier.
  ///   - data: What it is judged on; of sets that name no split `val`.
  ///   - backend: Does the work.
  ///   - console: Told what was recognised and left out.
  /// - Returns: The numbers.
  /// - Throws: `DataError`, `FileError`, ``UsageError``.
  package func run(
    _ choice: ModelChoice, on data: DataChoice, backend: any Backend, _ console: Console
  ) throws -> ClassificationReport {
    let classifier = try Classifier(choice, backend: backend, console)
    let temperature = try calibration.map {
      try TemperatureScaling(contentsOf: URL(filePath: $0))
    }
    if temperature != nil { try classifier.checkScales() }
    let samples = try data.readToJudge(classifier, console)
    if let temperature, let calibration {
      let fitted = Set(temperature.imageIDs)
      if let seen = samples.samples.first(where: { fitted.contains($0.id) }) {
        throw UsageError(
          "--calibration \(calibration) was fitted on image \(seen.id) of these data; judge it on"
            + " others")
      }
    }
    let judged = try classifier.look(at: samples.samples, batchSize: batchSize, console)
    let known = KnownImages(choice)
    let images = temperature.map { scaling in judged.images.map(scaling.applied) } ?? judged.images
    let bootstrap = draws > 0 ? Bootstrap(draws: draws, seed: seed) : nil
    var report = ClassificationReport(
      images, classNames: classifier.classNames, bootstrap: bootstrap, pool: backend.pool)
    report.settings = [
      .init("input", "\(classifier.input.width)x\(classifier.input.height)"),
      .init("resize", classifier.input.resizeText),
    ]
    if let calibration { report.settings.append(.init("calibration", calibration)) }
    let left = DataProblem.summary(of: samples.problems.filter { !$0.kind.isUsed } + judged.leftOut)
    if let note = classifier.note { report.notes.append(note) }
    report.notes +=
      left.map { "left out of the data: " + $0 } + DataProblem.summary(of: judged.notes)
      + (known?.cautions(judging: judged.indices.map { samples.samples[$0] }) ?? [])
    report.unreadableImages = judged.leftOut.count
    if let unknown {
      let files = try ImageFile.list([unknown])
      let strangers = files.map {
        Sample(id: $0.path, image: .file($0.url), target: 0)
      }
      let seen = try classifier.look(at: strangers, batchSize: batchSize, console)
      report.unreadableImages += seen.leftOut.count
      report.add(
        unknown: temperature.map { scaling in seen.images.map(scaling.applied) } ?? seen.images,
        beside: images, place: unknown, bootstrap: bootstrap, pool: backend.pool)
    }
    return report
  }
}

extension Classifier {
  /// What it says about samples, with a count of those that are done.
  func look(
    at samples: [Sample<Int>], batchSize: Int, _ console: Console
  ) throws -> JudgedSamples<ClassifiedImage> {
    var meter = console.meter(total: samples.count, unit: "images")
    defer { meter.finish() }
    let judged = try classified(samples, batchSize: batchSize) { meter.update($0) }
    console.say(unreadable: judged.leftOut)
    return judged
  }
}

extension DataChoice {
  /// Reads labels that shall judge a classifier.
  ///
  /// - Throws: `DataError`; ``UsageError`` for data of other classes.
  func readToJudge(
    _ classifier: Classifier, _ console: Console
  ) throws -> SampleSet<Int> {
    // A network that names no classes takes those of the data, if there are as many.
    let names = classifier.model.classNames
    let data = try read(for: ClassificationTask.self, split: "val", classNames: names, console)
    if names == nil { try classifier.model.checkClassCount(of: data.classNames) }
    return data
  }
}
