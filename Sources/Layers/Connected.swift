package import Compute

/// `[connected]`: y = f(x · w + b) on each image's flattened values, with optional batch
/// normalisation as in ``Convolution``.
package final class Connected: Layer {
  /// `connected`.
  package let kind = "connected"
  /// H, W, C that the weights are made for (Darknet's files count C, H, W).
  package let inputShape: Shape
  /// [1, 1, inputs, outputs], inputs in H, W, C order.
  package let weights: Parameter
  /// [outputs].
  package let biases: Parameter
  /// f.
  package let activation: Activation
  // A 1×1 convolution of a 1×1 map is the same computation, normalisation included.
  private let convolution: Convolution

  /// A fully connected layer with zero weights on `memory`.
  ///
  /// - Throws: ``LayerError``; ``ComputeError``.
  package init(
    inputShape: Shape, outputs: Int, batchNormalize: Bool,
    rollingMomentum: Float = darknetRollingMomentum, activation: Activation,
    on memory: any MemorySource
  ) throws {
    guard outputs > 0 else {
      throw LayerError.invalid(layer: kind, reason: "output=\(outputs) must be positive")
    }
    self.inputShape = inputShape
    self.activation = activation
    convolution = try Convolution(
      inputChannels: inputShape.countPerImage, filters: outputs, size: 1, stride: 1, padding: 0,
      batchNormalize: batchNormalize, rollingMomentum: rollingMomentum, activation: activation,
      on: memory)
    weights = convolution.weights
    biases = convolution.biases
  }

  /// Darknet's file order: biases, weights, then scales and rolling statistics.
  package var parameters: [Parameter] {
    guard let normalization = convolution.normalization else { return [biases, weights] }
    return [
      biases, weights, normalization.scales, normalization.rollingMean,
      normalization.rollingVariance,
    ]
  }

  /// Weights and biases of inference, with batch normalisation by rolling statistics folded in.
  package var foldedWeights: (weights: [Float], biases: [Float]) { convolution.foldedWeights }

  /// As the convolution.
  package var backwardReads: BackwardReads { convolution.backwardReads }

  /// [N, 1, 1, outputs].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard input.height == inputShape.height, input.width == inputShape.width,
      input.channels == inputShape.channels
    else {
      throw LayerError.invalid(
        layer: kind,
        reason: "is made for \(inputShape.width)x\(inputShape.height)x\(inputShape.channels), "
          + "not \(input.width)x\(input.height)x\(input.channels)")
    }
    return Shape(batch: input.batch, channels: convolution.filters)
  }

  /// As the convolution.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] {
    try convolution.savedShapes(for: [flat(try only(inputs))])
  }

  /// As the convolution.
  package var roundableSaved: Int { convolution.roundableSaved }

  /// 2 · inputs · outputs.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    2 * Double(weights.values.count) * Double(try only(inputs).batch)
  }

  /// Forgets folded weights.
  package func parametersDidChange() { convolution.parametersDidChange() }

  /// Keeps what the convolution keeps.
  package func forward(_ pass: ForwardPass) {
    let input = pass.inputs[0]
    convolution.forward(
      ForwardPass(
        backend: pass.backend, inputs: [input.reshaped(flat(input.shape))], output: pass.output,
        saved: pass.saved, mode: pass.mode, random: pass.random))
  }

  /// As the convolution.
  package func backward(_ pass: BackwardPass) {
    let input = pass.inputs[0]
    convolution.backward(
      BackwardPass(
        backend: pass.backend, inputs: [input.reshaped(flat(input.shape))], output: pass.output,
        outputGradient: pass.outputGradient,
        inputGradients: pass.inputGradients.map { target in
          target.map {
            GradientTarget($0.tensor.reshaped(flat($0.tensor.shape)), accumulate: $0.accumulate)
          }
        }, saved: pass.saved))
  }

  private func flat(_ shape: Shape) -> Shape {
    Shape(batch: shape.batch, channels: shape.countPerImage)
  }
}
