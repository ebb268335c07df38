import Compute
import Layers
import Networks

/// `objectness_target=`: what the objectness of an anchor with an object has to be.
enum ObjectnessTarget: String, CaseIterable, Sendable {
  /// 1.
  case object
  /// The IoU of its box with the object.
  case iou
}

/// Reads what a `[yolo]` section says about the branches beside it that tell how well boxes are placed.
struct PlaceReader {
  let context: LayerContext
  let anchorCount: Int
  private var section: ConfigurationSection { context.section }

  init(_ context: LayerContext, anchorCount: Int) {
    self.context = context
    self.anchorCount = anchorCount
  }

  /// The branch for the expected IoU; nil without `expected_iou=`.
  func expectedIoU() throws(DarknetError) -> ExpectedIoUBranch? {
    let layer = try layer("expected_iou", values: 1, options: SectionSchema.expectedIoUKeys)
    guard let layer else { return nil }
    var branch = ExpectedIoUBranch(layer: layer)
    branch.mode = try section.choice("expected_iou_branch", default: branch.mode)
    branch.weight = try section.number("expected_iou_weight", default: branch.weight, in: 0...1e6)
    branch.floor = try section.number("expected_iou_floor", default: branch.floor, in: 0...1)
    return branch
  }

  /// The branch for the variance of boxes; nil without `box_variance=`.
  func boxVariance() throws(DarknetError) -> BoxVarianceBranch? {
    let layer = try layer("box_variance", values: 4, options: SectionSchema.boxVarianceKeys)
    guard let layer else { return nil }
    var branch = BoxVarianceBranch(layer: layer)
    branch.mode = try section.choice("box_variance_branch", default: branch.mode)
    branch.weight = try section.number("box_variance_weight", default: branch.weight, in: 0...1e6)
    branch.score = try section.choice("box_variance_loss", default: branch.score)
    return branch
  }

  /// The layer that a key names: a linear convolution with some values for each anchor of the head.
  private func layer(
    _ key: String, values: Int, options: [String]
  ) throws(DarknetError) -> Int? {
    guard let entry = section[key] else {
      if let stray = options.compactMap({ section[$0] }).first {
        throw section.error("\(stray.key)= in [yolo] needs \(key)=", line: stray.line)
      }
      return nil
    }
    let layers = try context.layers(key)
    guard layers.count == 1, let layer = layers.first else {
      throw section.error("\(key)= in [yolo] names one layer", line: entry.line)
    }
    let node = context.nodes[layer]
    let place =
      "\(key)=\(entry.value) in [yolo] names layer \(layer), [\(node.layer.kind)] at line \(node.line)"
    guard let convolution = node.layer as? Convolution, convolution.activation == .linear else {
      throw section.error(
        "\(place); it must be a [convolutional] with activation=linear", line: entry.line)
    }
    let (grid, cells) = (node.outputShape, context.input)
    let count = values * anchorCount
    guard grid.channels == count, grid.width == cells.width, grid.height == cells.height else {
      throw section.error(
        "\(place), which gives \(grid.width)x\(grid.height)x\(grid.channels); the head needs "
          + (values == 1 ? "one value" : "\(values) values")
          + " for each of its anchors, \(cells.width)x\(cells.height)x\(count)", line: entry.line)
    }
    return layer
  }
}
