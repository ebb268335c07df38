import ArgumentParser
import Compute
import Darknet
import Files
import Foundation
import Layers
import Training

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times a network on random images.",
    discussion: """
      inference: a forward pass. training: forward, loss, backward and weight update. GFLOP \
      counts two operations per multiply-add of a direct convolution; training counts three \
      times forward.
      """)

  /// What to time.
  enum Pass: String, ExpressibleByArgument, CaseIterable {
    case inference
    case training
  }

  @Option(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String

  @Option(help: ArgumentHelp("Darknet weights. (default: random)", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Input size in pixels. (default: the cfg's)", valueName: "pixels"))
  var size: Int?

  @Option(help: ArgumentHelp("Images of a pass.", valueName: "images"))
  var batch = 1

  @Option(help: ArgumentHelp("What to time.", valueName: "pass"))
  var mode: Pass = .inference

  @Option(help: ArgumentHelp("Passes to measure, after two to warm up.", valueName: "count"))
  var runs = 10

  @Flag(help: "Time every layer too.")
  var layers = false

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @Option(help: "How convolutions are computed: by kernels for this CPU, or by OpenBLAS.")
  var engine: ComputeEngine = .fast

  @Flag(help: "Sum convolutions directly, without Winograd's algorithm.")
  var exact = false

  @OptionGroup var runtime: RuntimeOptions

  @Option(help: ArgumentHelp("Writes the numbers here.", valueName: "file"))
  var json: String?

  func validate() throws {
    try InputSize.validate(size)
    if batch < 1 || runs < 1 { throw ValidationError("--batch and --runs must be at least 1") }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    let file = try ConfigurationFile(contentsOf: URL(filePath: model), lenient: lenient)
    let backend = CPUBackend(pool: try runtime.makePool(), engine: engine, exact: exact)
    let network = try Network(file, backend: backend)
    if let weights {
      try WeightsFile.read(URL(filePath: weights), into: network.nodes)
      network.parametersDidChange()
    } else {
      network.initializeWeights(RandomStream(seed: 1))
    }
    let benchmark = try Benchmark(
      network: network, width: size, height: size, batch: batch,
      mode: mode == .training ? .training : .inference, timesLayers: layers)
    let result = try benchmark.run(
      runs: runs, threads: runtime.threadCount, version: toolVersion)
    print(result.text)
    if let json { try JSONFile.write(result, to: json) }
  }
}

extension ComputeEngine: ExpressibleByArgument {}
