package import Compute
import Darknet
import Datasets
import Files
import Foundation
import Layers
package import Networks
import Tasks
package import Training

/// Makes a model of whole numbers from a trained one, without training.
///
/// Weights become 8-bit numbers with a scale for each filter, tensors bytes with a scale and a zero point
/// each, from the values that calibration images give them. Which rule finds the ranges, and which layers
/// stay in floats, is decided by the error of the outputs on images that were held out.
package struct QuantizationExperiment {
  /// Images that ranges are taken from.
  package var images = 128
  /// The rule of ranges; nil: the one with the least error.
  package var rule: RangeRule?
  /// Convolutions that stay in floats whatever they cost.
  package var keptLayers: Set<Int> = []
  /// The kernels that the model shall be fast on.
  package var kernels: ByteKernels
  /// The version of the program.
  package var version: String

  /// Held-out images: the search runs the network on them again and again.
  private static let heldOut = 8

  package init(kernels: ByteKernels, version: String) {
    self.kernels = kernels
    self.version = version
  }

  /// Reads the images, quantises, and writes the folder of a run.
  ///
  /// - Parameters:
  ///   - choice: The model.
  ///   - data: Where the images are; of sets that name no split `val`.
  ///   - path: The folder, empty or new.
  ///   - backend: Does the work.
  ///   - console: Told what was recognised and left out.
  /// - Returns: What was done.
  /// - Throws: `DataError`, `FileError`, `TrainingError`, ``UsageError``.
  package func run(
    _ choice: ModelChoice, on data: DataChoice, to path: String, backend: any Backend,
    _ console: Console
  ) throws -> QuantizationOutcome {
    try RunFolder.check(path, as: .new)
    let loaded = try choice.load(backend, for: try choice.task())
    guard loaded.network.quantization == nil else {
      throw UsageError("\(loaded.origin): the model is quantised already")
    }
    let task = try TaskChoice.task(of: loaded.network)
    return try run(task, loaded, choice, data, to: path, console)
  }

  private func run<Task: LearningTask>(
    _ task: Task, _ loaded: TrainedModel, _ choice: ModelChoice, _ data: DataChoice,
    to path: String, _ console: Console
  ) throws -> QuantizationOutcome {
    let network = loaded.network
    let found = try data.read(
      for: Task.self, split: "val", classNames: loaded.classNames, console)
    let samples = found.samples
    let classNames = loaded.classNames ?? found.classNames
    guard classNames.count == task.classCount else {
      throw UsageError(
        "nothing names the model's \(task.classCount) classes, the data have \(classNames.count); give"
          + " them with --names")
    }
    let chosen = Self.spread(samples, over: images + Self.heldOut)
    guard chosen.count >= 2 else {
      throw UsageError("\(samples.count) images are too few to calibrate on; give at least 2")
    }
    let input = choice.input(of: loaded)
    let heldOut = max(chosen.count - images, max(1, min(Self.heldOut, chosen.count / 4)))
    let every = chosen.count / heldOut
    var inputs: [Tensor] = []
    let plan = try network.makePlan(
      input: network.inputShape(batch: 1, width: input.width, height: input.height),
      mode: .inference)
    let predictor = Predictor(network: network, task: task, input: input)
    func seen() throws -> (CalibrationStatistics, [DataProblem]) {
      var statistics = CalibrationStatistics(network)
      var meter = console.meter(total: chosen.count, unit: "images")
      inputs = []
      let unreadable = try predictor.inputs(of: chosen) { tensor, index in
        if index % every == every - 1 && inputs.count < heldOut {
          let kept = try Tensor(tensor.shape, on: network.backend)
          kept.update(from: tensor)
          inputs.append(kept)
        } else {
          plan.input.update(from: tensor)
          statistics.add(plan)
        }
        meter.update(index + 1)
      }
      meter.finish()
      return (statistics, unreadable)
    }
    network.equalizeChannels(try seen().0)
    let (statistics, unreadable) = try seen()
    console.say(unreadable: unreadable)
    guard !inputs.isEmpty, inputs.count < chosen.count - unreadable.count else {
      throw UsageError("too few of the images can be read to calibrate on")
    }
    var outcome = QuantizationOutcome()
    outcome.images = chosen.count - unreadable.count - inputs.count
    outcome.heldOut = inputs.count
    outcome.kernels = kernels.rawValue
    let model = try quantize(network, statistics, inputs, &outcome)
    try write(model, loaded, choice, classNames, to: path, &outcome)
    return outcome
  }

  /// Some of the samples, evenly spread.
  private static func spread<Element>(_ samples: [Element], over count: Int) -> [Element] {
    guard samples.count > count else { return samples }
    return (0..<count).map { samples[$0 * samples.count / count] }
  }
}
