import Compute
import Layers
import Networks

// Normalisation and activation in layers of their own.
extension NetworkBuilder {
  static func batchNorm(_ context: LayerContext) throws -> LayerParts {
    try context.checkParameters(4, context.input.channels)
    return LayerParts(
      layer: try BatchNormalization(
        channels: context.input.channels, rollingMomentum: context.configuration.rollingMomentum,
        on: context.memory),
      inputs: [context.previous])
  }

  static func activation(_ context: LayerContext) throws -> LayerParts {
    LayerParts(
      layer: ActivationLayer(try context.activation(default: .linear)), inputs: [context.previous])
  }

  /// Lets each `[batchnorm]` compute the `[activation]` that reads it alone.
  ///
  /// The two have one output then, and nothing is lost: no other layer and no loss reads what is between
  /// them, and both are trained alike.
  static func joiningActivations(_ nodes: [LayerNode], outputs: [Output]) -> [LayerNode] {
    var nodes = nodes
    var readers = [Int](repeating: 0, count: nodes.count)
    for source in nodes.flatMap(\.inputs) where source >= 0 { readers[source] += 1 }
    for output in outputs { readers[output.node] += 1 }
    // The last layer keeps a tensor of its own.
    for index in nodes.indices.dropLast() {
      guard let layer = nodes[index].layer as? ActivationLayer, !(layer is Logistic),
        let source = nodes[index].inputs.first, source >= 0, readers[source] == 1,
        let normalization = nodes[source].layer as? BatchNormalization,
        !nodes[index].isDetached, nodes[index].training.isLike(nodes[source].training)
      else { continue }
      normalization.takeOver(layer.activation)
      nodes[index].isAbsorbed = true
    }
    return nodes
  }
}

extension LayerTraining {
  /// Whether gradients come to both layers in the same iterations.
  fileprivate func isLike(_ other: LayerTraining) -> Bool {
    isFrozen == other.isFrozen && closedIterations == other.closedIterations
  }
}
