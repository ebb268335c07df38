package import Compute

/// `[convolutional]` of a quantised network: bytes in, exact sums, bytes or floats out; inference only.
///
/// Batch normalisation is in the weights. It has no parameters: what it computes with cannot be trained.
package final class QuantizedConvolution: Layer {
  /// `convolutional`.
  package let kind = "convolutional"
  /// Kernel size, stride, padding, groups, dilation.
  package let geometry: ConvolutionGeometry
  /// C: channels of the input.
  package let inputChannels: Int
  /// K: channels of the output.
  package let filters: Int
  /// f.
  package let activation: Activation
  private let weights: PackedWeights

  /// A convolution in the place of another one.
  ///
  /// - Parameters:
  ///   - convolution: Its geometry and activation are taken.
  ///   - weights: Of its weights' shape.
  ///   - backend: Keeps the weights.
  /// - Throws: ``LayerError`` for weights that do not fit it, or groups that have no kernels of bytes;
  ///   ``ComputeError``.
  package init(
    replacing convolution: Convolution, weights: QuantizedWeights, backend: any Backend
  ) throws {
    guard weights.shape == convolution.weights.values.shape else {
      throw LayerError.invalid(
        layer: kind,
        reason: "needs weights \(convolution.weights.values.shape), not \(weights.shape)")
    }
    if let reason = Self.obstacle(to: convolution) {
      throw LayerError.invalid(layer: kind, reason: reason)
    }
    geometry = convolution.geometry
    inputChannels = convolution.inputChannels
    filters = convolution.filters
    activation = convolution.activation
    self.weights = try backend.pack(weights, geometry: geometry)
  }

  /// Why a convolution cannot be computed in bytes; nil: it can.
  package static func obstacle(to convolution: Convolution) -> String? {
    let groups = convolution.geometry.groups
    let isDepthwise = [convolution.inputChannels, convolution.filters] == [groups, groups]
    if groups > 1 && (!isDepthwise || convolution.geometry.dilation > 1) {
      return "groups=\(groups) have no kernels of bytes"
    }
    let products = convolution.weights.values.shape.count / convolution.filters
    if products > QuantizedWeights.mostProducts {
      return "sums of \(products) products do not fit 32 bits"
    }
    return nil
  }

  /// Whether the activation is applied to the sums; else the output is floats, and it takes a pass.
  package var fusesActivation: Bool { QuantizedEpilogue.fused.contains(activation) }

  /// [N, P, Q, K].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    guard let input = inputs.first, input.channels == inputChannels,
      let output = geometry.outputShape(of: input, filters: filters)
    else {
      throw LayerError.invalid(
        layer: kind, reason: "of \(inputChannels) channels does not fit the input")
    }
    return output
  }

  /// 2 · R · S · C / groups · P · Q · K.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    2 * Double(try outputShape(for: inputs).count) * Double(geometry.size * geometry.size)
      * Double(inputChannels / geometry.groups)
  }

  /// Takes a tensor of bytes, gives bytes or floats, whichever the output is.
  package func forward(_ pass: ForwardPass) {
    precondition(pass.mode == .inference, "a quantised layer in training")
    guard fusesActivation else {
      precondition(pass.shortcut == nil && pass.output.elementType == .float32)
      pass.backend.convolve(
        pass.inputs[0], weights: weights, epilogue: QuantizedEpilogue(), into: pass.output)
      pass.backend.activate(pass.output, activation, into: pass.output)
      return
    }
    var epilogue = QuantizedEpilogue(activation: activation)
    if let shortcut = pass.shortcut {
      let comesFirst = shortcut.activation != .linear
      precondition(!comesFirst || activation == .linear, "two activations")
      epilogue.residual = .init(shortcut.addend, comesFirst: comesFirst)
      if comesFirst { epilogue.activation = shortcut.activation }
    }
    pass.backend.convolve(pass.inputs[0], weights: weights, epilogue: epilogue, into: pass.output)
  }

  /// Nothing to learn.
  package func backward(_ pass: BackwardPass) {
    preconditionFailure("a quantised layer has no gradient")
  }
}
