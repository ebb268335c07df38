package import Compute
import Darknet
import Datasets
import Detection
import Foundation
package import Geometry
import Tasks
import Training

/// Chooses anchor boxes for a data set, as they will be in a network's input.
package struct AnchorChoice {
  /// The anchors that were chosen, and how well they fit.
  package struct Result {
    /// Boxes that were looked at, without those of difficult objects.
    package let boxCount: Int
    package let imageCount: Int
    /// Input width and height in pixels.
    package let width, height: Int
    package let mode: ResizeMode
    /// Pixels of the unit that the cfg's heads have their anchors in.
    package let unit: Float
    /// A list as a cfg has it, from small to large.
    package let anchorList: String
    /// The mean IoU of the boxes and their best anchor, 0...1.
    package let fit: Double
    /// The number of the cfg's own anchors and their mean IoU; nil without any.
    package let present: (count: Int, fit: Double)?
  }

  package var data: DataChoice
  /// The number of anchors; nil: that of the cfg, or 9.
  package var count: Int?
  /// Width and height of the input in pixels; nil: those of the cfg, or 416.
  package var inputSize: Int?
  /// How images are brought to the input; nil: as the cfg says, or letterbox.
  package var resize: ResizeMode?
  /// A cfg to compare with.
  package var model: String?
  /// A file with the names of the classes that count; nil: all.
  package var names: String?
  /// Independent starts, of which the best is kept.
  package var starts = 10
  /// Chooses the starts, and the images of data without lists.
  package var seed: UInt64 = 1

  package init(data: DataChoice) { self.data = data }

  /// Reads the boxes and clusters them.
  ///
  /// - Throws: `DataError`, `DarknetError`, `FileError`, `DetectionError`.
  package func run(pool: ThreadPool, _ console: Console) throws -> Result {
    let definition = try model.map {
      try NetworkBuilder.build(ConfigurationFile(contentsOf: URL(filePath: $0), lenient: true))
    }
    let names = try names.map { try TrainedModel.readNames(URL(filePath: $0)) }
    let data = try data.read(
      for: DetectionTask.self, split: "train", classNames: names, seed: seed, console)
    let mode = resize ?? (definition?.net.letterBox == false ? .stretch : .letterbox)
    let width = inputSize ?? definition?.net.width ?? 416
    let height = inputSize ?? definition?.net.height ?? 416
    let boxes = BoxSizes(
      data.samples, inputWidth: width, inputHeight: height, mode: mode, pool: pool)
    console.say(leftOut: boxes.problems)
    let present = definition?.anchors ?? []
    let clustering = try AnchorClustering(
      sizes: boxes.sizes, count: count ?? (present.isEmpty ? 9 : present.count), starts: starts,
      stream: RandomStream(seed: seed))
    let unit = definition?.anchorUnit ?? 1
    let anchors = clustering.anchors.map { $0.roundedToTenths(unit: unit) }
    return Result(
      boxCount: boxes.sizes.count, imageCount: data.samples.count, width: width, height: height,
      mode: mode, unit: unit, anchorList: ConfigurationFile.anchorList(anchors),
      fit: clustering.averageIntersectionOverUnion,
      present: present.isEmpty
        ? nil
        : (
          present.count,
          AnchorClustering.averageIntersectionOverUnion(of: boxes.sizes, with: present)
        ))
  }
}
