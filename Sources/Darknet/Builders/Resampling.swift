import Layers

// Layers that change the grid.
extension NetworkBuilder {
  static func upsample(_ context: LayerContext) throws -> LayerParts {
    let stride = try context.stride(default: 2)
    let layer = try Upsample(
      stride: stride, scale: try context.section.number("scale", default: 1, in: -1e6...1e6))
    return LayerParts(layer: layer, inputs: [context.previous], coarsening: 1 / Double(stride))
  }

  /// The padding is size − 1 unless `padding=` says otherwise.
  static func maxPool(_ context: LayerContext) throws -> LayerParts {
    let stride = try context.stride()
    let size = try context.section.integer("size", default: stride, in: 1...1024)
    let padding = try context.section.integer("padding", default: size - 1, in: 0...2048)
    return LayerParts(
      layer: try MaxPool(size: size, stride: stride, padding: padding),
      inputs: [context.previous], coarsening: Double(stride))
  }

  static func averagePool(_ context: LayerContext) -> LayerParts {
    LayerParts(layer: AveragePool(), inputs: [context.previous])
  }

  static func reorg(_ context: LayerContext) throws -> LayerParts {
    let stride = try context.stride()
    return LayerParts(
      layer: try Reorg(stride: stride), inputs: [context.previous], coarsening: Double(stride))
  }
}
