import ArgumentParser
import Compute
import Experiments
import Files
import Layers

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times a network on random images.",
    discussion: """
      inference: a forward pass. training: forward, loss against random objects (random classes \
      where the network ends in [softmax]), backward and weight update. GFLOP counts two \
      operations per multiply-add of a direct convolution; training counts three times forward.
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

  @OptionGroup var runtime: BackendOptions

  @Option(
    help: ArgumentHelp(
      "The kernels of the fast engine. (default: the best that this CPU runs)", valueName: "set"))
  var instructionSet: InstructionSet?

  @Option(
    help: ArgumentHelp("Writes the numbers as JSON here; - is standard output.", valueName: "file"))
  var json: String?

  func validate() throws {
    try InputSize.validate(size)
    if batch < 1 || runs < 1 { throw ValidationError("--batch and --runs must be at least 1") }
    if let instructionSet, !InstructionSet.supported.contains(instructionSet) {
      throw ValidationError("this CPU cannot run \(instructionSet.rawValue) kernels")
    }
    if instructionSet != nil && runtime.engine == .portable {
      throw ValidationError("--instruction-set belongs to --engine fast")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    var plan = BenchmarkPlan(model: model)
    plan.weights = weights
    plan.isLenient = lenient
    plan.inputSize = size
    plan.batch = batch
    plan.mode = mode == .training ? .training : .inference
    plan.runs = runs
    plan.timesLayers = layers
    let result = try plan.run(
      backend: try runtime.makeBackend(instructionSet: instructionSet),
      threads: runtime.threadCount, version: toolVersion)
    ResultText(beside: json).say(result.text)
    if let json { try JSONFile.write(result, to: json) }
  }
}
