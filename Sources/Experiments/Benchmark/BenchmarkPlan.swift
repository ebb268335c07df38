package import Compute
import Darknet
import Foundation
package import Layers
import Networks

/// What is timed, of a network in files.
package struct BenchmarkPlan: Equatable, Sendable {
  /// The cfg.
  package var model: String
  /// Darknet weights; nil: random ones.
  package var weights: String?
  /// Warn about unknown cfg keys instead of refusing them.
  package var isLenient = false
  /// Width and height of the input in pixels; nil: the cfg's.
  package var inputSize: Int?
  /// Images of a pass.
  package var batch = 1
  package var mode = Mode.inference
  /// Passes to measure, after two to warm up.
  package var runs = 10
  /// Whether each layer is timed too.
  package var timesLayers = false

  package init(model: String) { self.model = model }

  /// Times the network.
  ///
  /// - Parameters:
  ///   - backend: Does the work.
  ///   - threads: Their number, to be told in the result.
  ///   - version: That of the program, to be told in the result.
  /// - Returns: The numbers.
  /// - Throws: As ``Benchmark``; `DarknetError` for files that cannot be used.
  package func run(
    backend: any Backend, threads: Int, version: String
  ) throws -> Benchmark.Result {
    let file = try ConfigurationFile(
      contentsOf: ModelLibrary().configuration(model), lenient: isLenient)
    let network = try Network(file, backend: backend)
    if let weights {
      try WeightsFile.read(URL(filePath: weights), into: network.nodes, outputs: network.outputs)
      network.parametersDidChange()
    } else {
      network.initializeWeights(RandomStream(seed: 1))
    }
    let benchmark = try Benchmark(
      network: network, width: inputSize, height: inputSize, batch: batch, mode: mode,
      rule: NetConfiguration(file).optimizer, timesLayers: timesLayers)
    return try benchmark.run(runs: runs, threads: threads, version: version)
  }
}
