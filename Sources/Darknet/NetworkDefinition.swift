package import Compute
import Layers
package import Networks

/// What a cfg describes: layers with zero weights, in order, what they give, and how to train them.
package struct NetworkDefinition {
  /// The cfg.
  package let file: ConfigurationFile
  /// Its `[net]` section.
  package let net: NetConfiguration
  /// Its layers.
  package let nodes: [LayerNode]
  /// What is read and trained of them.
  package let outputs: [Output]
  /// What was left out deliberately, one line each.
  package let notes: [String]
  let ties: [any ParameterTie]

  /// The detection heads, in layer order.
  package var heads: [DetectionOutput] { outputs.heads }

  /// The network's input: one image of the cfg's size.
  package var inputShape: Shape {
    Shape(
      height: net.height, width: net.width, channels: net.channels)
  }

  /// The number of floats in a weights file of all layers.
  package var parameterCount: Int {
    nodes.reduce(0) { $0 + $1.storedParameterCount }
  }

  /// The number of floats of all parameters and statistics, branches included.
  package var allParameterCount: Int {
    nodes.reduce(0) { $0 + $1.layer.parameters.reduce(0) { $0 + $1.values.count } }
  }
}

extension Network {
  /// The network that a cfg describes, whose parameters were made on this backend.
  package convenience init(_ definition: NetworkDefinition, backend: any Backend) {
    self.init(
      name: definition.file.fileName, text: definition.file.text, nodes: definition.nodes,
      outputs: definition.outputs, ties: definition.ties, ownInput: definition.inputShape,
      normalization: definition.net.normalization,
      saving: definition.net.savedActivations, backend: backend)
  }

  /// Builds the layers of a cfg, with zero weights.
  ///
  /// - Throws: ``DarknetError`` naming file and line; `ComputeError`.
  package convenience init(_ file: ConfigurationFile, backend: any Backend) throws {
    self.init(try NetworkBuilder.build(file, on: backend), backend: backend)
  }
}
