package import Datasets
package import Detection
package import Evaluation
import Geometry
package import Images
package import Networks

/// Finds objects in several views of every image and joins what they show (test-time augmentation).
///
/// Every view is an image of its own, mirrored first and then brought to its input, and its repeats
/// are suppressed as without views. Its boxes go back to the picture and from there to where they
/// would lie in the plain view's input; there the views are joined by ``ViewFusion``, what still
/// overlaps is suppressed, and the rest is placed in the picture.
package final class ViewPredictor {
  /// The views, the plain one first.
  package let views: [ImageView]
  private let own: InputSettings
  private let task: DetectionTask
  private let predictors: [InputSettings: Predictor<DetectionTask>]

  /// What a view's detections must exceed to count, unless less is asked for: joined confidences then do
  /// not depend on what is asked for.
  package static let floor: Float = 0.005
  /// The IoU that detections of one object in two views exceed.
  package static let overlap: Float = 0.55

  /// What one view shows of an image, as fractions of the plain view's input.
  private struct Sight {
    var detections: [Detection]
    /// Whether each detection would be reported if there were no other views.
    var isReported: [Bool]
  }

  /// A predictor; memory is planned with the first image, for every size.
  ///
  /// - Throws: ``TaskError`` if the network does not find objects.
  package init(_ views: ImageViews, network: Network, settings: PredictionSettings) throws {
    try TaskChoice.check(network, isFor: DetectionTask.self)
    let task = try DetectionTask(network, settings: settings.detection)
    own = settings.input
    self.task = task
    self.views = views.views(of: settings.input, stride: network.stride)
    predictors = Dictionary(
      self.views.map { ($0.input, Predictor(network: network, task: task, input: $0.input)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The objects found in an image, boxes in its pixels, by falling confidence.
  ///
  /// - Throws: As `Predictor.prediction(of:)`.
  package func detections(in image: Image) throws -> [Detection] {
    let size = PixelSize(width: image.width, height: image.height)
    let mirrored = views.contains(where: \.isMirrored) ? image.mirrored : image
    let sights = try views.map { view in
      let plan = try predictor(view).run(view.isMirrored ? mirrored : image)
      return try shown(plan, view, sizes: [size])[0]
    }
    return joined(sights, size: size)
  }

  /// What is found in samples, as ``Predictor/judged(_:batchSize:corruption:seed:progress:)`` has it.
  ///
  /// Every image is read once a view; one that cannot be read each time is left out.
  package func evaluatedImages(
    _ samples: [Sample<[GroundTruth]>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<EvaluatedImage> {
    var sights: [Int: [Sight]] = [:]
    var sizes: [Int: PixelSize] = [:]
    var last: JudgedSamples<Sight>?
    for (number, view) in views.enumerated() {
      let predictor = try predictor(view)
      let seen = try predictor.passing(
        over: samples, batchSize: batchSize, corruption: corruption, seed: seed,
        mirrors: view.isMirrored,
        progress: { try progress((number * samples.count + $0) / views.count) },
        body: { batch in
          let pictures = batch.sources.map {
            PixelSize(width: $0.variation.imageWidth, height: $0.variation.imageHeight)
          }
          for (source, size) in zip(batch.sources, pictures) { sizes[source.index] = size }
          return try shown(predictor.run(batch), view, sizes: pictures)
        })
      for (index, sight) in zip(seen.indices, seen.images) {
        sights[index, default: []].append(sight)
      }
      if seen.leftOut.count >= last?.leftOut.count ?? 0 { last = seen }
    }
    guard let last else { preconditionFailure("there is always the plain view") }
    var images: [EvaluatedImage] = []
    var indices: [Int] = []
    for index in last.indices {
      guard let all = sights[index], all.count == views.count, let size = sizes[index] else {
        continue
      }
      indices.append(index)
      images.append(
        EvaluatedImage(
          id: samples[index].id, objects: samples[index].target,
          detections: joined(all, size: size)))
    }
    return JudgedSamples(
      images: images, indices: indices, leftOut: last.leftOut, notes: last.notes)
  }

  private func predictor(_ view: ImageView) throws -> Predictor<DetectionTask> {
    guard let predictor = predictors[view.input] else { preconditionFailure("an unknown view") }
    return predictor
  }

  /// What a view shows of the images of a batch after its forward pass.
  private func shown(
    _ plan: NetworkPlan, _ view: ImageView, sizes: [PixelSize]
  ) throws -> [Sight] {
    let floor = min(task.settings.confidenceThreshold, Self.floor)
    let found = try task.decoded(plan, confidence: floor, classes: .all).map {
      task.suppressed($0, among: $0)
    }
    // A class that is not a box's most probable one counts in a group, but makes none.
    let best =
      task.settings.classes == .all
      ? nil : try task.decoded(plan, confidence: floor, classes: .best).map { Set($0) }
    return found.enumerated().map { image, found in
      Sight(
        detections: found.map { detection in
          var detection = detection
          detection.box = view.box(detection.box, in: own, size: sizes[image])
          detection.edges = detection.edges.map { view.edges($0, in: own, size: sizes[image]) }
          return detection
        }, isReported: found.map { best?[image].contains($0) ?? true })
    }
  }

  private func joined(_ sights: [Sight], size: PixelSize) -> [Detection] {
    let found = ViewFusion(overlap: Self.overlap).fused(sights.map(\.detections)) {
      sights[$0].isReported[$1]
    }
    let kept = found.filter { $0.confidence > task.settings.confidenceThreshold }
    return task.placed(
      kept, among: kept, own.placement(width: size.width, height: size.height))
  }
}

extension ImageView {
  /// Where a box of this view lies in the input of the plain view, both as fractions of the input.
  ///
  /// - Parameters:
  ///   - box: A box in the view's input.
  ///   - own: The plain view's input.
  ///   - size: The picture's.
  /// - Returns: The box there; the same if this is the plain view.
  func box(_ box: Box, in own: InputSettings, size: PixelSize) -> Box {
    if !isMirrored, input == own { return box }
    var box = input.placement(width: size.width, height: size.height).toImage(box)
    if isMirrored { box = box.mirrored(width: Float(size.width)) }
    return own.placement(width: size.width, height: size.height).toInput(box)
  }
}

extension ImageView {
  /// How far edges may be off in the input of the plain view, both as fractions of the input.
  func edges(_ edges: EdgeDeviations, in own: InputSettings, size: PixelSize) -> EdgeDeviations {
    let from = input.placement(width: size.width, height: size.height)
    let to = own.placement(width: size.width, height: size.height)
    let scaled = edges.scaled(
      x: Float(Double(from.inputWidth) / from.scale.x * to.scale.x / Double(to.inputWidth)),
      y: Float(Double(from.inputHeight) / from.scale.y * to.scale.y / Double(to.inputHeight)))
    guard isMirrored else { return scaled }
    return EdgeDeviations(
      left: scaled.right, top: scaled.top, right: scaled.left, bottom: scaled.bottom,
      isBounded: scaled.isBounded)
  }
}
