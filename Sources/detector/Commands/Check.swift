import ArgumentParser
import Compute
import Datasets
import Experiments
import Files
import Foundation
import Training

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads a data set once and names everything that is wrong with it.",
    discussion: """
      Every annotation is parsed and every image decoded. A problem is a line FILE:LINE: KIND: \
      TEXT. The exit code is 1 if there is any. Notes (images without objects, coordinates of 0) \
      are only counted, or listed with --notes.

      With --run (or --model and --weights) a trained detector then looks for labels that may be wrong: \
      missing, where a confident detection fits no object; spurious, an object that no detection \
      supports; moved, where a confident detection of the class lies beside the box (IoU 0.1 to 0.5); \
      wrong class, where a confident detection of another class fits it. They are ranked by what \
      detections say; label-errors.json of --out also has the training loss of each object, and of a \
      network with a Bayesian branch BALD and the difficulty D. label-errors.png shows the first sixty, \
      labels in blue, what is found instead (or the label that is doubted) in orange. They are \
      suspicions: the exit code does not depend on them. A detector that was not trained on the images \
      finds more than one that has learned their errors.

      --label-noise puts known errors into the labels first and tells how well each score finds them.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      """
      Puts errors into the labels that the detector looks at, and tells how well it finds them: as train \
      --label-noise, or run for those that the run was trained with.
      """, valueName: "shares"))
  var labelNoise: String?

  @Option(
    help: ArgumentHelp(
      "Writes label-errors.json and label-errors.png here.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      """
      Writes pictures here: labels.png, images with their labels, and sizes.png, how large and how elongated \
      boxes are.
      """, valueName: "dir"))
  var pictures: String?

  @Flag(help: "List notes too.")
  var notes = false

  @OptionGroup var runtime: BackendOptions

  func validate() throws {
    try data.validateIsGiven("the data")
    if model.choice == nil {
      for (name, isGiven) in [("--label-noise", labelNoise != nil), ("--out", out != nil)]
      where isGiven {
        throw ValidationError("\(name) is for labels that a model looks at: give --run")
      }
    }
    _ = try noise
  }

  func run() throws {
    let console = Console()
    let names = try model.names.map { try TrainedModel.readNames(URL(filePath: $0)) }
    if let out { try Folder.make(out) }
    let backend = try runtime.makeBackend()
    let check = try DataCheck(data.choice, classNames: names, pool: backend.pool, console)
    for finding in notes ? check.findings : check.problems { print(finding) }
    print(check.summary, terminator: "")
    if let pictures {
      for path in try DataPictures(data.choice, classNames: names).write(to: pictures) {
        console.say(path)
      }
    }
    if let choice = model.choice {
      let search = LabelErrorSearch(model: choice, data: data.choice, noise: try noise)
      let report = try search.run(backend: backend, console)
      print(report.text, terminator: "")
      if let out { try report.write(to: out) }
    }
    if !check.problems.isEmpty { throw ExitCode.failure }
  }

  private var noise: LabelErrorSearch.Noise? {
    get throws {
      guard let labelNoise else { return nil }
      return labelNoise == "run" ? .ofRun : .some(try TrainingArguments.noise(labelNoise))
    }
  }
}
