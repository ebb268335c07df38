import ArgumentParser
import Datasets
import Foundation

struct Synthesize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws a VOC data set of shapes that are easy to confuse.",
    discussion: """
      Circles and ellipses, squares and rectangles, triangles and stars, partly hidden and \
      softened. Every object's annotation says how ambiguous it was drawn (<ambiguity>, 0 to 1). \
      The splits are train (60 %), val (20 %), trainval (both) and test (20 %).
      """)

  @Option(help: ArgumentHelp("The data set's folder, new or empty.", valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp("Pictures in all splits together, at least 5.", valueName: "count"))
  var count = 200

  @Option(
    help: ArgumentHelp(
      "Width and height of the pictures in pixels, 32 to 8192.", valueName: "pixels"))
  var size = 320

  @Option(
    help: ArgumentHelp(
      "How much of the most ambiguous objects is hidden, 0 to 1.", valueName: "share"))
  var occlusion: Float = 0.5

  @Option(
    help: ArgumentHelp(
      "How soft and faint the most ambiguous objects are, 0 to 1.", valueName: "share"))
  var blur: Float = 0.5

  @Flag(
    inversion: .prefixedNo,
    help: "Spread the ambiguity evenly from none to the most; else all objects have the most.")
  var sweep = true

  @Option(help: ArgumentHelp("Chooses everything that is drawn.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var runtime: RuntimeOptions

  func run() throws {
    var synthesizer = Synthesizer()
    synthesizer.imageCount = count
    synthesizer.width = size
    synthesizer.height = size
    synthesizer.occlusion = occlusion
    synthesizer.blur = blur
    synthesizer.sweepsLevels = sweep
    synthesizer.seed = seed
    try synthesizer.write(to: URL(filePath: out), pool: try runtime.makePool())
    print(
      "\(out): \(count) pictures of \(size)x\(size), classes "
        + Synthesizer.classNames.joined(separator: ", "))
  }
}
