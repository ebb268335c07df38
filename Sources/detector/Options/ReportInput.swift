import ArgumentParser
import Compute
import Darknet
import Datasets
import Detection
import Drawing
import Evaluation
import Experiments
import Foundation
import Geometry
import Images
import Tasks
import Training
import Uncertainty

/// What one run finds in the images of a report.
struct ReportInput {
  let images: [EvaluatedImage]
  let settings: [EvaluationReport.Setting]
  let seconds: Double
  private let model: DetectionModel
  private let predictor: Predictor
  private let items: [Sample<[GroundTruth]>]
  private let classNames: [String]

  init(
    run path: String, summary: RunSummary, data: SampleSet<[GroundTruth]>, backend: any Backend,
    _ prediction: DatasetPredictionOptions
  ) throws {
    model = try DetectionModel(
      run: RunFolder(path: path), weights: summary.weights, backend: backend)
    _ = try model.detectedClassNames()
    classNames = data.classNames
    items = data.samples
    let net = model.network.configuration
    var options = PredictionSettings(
      inputWidth: net.width, inputHeight: net.height, resizeMode: model.resizeMode ?? .letterbox,
      confidenceThreshold: prediction.confidence,
      suppressionThreshold: prediction.nms)
    options.keepsUncertainty = model.knowsUncertainty
    predictor = Predictor(network: model.network, settings: options)
    report("model: \(model.origin)")
    var meter = CountReporter(total: data.samples.count, unit: "images")
    let start = ProgressReporter.uptime()
    images = try DatasetPredictions.evaluatedImages(
      data.samples, predictor: predictor, batchSize: prediction.batch
    ) { meter.update($0) }
    seconds = ProgressReporter.uptime() - start
    meter.finish()
    settings =
      [.init("folder", path)] + summary.settings + [
        .init("input", "\(net.width)x\(net.height), \(options.resizeMode.rawValue)"),
        .init("confidence above", "\(prediction.confidence)"), .init("NMS", "\(prediction.nms)"),
        .init("Bayesian branch", model.knowsUncertainty ? "yes" : "no"),
      ]
  }

  /// Chooses the examples and draws them; every image is read once.
  func addExamples(
    to run: inout ReportRun, matcher: DetectionMatcher, floor: Double, count: Int
  ) throws {
    let chosen = try TellingDetections(
      images: images, classNames: classNames, matcher: matcher, scoreFloor: floor, count: count)
    let bald = chosen.usesBALD ? try model.bald() : nil
    var drawn: [TellingDetections.Entry: ReportExample] = [:]
    let wanted = Dictionary(
      grouping: Set(chosen.confidentMistakes + chosen.mostUncertain), by: \.imageIndex)
    for (index, entries) in wanted.sorted(by: { $0.key < $1.key }) {
      let photo = try items[index].image.read()
      let maps = try bald.map { bald in
        try predictor.uncertainties(in: photo).moments.map {
          try UncertaintyMap.bald($0, bald: bald)
        }
      }
      let placement = predictor.placement(width: photo.width, height: photo.height)
      for entry in entries {
        let crop = DetectionCrop(
          photo: photo, detection: images[index].detections[entry.detectionIndex],
          objects: images[index].objects, object: entry.objectIndex)
        drawn[entry] = ReportExample(
          entry, of: images[index], classNames: classNames, picture: crop.picture(),
          map: maps.map { crop.overlay($0, placement: placement) })
      }
    }
    run.confidentMistakes = chosen.confidentMistakes.compactMap { drawn[$0] }
    run.mostUncertain = chosen.mostUncertain.compactMap { drawn[$0] }
    run.usesBALD = chosen.usesBALD
  }
}
