import Compute
import Layers

// Layers that change the grid.
extension NetworkBuilder {
  static func upsample(_ context: LayerContext) throws -> LayerParts {
    let stride = try context.stride(default: 2)
    let layer = try Upsample(
      stride: stride, scale: try context.section.number("scale", default: 1, in: -1e6...1e6))
    return LayerParts(
      layer: layer, inputs: [context.previous], coarsening: GridStride(1 / Double(stride)))
  }

  static func maxPool(_ context: LayerContext) throws -> LayerParts {
    guard try context.section.flag("maxpool_depth", default: false) else {
      return try pool(context) { try MaxPool($0) }
    }
    let channels = try context.section.integer("out_channels", default: 1, in: 1...1_000_000)
    return LayerParts(layer: try DepthMaxPool(channels: channels), inputs: [context.previous])
  }

  static func localAveragePool(_ context: LayerContext) throws -> LayerParts {
    try pool(context) { try LocalAveragePool($0) }
  }

  /// The padding is size − 1 unless `padding=` says otherwise.
  private static func pool(
    _ context: LayerContext, _ layer: (PoolingWindow) throws -> any Layer
  ) throws -> LayerParts {
    let strides = try context.strides()
    let stride = try context.section.integer("stride", default: 1, in: 1...64)
    let size = try context.section.integer("size", default: stride, in: 1...1024)
    let padding = try context.section.integer("padding", default: size - 1, in: 0...2048)
    let window = PoolingWindow(
      height: size, width: size, strideY: strides.y, strideX: strides.x, padding: padding)
    return LayerParts(
      layer: try layer(window), inputs: [context.previous],
      coarsening: GridStride(x: Double(strides.x), y: Double(strides.y)))
  }

  static func averagePool(_ context: LayerContext) -> LayerParts {
    LayerParts(layer: AveragePool(), inputs: [context.previous])
  }

  static func reorg(_ context: LayerContext) throws -> LayerParts {
    let stride = try context.stride()
    return LayerParts(
      layer: try Reorg(stride: stride), inputs: [context.previous],
      coarsening: GridStride(Double(stride)))
  }
}
