import ArgumentParser
import Experiments
import Training

struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws the losses and the mAP of a training run.",
    discussion: """
      The pictures go to plots/ in the run's folder, as detector train itself writes them at \
      every evaluation.
      """)

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The folder of a training run.", valueName: "dir"))
  var folder: String

  func run() throws {
    for path in try RunPictures.writeCurves(of: RunFolder(path: folder)) { print(path) }
  }
}
