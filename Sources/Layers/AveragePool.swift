package import Compute

/// `[avgpool]`: mean over the whole map.
package final class AveragePool: Layer {
  /// `avgpool`.
  package let kind = "avgpool"

  /// A global average.
  package init() {}

  /// [N, 1, 1, C].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    return Shape(batch: input.batch, channels: input.channels)
  }

  /// One addition a value.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try only(inputs).count)
  }

  /// Takes means.
  package func forward(_ pass: ForwardPass) {
    pass.backend.averagePool(pass.inputs[0], into: pass.output)
  }

  /// Spreads each gradient evenly.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.averagePoolGradient(of: pass.outputGradient, into: target)
  }
}

/// `[local_avgpool]`: mean over windows, of the pixels that lie inside; padding as of ``MaxPool``.
package final class LocalAveragePool: Layer {
  /// `local_avgpool`.
  package let kind = "local_avgpool"
  /// Size, strides and padding.
  package let window: PoolingWindow

  /// A pooling layer.
  ///
  /// - Throws: ``LayerError`` for a window or stride below 1 or a padding that leaves empty windows.
  package init(_ window: PoolingWindow) throws {
    try window.check(layer: kind)
    self.window = window
  }

  /// [N, P, Q, C].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    try window.output(of: only(inputs), layer: kind)
  }

  /// One addition a value of a window.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count * window.height * window.width)
  }

  /// Takes means.
  package func forward(_ pass: ForwardPass) {
    pass.backend.averagePool(pass.inputs[0], window: window, into: pass.output)
  }

  /// Spreads each gradient evenly over what its window has of the input.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.averagePoolGradient(of: pass.outputGradient, window: window, into: target)
  }
}
