import Compute
import Layers

// Layers that read layers further back.
extension NetworkBuilder {
  static func shortcut(_ context: LayerContext) throws -> LayerParts {
    let layer = Shortcut(activation: try context.activation(default: .linear))
    let inputs = [context.previous] + (try context.layers("from"))
    return LayerParts(layer: layer, inputs: inputs)
  }

  static func route(_ context: LayerContext) throws -> LayerParts {
    let groups = try context.section.integer("groups", default: 1, in: 1...1_000_000)
    let layer = try Route(
      groups: groups, groupID: try context.section.integer("group_id", default: 0))
    return LayerParts(layer: layer, inputs: try context.layers("layers"))
  }

  /// The layer before gives one gate per channel of the layer `from`.
  static func scaleChannels(_ context: LayerContext) throws -> LayerParts {
    LayerParts(
      layer: try ScaleChannels(activation: try context.activation(default: .linear)),
      inputs: try gatesAndMap(context))
  }

  /// The layer before gives one gate per value of the layer `from`.
  static func sam(_ context: LayerContext) throws -> LayerParts {
    LayerParts(
      layer: try Sam(activation: try context.activation(default: .linear)),
      inputs: try gatesAndMap(context))
  }

  private static func gatesAndMap(_ context: LayerContext) throws(DarknetError) -> [Int] {
    let from = try context.layers("from")
    guard from.count == 1 else {
      throw context.section.error(
        "[\(context.section.name)] takes one layer in from=", line: context.section["from"]?.line)
    }
    return [context.previous] + from
  }
}
