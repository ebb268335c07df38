import Compute
import Datasets
import Drawing
import Evaluation
import Foundation
import Geometry
import Images
import Tasks
import Training

/// What one classifier says about the images that all runs are judged on.
struct ClassifierFindings {
  let images: [ClassifiedImage]
  /// The images of the data that cannot be read.
  let leftOut: [DataProblem]
  let settings: [EvaluationReport.Setting]
  /// What to know of the numbers: that each class has a probability of its own, or why those are not
  /// what `detector predict` reports; nil if there is nothing.
  let remark: String?
  /// What it took.
  let seconds: Double
  private let samples: [Sample<Int>]
  private let classNames: [String]

  init(
    run path: String, summary: RunSummary, data: SampleSet<Int>, batchSize: Int,
    backend: any Backend, _ console: Console
  ) throws {
    let choice = ModelChoice(.run(path, summary.weights))
    let classifier = try Classifier(choice, backend: backend, console)
    classNames = data.classNames
    console.say(classifier.introduction)
    let start = ProgressReporter.uptime()
    let found = try classifier.look(at: data.samples, batchSize: batchSize, console)
    seconds = ProgressReporter.uptime() - start
    samples = found.indices.map { data.samples[$0] }
    leftOut = found.leftOut
    let scaling = try choice.ownCalibration.map {
      try TemperatureScaling(contentsOf: URL(filePath: $0))
    }
    let fitted = Set(scaling?.imageIDs ?? [])
    let known = samples.count { fitted.contains($0.id) }
    images =
      if let scaling, known == 0 { found.images.map(scaling.applied) } else { found.images }
    remark =
      known == 0
      ? classifier.note.map { $0 + "." }
      : "Probabilities are the network's own: the run's temperature was fitted on \(known) of these"
        + " \(samples.count) images."
    let input = classifier.input
    settings =
      [.init("folder", path)] + summary.settings + [
        .init("input", "\(input.width)x\(input.height), \(input.resizeText)"),
        .init("Bayesian branch", classifier.model.knowsUncertainty ? "yes" : "no"),
      ]
      + (scaling.map { [.init("probabilities", known == 0 ? $0.text : "the network's own")] } ?? [])
  }

  /// Chooses the examples and reads their pictures, each once.
  func addExamples(to run: inout ClassifierRun, count: Int) throws {
    let chosen = TellingImages(images, run.report, count: count)
    let wanted = Set(
      chosen.confidentMistakes + chosen.mostUncertain + chosen.confusions.flatMap(\.images))
    var drawn: [Int: ClassifierExample] = [:]
    for index in wanted.sorted() {
      drawn[index] = ClassifierExample(
        images[index], id: samples[index].id, classNames: classNames, usesBALD: chosen.usesBALD,
        picture: Self.picture(of: try samples[index].image.read()))
    }
    run.confidentMistakes = chosen.confidentMistakes.compactMap { drawn[$0] }
    run.mostUncertain = chosen.mostUncertain.compactMap { drawn[$0] }
    run.confusions = chosen.confusions.map { pair, images in
      (pair, images.compactMap { drawn[$0] })
    }
    run.usesBALD = chosen.usesBALD
  }

  /// The longer side of a picture on the page, pixels: larger ones are reduced, smaller enlarged.
  private static let sides = 128...240

  private static func picture(of photo: Image) -> Image {
    let longer = Double(max(photo.width, photo.height))
    let scale =
      min(
        max(longer, Double(sides.lowerBound)), Double(sides.upperBound)) / longer
    guard scale != 1 else { return photo }
    return photo.resized(
      width: max(Int(Double(photo.width) * scale), 1),
      height: max(Int(Double(photo.height) * scale), 1))
  }
}
