public import Compute
public import Detection
public import Layers

/// A layer with its place in the network.
public struct LayerNode {
  /// The operation and its parameters.
  public let layer: any Layer
  /// The indices of the layers that it reads; -1 is the network's input.
  public let inputs: [Int]
  /// The shapes of the inputs, batch 1, at the cfg's input size.
  public let inputShapes: [Shape]
  /// The output's shape, batch 1, at the cfg's input size.
  public let outputShape: Shape
  /// How the output is read as boxes, nil for layers that are no heads.
  public let head: DetectionHead?
  /// The line of the section in the cfg.
  public let line: Int

  /// A layer in its place.
  public init(
    layer: any Layer, inputs: [Int], inputShapes: [Shape], outputShape: Shape,
    head: DetectionHead? = nil, line: Int = 0
  ) {
    self.layer = layer
    self.inputs = inputs
    self.inputShapes = inputShapes
    self.outputShape = outputShape
    self.head = head
    self.line = line
  }
}
