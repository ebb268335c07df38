public import Compute
import Layers

/// What a cfg describes: layers with zero weights, in order, and how to train them.
public struct NetworkDefinition {
  /// The cfg.
  public let file: ConfigurationFile
  /// Its `[net]` section.
  public let net: NetConfiguration
  /// Its layers.
  public let nodes: [LayerNode]
  /// What was left out deliberately, one line each.
  public let notes: [String]

  /// The network's input: one image of the cfg's size.
  public var inputShape: Shape {
    Shape(
      height: net.height, width: net.width, channels: net.channels)
  }

  /// The number of floats in a weights file of all layers.
  public var parameterCount: Int {
    nodes.reduce(0) { $0 + $1.parameterCount }
  }

  /// The number of floats of all parameters and statistics, branches included.
  public var allParameterCount: Int {
    nodes.reduce(0) { $0 + $1.layer.parameters.reduce(0) { $0 + $1.values.count } }
  }
}
