import ArgumentParser
import Experiments
import Foundation
import Geometry

struct Anchors: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Chooses anchor boxes for a data set by k-means on 1 - IoU.",
    discussion: """
      Boxes are scaled as they will be in the network's input. The anchors are printed as a cfg \
      has them, from small to large, with the average IoU of the data's boxes and their best \
      anchor; with --model, that of the cfg's present anchors too. Difficult objects do not \
      count.
      """)

  @OptionGroup var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "The number of anchors. (default: that of --model, or 9)", valueName: "count"))
  var count: Int?

  @Option(
    help: ArgumentHelp(
      "Input size in pixels. (default: that of --model, or 416)", valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "How images will be resized. (default: that of --model, or letterbox)", valueName: "mode"))
  var resize: ResizeMode?

  @Option(
    help: ArgumentHelp(
      "A cfg to compare with; its heads decide the unit that is printed.", valueName: "cfg"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Class names, one a line; others do not count. (default: all classes)", valueName: "file"))
  var names: String?

  @Option(help: ArgumentHelp("Independent starts, of which the best is kept.", valueName: "count"))
  var starts = 10

  @Option(help: ArgumentHelp("Chooses the starts.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    try data.validateIsGiven("the data")
    try InputSize.validate(size)
    if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    if resize == .crop { throw ValidationError("--resize crop is for classifiers") }
    if starts < 1 { throw ValidationError("--starts must be at least 1") }
  }

  func run() throws {
    var choice = AnchorChoice(data: data.choice)
    choice.count = count
    choice.inputSize = size
    choice.resize = resize
    choice.model = model
    choice.names = names
    choice.starts = starts
    choice.seed = seed
    let console = Console()
    let result = try choice.run(pool: try runtime.makePool(), console)
    console.say(
      "\(result.boxCount) boxes of \(result.imageCount) images, \(result.mode.rawValue) to "
        + "\(result.width)x\(result.height)"
        + (result.unit == 1 ? "" : "; the unit is a grid cell of \(result.unit) pixels"))
    print("anchors=" + result.anchorList)
    print("average IoU " + percent(result.fit))
    guard let model, let present = result.present else { return }
    print("\(present.count) anchors of \(model): average IoU " + percent(present.fit))
  }

  private func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
}
