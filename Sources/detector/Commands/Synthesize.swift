import ArgumentParser
import Datasets
import Foundation
import Keypoints

struct Synthesize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws a data set of things that are easy to confuse.",
    discussion: """
      shapes: a VOC data set. Circles and ellipses, squares and rectangles, triangles and stars, \
      partly hidden and softened. Every object's annotation says how ambiguous it was drawn \
      (<ambiguity>, 0 to 1).
      figures: persons with the 14 joints of Leeds Sports Pose, in keypoints.json. They are seen \
      from behind as often as from the front: a touch of colour and the face alone tell left from \
      right. Hidden joints are labelled as such.
      dots: round cells with their centres, in keypoints.json.
      The splits are train (60 %), val (20 %) and test (20 %).
      """)

  /// What is drawn.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case shapes, figures, dots
  }

  @Option(help: ArgumentHelp("The data set's folder, new or empty.", valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp("What is drawn: shapes, figures or dots.", valueName: "kind"))
  var kind = Kind.shapes

  @Option(help: ArgumentHelp("Pictures in all splits together, at least 5.", valueName: "count"))
  var count = 200

  @Option(
    help: ArgumentHelp(
      "Width and height of the pictures in pixels, 32 to 8192.", valueName: "pixels"))
  var size = 320

  @Option(
    help: ArgumentHelp(
      "The most figures (2) or dots (24) of a picture.", valueName: "count"))
  var objects: Int?

  @Option(
    help: ArgumentHelp(
      """
      How much of the most ambiguous objects is hidden, 0 to 1; of dots how far they lie over \
      each other. (default: 0.5; figures and dots 0.4)
      """, valueName: "share"))
  var occlusion: Float?

  @Option(
    help: ArgumentHelp(
      """
      How soft and faint the most ambiguous objects are, 0 to 1. (default: 0.5; figures and dots \
      0.3)
      """, valueName: "share"))
  var blur: Float?

  @Flag(
    inversion: .prefixedNo,
    help: "Spread the ambiguity evenly from none to the most; else all objects have the most.")
  var sweep = true

  @Option(
    help: ArgumentHelp(
      "How strongly left and right of figures differ, 0 (not at all) to 1. (default: 0.4)",
      valueName: "share"))
  var cue: Float?

  @Option(help: ArgumentHelp("Kinds of dots, 1 or 2. (default: 1)", valueName: "count"))
  var kinds: Int?

  @Option(
    help: ArgumentHelp(
      """
      Standard deviation of what is added to the labelled centres of dots, of train alone; the \
      pictures stay the same. (default: 0)
      """, valueName: "pixels"))
  var jitter: Float?

  @Option(help: ArgumentHelp("Chooses everything that is drawn.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    let given = [
      ("--objects", objects != nil, [Kind.figures, .dots]), ("--cue", cue != nil, [.figures]),
      ("--kinds", kinds != nil, [.dots]), ("--jitter", jitter != nil, [.dots]),
    ]
    for (name, isGiven, owners) in given where isGiven && !owners.contains(kind) {
      throw ValidationError(
        "\(name) belongs to --kind " + owners.map(\.rawValue).joined(separator: " and "))
    }
  }

  func run() throws {
    guard let subject = KeypointSynthesizer.Subject(rawValue: kind.rawValue) else {
      return try drawShapes()
    }
    var synthesizer = KeypointSynthesizer(subject)
    synthesizer.imageCount = count
    synthesizer.width = size
    synthesizer.height = size
    synthesizer.objectLimit = objects ?? synthesizer.objectLimit
    synthesizer.occlusion = occlusion ?? synthesizer.occlusion
    synthesizer.blur = blur ?? synthesizer.blur
    synthesizer.sweepsLevels = sweep
    synthesizer.sideCue = cue ?? synthesizer.sideCue
    synthesizer.kindCount = kinds ?? synthesizer.kindCount
    synthesizer.jitter = jitter ?? synthesizer.jitter
    synthesizer.seed = seed
    try synthesizer.write(to: URL(filePath: out), pool: try runtime.makePool())
    print(
      "\(out): \(count) pictures of \(size)x\(size), keypoints "
        + (try synthesizer.layout().names).joined(separator: ", "))
  }

  private func drawShapes() throws {
    var synthesizer = Synthesizer()
    synthesizer.imageCount = count
    synthesizer.width = size
    synthesizer.height = size
    synthesizer.occlusion = occlusion ?? synthesizer.occlusion
    synthesizer.blur = blur ?? synthesizer.blur
    synthesizer.sweepsLevels = sweep
    synthesizer.seed = seed
    try synthesizer.write(to: URL(filePath: out), pool: try runtime.makePool())
    print(
      "\(out): \(count) pictures of \(size)x\(size), classes "
        + Synthesizer.classNames.joined(separator: ", "))
  }
}
