import ArgumentParser
import Darknet
import Experiments
import Files
import Foundation
import Networks
import Training

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a model as a Darknet weights file.",
    discussion: """
      From a run (--run), with its class names beside the weights (.names): its best checkpoint, or the last if none was evaluated, with the \
      moving average of the weights if one was kept. --cfg writes the cfg that belongs to the \
      weights: the run's model.cfg without Bayesian branches, which Darknet's format has no place \
      for and finding objects no need of. From Darknet files (--model and --weights): mainly to cut off the first \
      layers with --cutoff, as for training from a backbone (yolov3-tiny.conv.15 holds the \
      layers 0 to 14).
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
  var out: String

  @Option(
    help: ArgumentHelp("Writes the cfg that belongs to the weights here.", valueName: "file"))
  var cfg: String?

  @Option(help: ArgumentHelp("Write the layers 0 to N-1 only. (default: all)", valueName: "n"))
  var cutoff: Int?

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @OptionGroup var runtime: BackendOptions

  func validate() throws {
    guard (folder == nil) != (model == nil), (model == nil) == (weights == nil) else {
      throw ValidationError("give --run, or --model with --weights")
    }
    if let cutoff, cutoff < 1 { throw ValidationError("--cutoff must be at least 1") }
  }

  func run() throws {
    for case let file? in [out, cfg] { try AtomicFile.check(file) }
    let backend = try runtime.makeBackend()
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
