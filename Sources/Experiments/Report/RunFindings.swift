import Compute
import Datasets
import Detection
import Drawing
import Evaluation
import Foundation
import Geometry
import Images
import Tasks
import Training
import Uncertainty

/// What one run finds in the images that all runs are judged on.
struct RunFindings {
  let images: [EvaluatedImage]
  /// The images of the data that cannot be read.
  let leftOut: [DataProblem]
  let settings: [EvaluationReport.Setting]
  /// What is known of the run besides its detections.
  let subject: EvaluationVerdict.Subject
  /// Why the confidences are not those that `detector detect` reports; nil if they are.
  let confidenceRemark: String?
  /// What finding them took.
  let seconds: Double
  private let finder: ObjectFinder
  private let samples: [Sample<[GroundTruth]>]
  private let classNames: [String]

  init(
    run path: String, summary: RunSummary, data: SampleSet<[GroundTruth]>, rules: PredictionRules,
    backend: any Backend, _ console: Console
  ) throws {
    let choice = ModelChoice(.run(path, summary.weights))
    let model = try choice.load(backend)
    _ = try model.detectedClassNames(console)
    classNames = data.classNames
    var subject = choice.subject
    subject.hasReport = true
    self.subject = subject
    let used = choice.settings(of: model, by: rules)
    let finder = try ObjectFinder(model, used)
    self.finder = finder
    console.say("model: \(model.origin)" + (finder.viewText.map { "; " + $0 } ?? ""))
    var meter = console.meter(total: data.samples.count, unit: "images")
    let start = ProgressReporter.uptime()
    let found = try finder.evaluatedImages(data.samples, batchSize: rules.largeBatch) {
      meter.update($0)
    }
    let raw = found.images
    samples = found.indices.map { data.samples[$0] }
    leftOut = found.leftOut
    seconds = ProgressReporter.uptime() - start
    meter.finish()
    let map = try choice.ownCalibration.map {
      try RecalibrationModel($0, for: rules.settings(finder))
    }
    let fitted = Set(map?.imageIDs ?? [])
    let known = raw.count { fitted.contains($0.id) }
    if let map, known == 0 {
      images = try map.applied(to: raw, classNames: data.classNames)
    } else {
      images = raw
    }
    confidenceRemark =
      known == 0
      ? nil
      : "Confidences are the network's own: the run's confidence map was fitted on \(known) of these"
        + " \(raw.count) images."
    settings =
      [.init("folder", path)] + summary.settings + [
        .init(
          "input", "\(used.input.width)x\(used.input.height), \(used.input.resizeText)"),
        .init("confidence above", "\(rules.confidence)"), .init("NMS", "\(rules.suppression)"),
        .init("Bayesian branch", model.knowsUncertainty ? "yes" : "no"),
      ]
      + (finder.viewText.map { [.init("augment", $0)] } ?? [])
      + (map == nil
        ? []
        : [.init("confidences", known == 0 ? "recalibrated by the run's map" : "the network's own")])
  }

  /// Chooses the examples and draws them; every image is read once.
  func addExamples(
    to run: inout ReportRun, matcher: DetectionMatcher, floor: Double, count: Int
  ) throws {
    let chosen = try TellingDetections(
      images: images, classNames: classNames, matcher: matcher, scoreFloor: floor, count: count)
    let bald = chosen.usesBALD ? try finder.model.bald() : nil
    var drawn: [TellingDetections.Entry: ReportExample] = [:]
    let wanted = Dictionary(
      grouping: Set(chosen.confidentMistakes + chosen.mostUncertain), by: \.imageIndex)
    for (index, entries) in wanted.sorted(by: { $0.key < $1.key }) {
      let photo = try samples[index].image.read()
      let maps = try bald.map { bald in
        try finder.uncertainties(in: photo).moments.map {
          try UncertaintyMap.bald($0, bald: bald)
        }
      }
      let placement = finder.placement(of: photo)
      for entry in entries {
        let crop = DetectionCrop(
          photo: photo, detection: images[index].detections[entry.detectionIndex],
          objects: images[index].objects, object: entry.objectIndex)
        drawn[entry] = ReportExample(
          entry, of: images[index], classNames: classNames, picture: crop.picture(),
          map: maps.map {
            crop.map(
              $0, placement: placement,
              value: images[index].detections[entry.detectionIndex].uncertainty?.bald ?? 0)
          })
      }
    }
    run.confidentMistakes = chosen.confidentMistakes.compactMap { drawn[$0] }
    run.mostUncertain = chosen.mostUncertain.compactMap { drawn[$0] }
    run.orderText = chosen.orderText
    try addWholeData(to: &run, count: count)
  }

  /// The most photos that are shown whole.
  private static let wholePhotos = 6

  /// Missed objects and whole photos at equal steps through all there are.
  private func addWholeData(to run: inout ReportRun, count: Int) throws {
    let confidence = run.confusion.confidence
    func found(_ index: Int) -> [Detection] {
      images[index].detections.filter { $0.confidence >= confidence }
    }
    run.missed = try Self.spread(run.confusion.missedObjects, count).map { place in
      let objects = images[place.image].objects
      let crop = DetectionCrop(
        photo: try samples[place.image].image.read(), object: place.object, objects: objects,
        detections: found(place.image))
      let object = objects[place.object]
      let size = "\(Int(object.box.width.rounded()))x\(Int(object.box.height.rounded())) pixels"
      return ReportPicture(
        crop.picture(),
        caption: "\(classNames[object.classIndex]), \(size) (image \(images[place.image].id))")
    }
    let sheet = ContactSheet(columns: 1, cellWidth: 560, cellHeight: 420)
    var painter = DetectionPicture(classNames: classNames)
    painter.color = DetectionCrop.detectionColor
    run.typical = try Self.spread(Array(images.indices), min(count, Self.wholePhotos)).map {
      index in
      let photo = try samples[index].image.read()
      let small = sheet.thumbnail(of: photo)
      let scale = Float(small.width) / Float(photo.width)
      var canvas = Canvas(small)
      for object in images[index].objects {
        canvas.outline(
          object.box.transformed(scaleX: scale, scaleY: scale), DetectionCrop.objectColor,
          thickness: 2)
      }
      let boxes = found(index).map { detection in
        var detection = detection
        detection.box = detection.box.transformed(scaleX: scale, scaleY: scale)
        return detection
      }
      return ReportPicture(
        painter.drawing(boxes, on: canvas.image),
        caption: "image \(images[index].id): \(images[index].objects.count) annotated,"
          + " \(boxes.count) found")
    }
  }

  /// At most `count` entries at equal steps.
  static func spread<Entry>(_ entries: [Entry], _ count: Int) -> [Entry] {
    guard entries.count > count else { return entries }
    return (0..<count).map { entries[($0 * entries.count + entries.count / 2) / count] }
  }
}
