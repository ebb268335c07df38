import ArgumentParser
import Compute
import Darknet
import Datasets
import Detection
import Foundation
import Geometry
import Training

struct Anchors: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Chooses anchor boxes for a VOC data set by k-means on 1 - IoU.",
    discussion: """
      Boxes are scaled as they will be in the network's input. The anchors are printed as a cfg \
      has them, from small to large, with the average IoU of the data's boxes and their best \
      anchor; with --model, that of the cfg's present anchors too. Difficult objects do not \
      count.
      """)

  @Option(
    help: ArgumentHelp(
      "A VOC data set, PATH[:SPLIT]; may be repeated. (default split: train)", valueName: "path"))
  var voc: [String]

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

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    try InputSize.validate(size)
    if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    if starts < 1 { throw ValidationError("--starts must be at least 1") }
  }

  func run() throws {
    let definition = try model.map {
      try NetworkBuilder.build(ConfigurationFile(contentsOf: URL(filePath: $0), lenient: true))
    }
    let names = try names.map { try DetectionModel.readNames(URL(filePath: $0)) }
    let data = try SampleSet(
      voc: voc.map { DataArgument(argument: $0) }, split: "train", classNames: names,
      valFraction: valFraction, seed: seed)
    report(data.problems)
    let mode = resize ?? (definition?.net.letterBox == false ? .stretch : .letterbox)
    let width = size ?? definition?.net.width ?? 416
    let height = size ?? definition?.net.height ?? 416
    let boxes = BoxSizes(
      data.samples, inputWidth: width, inputHeight: height, mode: mode,
      pool: try runtime.makePool())
    report(boxes.problems)
    let present = definition?.anchors ?? []
    let clustering = try AnchorClustering(
      sizes: boxes.sizes, count: count ?? (present.isEmpty ? 9 : present.count), starts: starts,
      stream: RandomStream(seed: seed))
    let unit = definition?.anchorUnit ?? 1
    let anchors = clustering.anchors.map { $0.roundedToTenths(unit: unit) }
    report(
      "\(boxes.sizes.count) boxes of \(data.samples.count) images, \(mode.rawValue) to "
        + "\(width)x\(height)" + (unit == 1 ? "" : "; the unit is a grid cell of \(unit) pixels"))
    print("anchors=" + ConfigurationFile.anchorList(anchors))
    print("average IoU " + percent(clustering.averageIntersectionOverUnion))
    guard let model, !present.isEmpty else { return }
    let average = AnchorClustering.averageIntersectionOverUnion(of: boxes.sizes, with: present)
    print("\(present.count) anchors of \(model): average IoU " + percent(average))
  }

  private func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
}
