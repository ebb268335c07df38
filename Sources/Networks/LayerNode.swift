package import Compute
package import Layers

/// A layer with its place in the network.
package struct LayerNode {
  /// The operation and its parameters.
  package private(set) var layer: any Layer
  /// The indices of the layers that it reads; -1 is the network's input.
  package let inputs: [Int]
  /// The shapes of the inputs, batch 1, at the network's own input size.
  package let inputShapes: [Shape]
  /// The output's shape, batch 1, at the network's own input size.
  package let outputShape: Shape
  /// The line of the file that describes it, from 1; 0: none.
  package let line: Int
  /// Whether inference can do without the layer, unless it is asked for moments.
  package var isOptional = false
  /// Whether the layer that it reads computes it too.
  package var isAbsorbed = false
  /// Whether no gradient goes into what the layer reads.
  package var isDetached = false
  /// How the layer takes part in training.
  package var training = LayerTraining()
  /// What a file of weights has of the layer.
  package var storage = Storage.whole
  /// The layer's index among those that are not optional (of an optional one: of what follows it).
  package var mainIndex = 0
  /// What an optional layer's draws are chosen by: no other optional layer's, and the same whatever branches
  /// without draws there are.
  package var drawIndex = 0

  /// What a file of weights has of a layer when it is read; a file that is written has all of it.
  package enum Storage: Sendable {
    /// All parameters.
    case whole
    /// All but scales and statistics of batch normalisation.
    case withoutScales
    /// Nothing.
    case none
  }

  /// A layer in its place.
  package init(
    layer: any Layer, inputs: [Int], inputShapes: [Shape], outputShape: Shape, line: Int = 0
  ) {
    self.layer = layer
    self.inputs = inputs
    self.inputShapes = inputShapes
    self.outputShape = outputShape
    self.line = line
  }
}

extension LayerNode {
  /// Another layer in the same place.
  func replacing(layer: any Layer) -> LayerNode {
    var node = self
    node.layer = layer
    return node
  }

  /// Whether the output is the only input as it is: a `[route]` to one layer, what the layer before
  /// computes too, or in inference a `[dropout]`.
  package func isAlias(in mode: Mode) -> Bool {
    guard inputs.count == 1 && inputs[0] >= 0 else { return false }
    if isAbsorbed { return true }
    if let route = layer as? Route { return route.groups == 1 }
    return mode == .inference && layer is Dropout
  }

  /// How the layer runs in a plan: frozen layers as in inference, unless their moments are wanted.
  func mode(in mode: Mode) -> Mode {
    training.isFrozen && !(layer is any MomentLayer) ? .inference : mode
  }

  /// The layer's share of a stream: optional layers must not change what the others draw.
  func stream(of random: RandomStream) -> RandomStream {
    isOptional ? random.split(1, UInt64(drawIndex)) : random.split(UInt64(mainIndex))
  }
}
