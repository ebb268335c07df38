import Compute
import Darknet
import Foundation
import Layers
import Networks
package import Training

/// How long a training will take on this machine, from steps of it that are timed.
package struct TrainingForecast: Equatable, Sendable {
  /// Of one weight update.
  package let secondsPerUpdate: Double
  /// Of looking at all validation images once.
  package let secondsPerEvaluation: Double

  package init(secondsPerUpdate: Double, secondsPerEvaluation: Double) {
    self.secondsPerUpdate = secondsPerUpdate
    self.secondsPerEvaluation = secondsPerEvaluation
  }

  /// 10⁹ operations of a pass that is timed, if one image does not take more.
  private static let timedOperations = 60.0

  /// Times training steps on drawn images.
  ///
  /// Several ranks share every batch; what they tell each other takes time besides.
  ///
  /// - Throws: As `Benchmark`.
  init(
    _ file: ConfigurationFile, _ options: TrainingOptions, validationImages: Int,
    ranks: Int = 1, backend: any Backend
  ) throws {
    let network = try Network(file, backend: backend)
    network.initializeWeights(RandomStream(seed: 1))
    func time(images: Int) throws -> Benchmark.Result {
      try Benchmark(
        network: network, width: options.inputWidth, height: options.inputHeight, batch: images,
        mode: .training, rule: options.optimizer
      ).run(runs: 2, warmUps: 1, threads: 0, version: "")
    }
    var timed = try time(images: 1)
    let images = min(
      max(1, options.batch / options.subdivisions / ranks),
      Int(Self.timedOperations / max(1e-9, timed.gflop)))
    if images > 1 { timed = try time(images: images) }
    let perImage = timed.minMs / 1e3 / Double(timed.batch) / Double(ranks)
    // Loading goes on beside it; a forward pass is a third of a step.
    self.init(
      secondsPerUpdate: perImage * Double(options.batch),
      secondsPerEvaluation: perImage / 3 * Double(validationImages))
  }

  /// Of a whole run.
  package func seconds(of options: TrainingOptions) -> Double {
    Double(options.iterations) * secondsPerUpdate
      + Double(options.evaluationCount) * secondsPerEvaluation
  }

  /// Passes over the images that fit into a time.
  ///
  /// - Parameters:
  ///   - minutes: The time.
  ///   - imageCount: The images to learn from.
  ///   - options: Have the images of an update and how often the run is evaluated.
  /// - Returns: At least 1.
  /// - Throws: ``UsageError`` if not even one does.
  package func epochs(
    in minutes: Double, imageCount: Int, _ options: TrainingOptions
  ) throws -> Int {
    let evaluations = Double(options.evaluationCount) * secondsPerEvaluation
    let epoch = Double(imageCount) / Double(options.batch) * secondsPerUpdate
    // Every run ends with an evaluation.
    let least = epoch + min(evaluations, secondsPerEvaluation)
    guard 60 * minutes >= least else {
      throw UsageError(
        String(format: "--minutes %g", minutes) + " is too short for one epoch, which takes about "
          + TrainingSummary.duration(least) + "; a smaller --size or another --model is faster")
    }
    return max(1, Int((60 * minutes - evaluations) / epoch))
  }
}
