package import Compute
import Darknet
package import Datasets
package import Evaluation
package import Geometry
package import Images
package import Keypoints
import Networks
package import Tasks
package import Training

/// A network of keypoints in use: how images are brought to it is one rule for every command.
package struct KeypointNetwork<Kind: HeatmapTarget> {
  package let model: TrainedModel
  package let input: InputSettings
  package let task: HeatmapTask<Kind>
  /// What the keypoints are.
  package let layout: KeypointLayout
  private let predictor: Predictor<HeatmapTask<Kind>>

  /// Loads a network.
  ///
  /// - Throws: As `TrainedModel`; `TaskError` for a model that does something else.
  package init(
    _ choice: ModelChoice, settings: HeatmapSettings = HeatmapSettings(), backend: any Backend
  ) throws {
    model = try choice.load(backend, for: HeatmapTask<Kind>.self)
    input = choice.input(of: model)
    task = try HeatmapTask<Kind>(model.network, settings: settings)
    layout = try Self.layout(of: task, named: model.classNames)
    predictor = Predictor(network: model.network, task: task, input: input)
  }

  /// The cfg's keypoints by the names of the data that the model was trained on: a cfg cannot hold every
  /// name.
  private static func layout(
    of task: HeatmapTask<Kind>, named names: [String]?
  ) throws -> KeypointLayout {
    let own = task.layout
    guard let names, names.count == own.count else { return own }
    return try KeypointLayout(
      names: names, pairs: own.pairs, edges: own.edges, deviations: own.deviations)
  }

  /// Says which weights there are and how images are brought to them.
  package var introduction: String {
    "model: \(model.origin); input \(input.width)x\(input.height), \(input.resizeText)"
      + (task.settings.mirrors ? ", mean of the image and its mirror image" : "")
  }

  /// What the network says about an image, or a region of it.
  package func prediction(of image: Image, region: Box? = nil) throws -> KeypointPrediction {
    try predictor.prediction(of: image, region: region)
  }

  /// The maps of an image, or of a region of it, and where they lie in it.
  package func maps(
    of image: Image, region: Box? = nil
  ) throws -> (maps: HeatmapTask<Kind>.Maps, placement: ImagePlacement) {
    try predictor.maps(of: image, region: region)
  }

  /// What it says about every sample of a data set, beside what is annotated, with a count of those that
  /// are done.
  ///
  /// - Throws: `DataError` if no image can be read; what the network throws.
  package func look(
    at samples: [Sample<KeypointTruth>], batchSize: Int, _ console: Console
  ) throws -> JudgedSamples<JudgedKeypoints> {
    var meter = console.meter(total: samples.count, unit: Kind.isPerson ? "persons" : "images")
    defer { meter.finish() }
    let judged = try predictor.judged(samples, batchSize: batchSize) { meter.update($0) }
    console.say(unreadable: judged.leftOut)
    return judged.map { JudgedKeypoints($0) }
  }

  /// Reads annotated keypoints that shall judge it.
  ///
  /// - Throws: `DataError`, also for other keypoints than the network's.
  package func read(
    _ data: DataChoice, split: String = "val", _ console: Console
  ) throws -> SampleSet<KeypointTruth> {
    let names = task.isNamed || model.classNames != nil ? layout.names : nil
    let samples = try data.read(
      for: HeatmapTask<Kind>.self, split: split, classNames: names, console)
    guard samples.classNames.count == layout.count else {
      throw UsageError(
        "the data have \(samples.classNames.count) keypoints, the network \(layout.count)")
    }
    return samples
  }
}
