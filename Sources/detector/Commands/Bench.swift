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

      --facts measures what programs are compared by: 200 passes of one image, or as many as a minute \
      holds, with the median, what 95 and 99 % of them do not exceed, images in a second, also for the \
      best of the batches 2, 4, 8 and 16, the time from the files to the first result, and memory.
      """)

  /// What to time.
  enum Pass: String, ExpressibleByArgument, CaseIterable {
    case inference
    case training
  }

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The folder of a run, also of a quantised model.", valueName: "dir"))
  var folder: String?

  @Option(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String?

  @Option(help: ArgumentHelp("Darknet weights. (default: random)", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Input size in pixels. (default: the cfg's)", valueName: "pixels"))
  var size: Int?

  @Option(help: ArgumentHelp("Images of a pass.", valueName: "images"))
  var batch = 1

  @Option(help: ArgumentHelp("What to time.", valueName: "pass"))
  var mode: Pass = .inference

  @Option(
    help: ArgumentHelp(
      "Passes to measure, after two to warm up. (default: 10; with --facts 200)", valueName: "count"
    ))
  var runs: Int?

  @Option(
    help: ArgumentHelp(
      "Measure no further pass after so many seconds. (default: no limit; with --facts 60)",
      valueName: "count"))
  var seconds: Double?

  @Flag(help: "Measure latencies, the best batch, load time and memory of inference.")
  var facts = false

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
    guard (folder == nil) != (model == nil) else {
      throw ValidationError("give --run or --model")
    }
    if weights != nil && model == nil {
      throw ValidationError("--weights belongs to --model: a run has its own")
    }
    if facts && mode == .training { throw ValidationError("--facts is for inference") }
    if let seconds, !(seconds > 0) { throw ValidationError("--seconds must be above 0") }
    if batch < 1 || runs ?? 1 < 1 { throw ValidationError("--batch and --runs must be at least 1") }
    if let instructionSet, !InstructionSet.supported.contains(instructionSet) {
      throw ValidationError("this CPU cannot run \(instructionSet.rawValue) kernels")
    }
    if instructionSet != nil && runtime.engine == .portable {
      throw ValidationError("--instruction-set belongs to --engine fast")
    }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    var plan = BenchmarkPlan(
      folder.map { .run($0) } ?? .model(model ?? "", weights: weights))
    plan.isLenient = lenient
    plan.inputSize = size
    plan.batch = batch
    plan.mode = mode == .training ? .training : .inference
    plan.runs = runs ?? (facts ? 200 : 10)
    plan.seconds = seconds ?? (facts ? 60 : .infinity)
    plan.triesBatches = facts
    plan.timesLayers = layers
    let result = try plan.run(
      backend: try runtime.makeBackend(instructionSet: instructionSet),
      threads: runtime.threadCount, version: toolVersion)
    ResultText(beside: json).say(result.text)
    if let json { try JSONFile.write(result, to: json) }
  }
}
