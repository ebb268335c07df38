package import Compute

/// `[sam]`: y = f(x · g), one gate g for each value (the spatial attention module of YOLOv4).
///
/// Input 0 is the previous layer, the gates; input 1 the map x; both [N, H, W, C].
package final class Sam: Layer {
  /// `sam`.
  package let kind = "sam"
  /// f.
  package let activation: Activation

  /// A gated map.
  ///
  /// - Throws: ``LayerError`` for an activation whose slope needs the product itself.
  package init(activation: Activation) throws {
    guard activation.hasGradientFromOutput else {
      throw LayerError.invalid(
        layer: kind, reason: "activation=\(activation.rawValue) is not supported")
    }
    self.activation = activation
  }

  /// Both inputs; the output for the slope.
  package var backwardReads: BackwardReads {
    activation == .linear ? .inputs : [.inputs, .output]
  }

  /// The shape of both inputs.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    guard inputs.count == 2, inputs[0] == inputs[1] else {
      let shapes = inputs.map { "\($0.width)x\($0.height)x\($0.channels)" }
      throw LayerError.invalid(
        layer: kind,
        reason: "needs gates before it and a map of their shape in from=, not "
          + shapes.joined(separator: " and "))
    }
    return inputs[1]
  }

  /// One multiplication a value.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count)
  }

  /// Multiplies.
  package func forward(_ pass: ForwardPass) {
    pass.backend.multiply(
      pass.inputs[0], pass.inputs[1], into: GradientTarget(pass.output, accumulate: false))
    if activation != .linear { pass.backend.activate(pass.output, activation, into: pass.output) }
  }

  /// Overwrites the output gradient with that of the product.
  package func backward(_ pass: BackwardPass) {
    pass.backend.activationGradient(pass.outputGradient, output: pass.output, activation)
    for (target, other) in zip(pass.inputGradients, pass.inputs.reversed()) {
      if let target { pass.backend.multiply(pass.outputGradient, other, into: target) }
    }
  }
}
