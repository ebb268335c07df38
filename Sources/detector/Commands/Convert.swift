import ArgumentParser
import Compute
import Darknet
import Exchange
import Experiments
import Files
import Foundation
import Networks
import Training

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a model as a Darknet weights file, or for other programs as ONNX.",
    discussion: """
      From a run (--run), with its class names beside the weights (.names): its best checkpoint, or the last if none was evaluated, with the \
      moving average of the weights if one was kept. --cfg writes the cfg that belongs to the \
      weights: the run's model.cfg without Bayesian branches, which Darknet's format has no place \
      for and finding objects no need of. From Darknet files (--model and --weights): mainly to cut off the first \
      layers with --cutoff, as for training from a backbone (yolov3-tiny.conv.15 holds the \
      layers 0 to 14).

      --onnx writes what ONNX Runtime, OpenVINO and others run: the input 'images', [N, C, H, W], RGB \
      values from 0 to 1. A detector gives 'boxes' (left, top, right, bottom in pixels of the input), \
      'scores' (objectness times class) and 'objectness' of every anchor, before suppression; a classifier \
      'probabilities' and 'logits'; keypoints 'heatmaps'. Where a Bayesian branch is, 'mean', 'variance' and \
      'bald' lie beside them; where a branch for the place of boxes is, 'expected_iou'. Names, anchors and how pictures are resized are in the metadata. \
      A model of detector quantize keeps its 8-bit numbers, as QuantizeLinear and DequantizeLinear.
      """)

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The folder of a training run.", valueName: "dir"))
  var folder: String?

  @Option(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The weights for --model; a file of the first layers will do.", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("The weights file to write.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("The ONNX file to write.", valueName: "file"))
  var onnx: String?

  @Option(
    help: ArgumentHelp("Writes the cfg that belongs to the weights here.", valueName: "file"))
  var cfg: String?

  @Option(help: ArgumentHelp("Write the layers 0 to N-1 only. (default: all)", valueName: "n"))
  var cutoff: Int?

  @Option(
    help: ArgumentHelp(
      "Sides of the ONNX file's input in pixels. (default: the cfg's)", valueName: "pixels"))
  var size: Int?

  @Flag(help: "Leave the number of images of the ONNX file's input open; else it is 1.")
  var openBatch = false

  @Flag(help: "Give the heads' logits in the ONNX file, not boxes.")
  var rawHeads = false

  @Flag(help: "Leave what Bayesian branches say out of the ONNX file.")
  var withoutUncertainty = false

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @OptionGroup var runtime: BackendOptions

  func validate() throws {
    guard (folder == nil) != (model == nil), (model == nil) == (weights == nil) else {
      throw ValidationError("give --run, or --model with --weights")
    }
    if let cutoff, cutoff < 1 { throw ValidationError("--cutoff must be at least 1") }
    guard out != nil || onnx != nil else { throw ValidationError("give --out or --onnx") }
    let ofWeights = [("--cutoff", cutoff != nil), ("--cfg", cfg != nil)]
    if out == nil, let option = ofWeights.first(where: \.1) {
      throw ValidationError("\(option.0) belongs to a weights file: give --out")
    }
    let ofGraph = [
      ("--size", size != nil), ("--open-batch", openBatch), ("--raw-heads", rawHeads),
      ("--without-uncertainty", withoutUncertainty),
    ]
    if onnx == nil, let option = ofGraph.first(where: \.1) {
      throw ValidationError("\(option.0) belongs to an ONNX file: give --onnx")
    }
    try InputSize.validate(size)
  }

  func run() throws {
    for case let file? in [out, cfg, onnx] { try AtomicFile.check(file) }
    let backend = try runtime.makeBackend()
    if let out { try writeWeights(out, backend) }
    if let onnx { try writeGraph(onnx, backend) }
  }

  private func writeGraph(_ path: String, _ backend: any Backend) throws {
    let trained =
      if let folder {
        try TrainedModel(run: RunFolder(path: folder), backend: backend)
      } else {
        try TrainedModel(
          configuration: ModelLibrary().configuration(model ?? ""),
          weights: URL(filePath: weights ?? ""), backend: backend, lenient: lenient)
      }
    var options = ONNXModel.Options()
    options.size = size.map { ($0, $0) }
    options.hasOpenBatch = openBatch
    options.hasRawHeads = rawHeads
    options.leavesOutUncertainty = withoutUncertainty
    ResultText(beside: path).say(try ONNXExport(trained, options: options).write(to: path))
  }

  private func writeWeights(_ out: String, _ backend: any Backend) throws {
    let export: WeightsExport
    if let folder {
      export = try WeightsExport(run: RunFolder(path: folder), backend: backend)
    } else {
      export = try WeightsExport(
        configuration: ModelLibrary().configuration(model ?? ""),
        weights: URL(filePath: weights ?? ""), lenient: lenient, backend: backend)
    }
    let summary = try export.write(to: URL(filePath: out), cutoff: cutoff)
    ResultText(beside: out, cfg).say(summary)
    if cutoff == nil, let line = try export.writeNames(beside: URL(filePath: out)) {
      Console().say(line)
    }
    if let cfg {
      let network = export.network
      let file = try ConfigurationFile(
        text: network.text, fileName: network.name, lenient: true)
      try AtomicFile.write(try file.removingBranches().loadingAllLayers().text, to: cfg)
    }
  }
}
