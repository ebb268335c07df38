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

/// Reads what a `[yolo]` section says about the branch for the expected IoU beside it.
struct ExpectedIoUReader {
  let context: LayerContext
  let anchorCount: Int
  private var section: ConfigurationSection { context.section }

  init(_ context: LayerContext, anchorCount: Int) {
    self.context = context
    self.anchorCount = anchorCount
  }

  /// The branch; nil without `expected_iou=`.
  func branch() throws(DarknetError) -> ExpectedIoUBranch? {
    guard let entry = section["expected_iou"] else {
      let others = SectionSchema.expectedIoUKeys.compactMap { section[$0] }
      if let stray = others.first {
        throw section.error("\(stray.key)= in [yolo] needs expected_iou=", line: stray.line)
      }
      return nil
    }
    let layers = try context.layers("expected_iou")
    guard layers.count == 1, let layer = layers.first else {
      throw section.error("expected_iou= in [yolo] names one layer", line: entry.line)
    }
    var branch = ExpectedIoUBranch(layer: layer)
    branch.mode = try section.choice("expected_iou_branch", default: branch.mode)
    branch.weight = try section.number("expected_iou_weight", default: branch.weight, in: 0...1e6)
    branch.floor = try section.number("expected_iou_floor", default: branch.floor, in: 0...1)
    let node = context.nodes[layer]
    let place =
      "expected_iou=\(entry.value) in [yolo] names layer \(layer), [\(node.layer.kind)] at line "
      + "\(node.line)"
    guard let convolution = node.layer as? Convolution, convolution.activation == .linear else {
      throw section.error(
        "\(place); it must be a [convolutional] with activation=linear", line: entry.line)
    }
    let (grid, cells) = (node.outputShape, context.input)
    guard grid.channels == anchorCount, grid.width == cells.width, grid.height == cells.height
    else {
      throw section.error(
        "\(place), which gives \(grid.width)x\(grid.height)x\(grid.channels); the head needs one value "
          + "for each of its anchors, \(cells.width)x\(cells.height)x\(anchorCount)",
        line: entry.line)
    }
    return branch
  }
}
