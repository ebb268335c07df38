package import Compute
import Darknet
import Foundation
package import Layers
import Networks
import Training

/// What is timed, of a network in files.
package struct BenchmarkPlan: Equatable, Sendable {
  /// Where a network lies.
  package enum Place: Equatable, Sendable {
    /// A cfg and Darknet weights; nil: random ones.
    case model(String, weights: String?)
    /// The folder of a run.
    case run(String)
  }

  package var place: Place
  /// Warn about unknown cfg keys instead of refusing them.
  package var isLenient = false
  /// Width and height of the input in pixels; nil: the cfg's.
  package var inputSize: Int?
  /// Images of a pass.
  package var batch = 1
  package var mode = Mode.inference
  /// Passes to measure, after two to warm up.
  package var runs = 10
  /// Seconds after which no further pass is measured.
  package var seconds = Double.infinity
  /// Whether each layer is timed too.
  package var timesLayers = false
  /// Whether other batches are tried for the most images in a second.
  package var triesBatches = false

  package init(_ place: Place) { self.place = place }

  /// Batches that are tried beside 1.
  private static let batches = [2, 4, 8, 16]

  /// Times the network.
  ///
  /// - Parameters:
  ///   - backend: Does the work.
  ///   - threads: Their number, to be told in the result.
  ///   - version: That of the program, to be told in the result.
  /// - Returns: The numbers.
  /// - Throws: As ``Benchmark``; `DarknetError`, `TrainingError` for files that cannot be used.
  package func run(
    backend: any Backend, threads: Int, version: String
  ) throws -> Benchmark.Result {
    let clock = ContinuousClock()
    let start = clock.now
    let (network, rule) = try load(backend)
    let benchmark = try Benchmark(
      network: network, width: inputSize, height: inputSize, batch: batch, mode: mode,
      rule: rule, timesLayers: timesLayers)
    try benchmark.warmUp()
    let loadMs = (clock.now - start) / .milliseconds(1)
    var result = try benchmark.run(
      runs: runs, warmUps: 1, seconds: seconds, threads: threads, version: version)
    result.loadMs = loadMs
    result.integers = try Benchmark.Integers(network)
    if triesBatches { try tryBatches(network, &result) }
    return result
  }

  private func tryBatches(_ network: Network, _ result: inout Benchmark.Result) throws {
    var best = (batch: batch, speed: result.imagesPerSecond)
    for batch in Self.batches where batch > self.batch {
      let trial = try Benchmark(
        network: network, width: inputSize, height: inputSize, batch: batch, mode: mode)
      let found = try trial.run(runs: 10, warmUps: 1, seconds: 5, threads: 1, version: "")
      if found.imagesPerSecond > best.speed { best = (batch, found.imagesPerSecond) }
    }
    result.bestBatch = best.batch
    result.bestImagesPerSecond = best.speed
  }

  private func load(_ backend: any Backend) throws -> (Network, OptimizerRule) {
    switch place {
    case .run(let path):
      let network = try TrainedModel(run: RunFolder(path: path), backend: backend).network
      let file = try ConfigurationFile(
        text: network.text, fileName: network.name, lenient: true)
      return (network, try NetConfiguration(file).optimizer)
    case .model(let model, let weights):
      let file = try ConfigurationFile(
        contentsOf: ModelLibrary().configuration(model), lenient: isLenient)
      let network = try Network(file, backend: backend)
      if let weights {
        try WeightsFile.read(URL(filePath: weights), into: network.nodes, outputs: network.outputs)
        network.parametersDidChange()
      } else {
        network.initializeWeights(RandomStream(seed: 1))
      }
      return (network, try NetConfiguration(file).optimizer)
    }
  }
}
