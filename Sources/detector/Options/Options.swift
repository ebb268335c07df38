import ArgumentParser
import Compute
import Darknet
import Datasets
import Detection
import Foundation
import Geometry
import Tasks
import Training

/// How much of the machine to use.
struct RuntimeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to compute on; results do not depend on it. (default: all cores)", valueName: "count"
    ))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  /// The threads that were asked for, or one per core.
  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  func makePool() throws -> ThreadPool { try ThreadPool(threadCount: threadCount) }
}

/// What a network runs on.
struct BackendOptions: ParsableArguments {
  @OptionGroup var runtime: RuntimeOptions

  @Option(
    help: ArgumentHelp(
      "How convolutions are computed: by kernels made for this CPU, or by OpenBLAS.",
      valueName: "engine"))
  var engine = ComputeEngine.fast

  @Flag(help: "Sum all convolutions directly: smaller rounding errors than Winograd's, slower.")
  var exact = false

  @Flag(
    help: """
      Hold weights only as they are, at inference: what convolutions make of them, up to four times \
      as large, is made anew for every image.
      """)
  var lowMemory = false

  var threadCount: Int { runtime.threadCount }

  func makeBackend(instructionSet: InstructionSet? = nil) throws -> CPUBackend {
    CPUBackend(
      pool: try runtime.makePool(), engine: engine, exact: exact, keepsDerivedWeights: !lowMemory,
      instructionSet: instructionSet)
  }
}

/// Which model to use: a run, or Darknet files.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder of a training run: its best model is used.", valueName: "dir"))
  var run: String?

  @Option(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String?

  @Option(help: ArgumentHelp("The Darknet weights of --model.", valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Class names, one a line. (default: the .names file beside the cfg, if there is one)",
      valueName: "file"))
  var names: String?

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @Option(help: ArgumentHelp("Input size in pixels. (default: the cfg's)", valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "How images are brought to the input. (default: the model's; of a cfg that does not say, letterbox)",
      valueName: "mode"))
  var resize: ResizeMode?

  @Option(
    help: ArgumentHelp(
      """
      Makes the objectness of the heads in --weights Bayesian, without training: w ~ N(k, λ k²) \
      with the file's weights as k and this λ.
      """, valueName: "λ"))
  var relativeVariance: Float?

  func validate() throws {
    if let relativeVariance, !(relativeVariance >= 0 && relativeVariance <= 1e6) {
      throw ValidationError("--relative-variance must be between 0 and 1000000")
    }
    if relativeVariance != nil && weights == nil {
      throw ValidationError("--relative-variance belongs to --weights")
    }
    if run != nil && (model != nil || weights != nil) {
      throw ValidationError("give --run, or --model with --weights, not both")
    }
    if (model == nil) != (weights == nil) {
      throw ValidationError("--model and --weights belong together")
    }
    if run != nil && names != nil {
      throw ValidationError("--names belongs to --model: a run knows its class names")
    }
    try InputSize.validate(size)
  }

  /// For commands that cannot do without a model.
  func validateIsNamed() throws {
    if run == nil && model == nil {
      throw ValidationError("name a model with --run, or with --model and --weights")
    }
  }

  /// Nil if no model was named.
  func load(_ backend: any Backend) throws -> DetectionModel? {
    if let run { return try DetectionModel(run: RunFolder(path: run), backend: backend) }
    guard let model, let weights else { return nil }
    return try DetectionModel(
      configuration: URL(filePath: model), weights: URL(filePath: weights),
      names: names.map { URL(filePath: $0) }, backend: backend, lenient: lenient,
      relativeVariance: relativeVariance)
  }

  func settings(
    _ model: DetectionModel, confidence: Float, suppression: Float
  ) -> PredictionSettings {
    PredictionSettings(
      inputWidth: size ?? model.network.configuration.width,
      inputHeight: size ?? model.network.configuration.height,
      resizeMode: resize ?? model.resizeMode ?? .letterbox, confidenceThreshold: confidence,
      suppressionThreshold: suppression)
  }
}

extension DetectionModel {
  /// Names of the classes of a model that finds objects, numbers where nothing names them.
  func detectedClassNames() throws -> [String] {
    guard let head = network.heads.first?.head else {
      throw ValidationError("the model has no [yolo] or [region] head: it does not find objects")
    }
    if let classNames { return classNames }
    report("note: no class names; give them with --names")
    return (0..<head.classCount).map { "class\($0)" }
  }
}

/// The sides that a network's input may have.
enum InputSize {
  static func validate(_ size: Int?) throws {
    if let size, size < 32 || size > 8192 {
      throw ValidationError("--size must be between 32 and 8192")
    }
  }
}

extension ComputeEngine: ExpressibleByArgument {}
extension InstructionSet: ExpressibleByArgument {}
extension ResizeMode: ExpressibleByArgument {}

/// Writes a line to standard error.
func report(_ text: String) {
  ProgressOutput.standardError().write(text + "\n")
}

/// Names what was left out of a data set, with counts.
func report(_ problems: [DataProblem]) {
  guard !problems.isEmpty else { return }
  report("left out \(problems.count) of the data (detector check lists every place):")
  for line in DataProblem.summary(of: problems) { report("  " + line) }
}
