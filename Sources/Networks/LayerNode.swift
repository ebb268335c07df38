package import Compute
package import Detection
package import Layers
import Uncertainty

/// A layer with its place in the network.
package struct LayerNode {
  /// The operation and its parameters.
  package let layer: any Layer
  /// The indices of the layers that it reads; -1 is the network's input.
  package let inputs: [Int]
  /// The shapes of the inputs, batch 1, at the cfg's input size.
  package let inputShapes: [Shape]
  /// The output's shape, batch 1, at the cfg's input size.
  package let outputShape: Shape
  /// How the output is read as boxes, nil for layers that are no heads.
  package let head: DetectionHead?
  /// The line of the section in the cfg.
  package let line: Int
  /// How a `[yolo]` head's objectness is trained; nil for other layers.
  package let objectness: ObjectnessTraining?
  /// Whether the layer serves a Bayesian branch alone: inference needs it for uncertainty only, and
  /// weights files do not have it.
  package internal(set) var isBranch = false
  /// Whether no gradient goes into what the layer reads.
  package internal(set) var isDetached = false
  /// The layer's index in the network without branches (of a branch's layer: of what follows it).
  package internal(set) var plainIndex = 0

  /// A layer in its place.
  package init(
    layer: any Layer, inputs: [Int], inputShapes: [Shape], outputShape: Shape,
    head: DetectionHead? = nil, line: Int = 0,
    objectness: ObjectnessTraining? = nil
  ) {
    self.layer = layer
    self.inputs = inputs
    self.inputShapes = inputShapes
    self.outputShape = outputShape
    self.head = head
    self.line = line
    self.objectness = objectness
  }
}

extension LayerNode {
  /// Whether the output is the only input as it is: a `[route]` to one layer, or in inference a
  /// `[dropout]`.
  package func isAlias(in mode: Mode) -> Bool {
    guard inputs.count == 1 && inputs[0] >= 0 else { return false }
    if let route = layer as? Route { return route.groups == 1 }
    return mode == .inference && layer is Dropout
  }

  /// The layer's share of a stream: a branch must not change what the other layers draw.
  func stream(of random: RandomStream, index: Int) -> RandomStream {
    isBranch ? random.split(1, UInt64(index)) : random.split(UInt64(plainIndex))
  }

  /// What a weights file holds of the layer, in its order.
  ///
  /// A Bayesian layer on the way to a head is there as the convolution of its means.
  var storedParameters: [Parameter] {
    if isBranch { return [] }
    guard let bayes = layer as? ConvBayes else { return layer.parameters }
    return [bayes.biases, bayes.weights]
  }

  /// Floats of the layer in a weights file.
  package var parameterCount: Int { storedParameters.reduce(0) { $0 + $1.values.count } }
}
