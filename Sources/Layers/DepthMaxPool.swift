package import Compute

/// `[maxpool]` with `maxpool_depth=1`: of each pixel the maximum over every K-th channel, K those of the
/// output: channel g is the maximum of the input's g, g + K, g + 2 · K and so on.
package final class DepthMaxPool: Layer {
  /// `maxpool`.
  package let kind = "maxpool"
  /// K.
  package let channels: Int

  /// A maximum over channels.
  ///
  /// - Throws: ``LayerError`` unless channels ≥ 1.
  package init(channels: Int) throws {
    guard channels >= 1 else {
      throw LayerError.invalid(layer: kind, reason: "out_channels=\(channels) must be at least 1")
    }
    self.channels = channels
  }

  /// Inputs, to find the maxima again.
  package var backwardReads: BackwardReads { .inputs }

  /// [N, H, W, K].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    var shape = try only(inputs)
    guard shape.channels.isMultiple(of: channels) else {
      throw LayerError.invalid(
        layer: kind,
        reason: "out_channels=\(channels) does not divide the input's \(shape.channels) channels")
    }
    shape.channels = channels
    return shape
  }

  /// One comparison a value.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try only(inputs).count)
  }

  /// Takes maxima.
  package func forward(_ pass: ForwardPass) {
    pass.backend.maxPool(
      lines(pass.inputs[0]), window: window(pass.inputs[0].shape), into: lines(pass.output))
  }

  /// Gives each gradient to the first maximum.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.maxPoolGradient(
      of: lines(pass.outputGradient), input: lines(pass.inputs[0]),
      window: window(pass.inputs[0].shape),
      into: GradientTarget(lines(target.tensor), accumulate: target.accumulate))
  }

  /// A pixel as a line of pixels with K channels.
  private func lines(_ tensor: Tensor) -> Tensor {
    let shape = tensor.shape
    return tensor.reshaped(
      Shape(
        batch: shape.batch, height: shape.height * shape.width, width: shape.channels / channels,
        channels: channels))
  }

  private func window(_ input: Shape) -> PoolingWindow {
    PoolingWindow(height: 1, width: input.channels / channels)
  }
}
