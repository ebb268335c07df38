package import Compute
import Darknet
import Datasets
package import Detection
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
    /// In that unit, from small to large.
    package let anchors: [AnchorBox]
    /// The mean IoU of the boxes and their best anchor, 0...1.
    package let fit: Double
    /// The number of the cfg's own anchors and their mean IoU; nil without any.
    package let present: (count: Int, fit: Double)?

    /// The anchors as a cfg has them.
    package var anchorList: String { ConfigurationFile.anchorList(anchors) }
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
  /// Chooses the starts, and the shares of the data unless they have a seed.
  package var seed: UInt64 = 1

  package init(data: DataChoice) { self.data = data }

  /// Reads the boxes and clusters them.
  ///
  /// - Throws: `DataError`, `DarknetError`, `FileError`, `DetectionError`.
  package func run(pool: ThreadPool, _ console: Console) throws -> Result {
    let definition = try model.map {
      try NetworkBuilder.build(
        ConfigurationFile(contentsOf: ModelLibrary().configuration($0), lenient: true))
    }
    let names = try names.map { try TrainedModel.readNames(URL(filePath: $0)) }
    var choice = data
    choice.seed = choice.seed ?? seed
    let data = try choice.read(
      for: DetectionTask.self, split: "train", classNames: names, console)
    let mode = resize ?? (definition?.net.letterBox == false ? .stretch : .letterbox)
    let boxes = BoxSizes(
      data.samples, inputWidth: inputSize ?? definition?.net.width ?? 416,
      inputHeight: inputSize ?? definition?.net.height ?? 416, mode: mode, pool: pool)
    console.say(leftOut: boxes.problems)
    return try Result(
      boxes, imageCount: data.samples.count, mode: mode, definition: definition, count: count,
      starts: starts, seed: seed)
  }
}

extension AnchorChoice.Result {
  /// Clusters boxes.
  ///
  /// - Parameters:
  ///   - boxes: In pixels of the input.
  ///   - imageCount: The images that they are of.
  ///   - mode: How those were brought to the input.
  ///   - definition: The network whose anchors they are compared with; its heads have the unit.
  ///   - count: Of the anchors; nil: that of the network, or 9.
  ///   - starts: Independent starts, of which the best is kept.
  ///   - seed: Chooses them.
  /// - Throws: `DetectionError` for too few boxes.
  init(
    _ boxes: BoxSizes, imageCount: Int, mode: ResizeMode, definition: NetworkDefinition?,
    count: Int? = nil, starts: Int = 10, seed: UInt64 = 1
  ) throws {
    let present = definition?.anchors ?? []
    let clustering = try AnchorClustering(
      sizes: boxes.sizes, count: count ?? (present.isEmpty ? 9 : present.count), starts: starts,
      stream: RandomStream(seed: seed))
    let unit = definition?.anchorUnit ?? 1
    boxCount = boxes.sizes.count
    self.imageCount = imageCount
    width = boxes.inputWidth
    height = boxes.inputHeight
    self.mode = mode
    self.unit = unit
    anchors = clustering.anchors.map { $0.roundedToTenths(unit: unit) }
    fit = clustering.averageIntersectionOverUnion
    self.present =
      present.isEmpty
      ? nil
      : (
        present.count,
        AnchorClustering.averageIntersectionOverUnion(of: boxes.sizes, with: present)
      )
  }
}
