import ArgumentParser
import Compute
import Experiments
import Networks

struct Quantize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a model of 8-bit numbers, which is smaller and faster, without training.",
    discussion: """
      The folder that is written is one of a run: detect, predict, eval, uncertainty, bench and the other \
      commands that use a model take it with --run, and convert --onnx writes it for other programs. It cannot \
      be trained or written as Darknet's weights. What is \
      computed in 8-bit numbers is the same, bit by bit, with any threads and instruction set.

      Channels are scaled to fill their bytes alike; weights become whole numbers with a scale for each \
      filter, batch normalisation folded in; tensors bytes with a scale and a zero point each. Ranges come \
      from the values that the images give (of val where a set names no split): mse takes those with the \
      least square of the error, percentile leaves out one value in 20,000 on each side, extremes leaves \
      out none. Held-out images say which is best, and which convolutions stay in floats: those for which \
      that makes the error of the outputs smaller by 3 % and three times their share of the operations, \
      and those that are faster in floats on the instruction set; \
      quantization.json in the folder lists everything.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("The folder to write, new or empty.", valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp("Images that ranges are taken from.", valueName: "count"))
  var images = 128

  @Option(
    help: ArgumentHelp(
      "How ranges are chosen. (default: by the error on held-out images)", valueName: "rule"))
  var ranges: RangeRule?

  @Option(
    help: ArgumentHelp(
      "Convolutions that stay in floats, by their numbers in detector summary, such as 0,12.",
      valueName: "layers"))
  var keep: String?

  @Option(
    help: ArgumentHelp(
      "The kernels that the model shall be fast on. (default: the best that this CPU runs)",
      valueName: "set"))
  var instructionSet: ByteKernels?

  func validate() throws {
    _ = try model.named()
    try data.validateIsGiven("images to calibrate on")
    if images < 1 { throw ValidationError("--images must be at least 1") }
    _ = try keptLayers()
  }

  private func keptLayers() throws -> Set<Int> {
    guard let keep else { return [] }
    let layers = keep.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !layers.contains(where: { $0 == nil || ($0 ?? 0) < 0 }) else {
      throw ValidationError("--keep takes numbers of layers, such as 0,12")
    }
    return Set(layers.compactMap(\.self))
  }

  func run() throws {
    var experiment = QuantizationExperiment(
      kernels: instructionSet ?? ByteKernels.supported[0], version: toolVersion)
    experiment.images = images
    experiment.rule = ranges
    experiment.keptLayers = try keptLayers()
    let outcome = try experiment.run(
      try model.named(), on: data.choice, to: out, backend: try runtime.makeBackend(), Console())
    print(outcome.text)
    print("written: \(out)")
  }
}

extension RangeRule: ExpressibleByArgument {}
extension ByteKernels: ExpressibleByArgument {}
