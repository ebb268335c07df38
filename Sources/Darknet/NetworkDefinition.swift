package import Compute
import Layers

/// What a cfg describes: layers with zero weights, in order, and how to train them.
package struct NetworkDefinition {
  /// The cfg.
  package let file: ConfigurationFile
  /// Its `[net]` section.
  package let net: NetConfiguration
  /// Its layers.
  package let nodes: [LayerNode]
  /// What was left out deliberately, one line each.
  package let notes: [String]

  /// The network's input: one image of the cfg's size.
  package var inputShape: Shape {
    Shape(
      height: net.height, width: net.width, channels: net.channels)
  }

  /// The number of floats in a weights file of all layers.
  package var parameterCount: Int {
    nodes.reduce(0) { $0 + $1.parameterCount }
  }

  /// The number of floats of all parameters and statistics, branches included.
  package var allParameterCount: Int {
    nodes.reduce(0) { $0 + $1.layer.parameters.reduce(0) { $0 + $1.values.count } }
  }
}
