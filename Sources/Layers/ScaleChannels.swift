package import Compute

/// `[scale_channels]`: y = f(x · g), one gate g for each image and channel (squeeze and excitation).
///
/// Input 0 is the previous layer, the gates [N, 1, 1, C]; input 1 the map x [N, H, W, C].
package final class ScaleChannels: Layer {
  /// `scale_channels`.
  package let kind = "scale_channels"
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

  /// The shape of the map.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    guard inputs.count == 2, inputs[0].height == 1, inputs[0].width == 1,
      inputs[0].channels == inputs[1].channels
    else {
      throw LayerError.invalid(
        layer: kind, reason: "needs 1x1 gates before it and a map of as many channels in from=")
    }
    return inputs[1]
  }

  /// One multiplication a value.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count)
  }

  /// Multiplies.
  package func forward(_ pass: ForwardPass) {
    pass.backend.scaleChannels(pass.inputs[1], gates: pass.inputs[0], into: pass.output)
    if activation != .linear { pass.backend.activate(pass.output, activation, into: pass.output) }
  }

  /// Overwrites the output gradient with that of the product.
  package func backward(_ pass: BackwardPass) {
    pass.backend.activationGradient(pass.outputGradient, output: pass.output, activation)
    pass.backend.scaleChannelsGradient(
      of: pass.outputGradient, input: pass.inputs[1], gates: pass.inputs[0],
      inputGradient: pass.inputGradients[1], gateGradient: pass.inputGradients[0])
  }
}
