package import Compute

/// `[maxpool]`: maximum over windows, Darknet's padding (size − 1 in all, half of it in front).
package final class MaxPool: Layer {
  /// `maxpool`.
  package let kind = "maxpool"
  /// Size, strides and padding.
  package let window: PoolingWindow

  /// A pooling layer.
  ///
  /// - Throws: ``LayerError`` for a window or stride below 1 or a padding that leaves empty windows.
  package init(_ window: PoolingWindow) throws {
    try window.check(layer: kind)
    self.window = window
  }

  /// Inputs, to find the maxima again.
  package var backwardReads: BackwardReads { .inputs }

  /// [N, P, Q, C].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    try window.output(of: only(inputs), layer: kind)
  }

  /// One comparison a value of a window.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count * window.height * window.width)
  }

  /// Takes maxima.
  package func forward(_ pass: ForwardPass) {
    pass.backend.maxPool(pass.inputs[0], window: window, into: pass.output)
  }

  /// Gives each gradient to the first maximum of its window.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.maxPoolGradient(
      of: pass.outputGradient, input: pass.inputs[0], window: window, into: target)
  }
}

extension PoolingWindow {
  /// - Throws: ``LayerError`` for what makes no window, or a window that may lie outside as a whole.
  func check(layer: String) throws {
    guard min(height, width, strideY, strideX) >= 1, padding >= 0,
      padding <= 2 * (min(height, width) - 1)
    else {
      throw LayerError.invalid(
        layer: layer, reason: "size, stride must be at least 1 and padding at most 2 · (size − 1)")
    }
  }

  /// - Throws: ``LayerError`` if the window does not fit.
  func output(of input: Shape, layer: String) throws -> Shape {
    guard let output = outputShape(of: input) else {
      throw LayerError.invalid(
        layer: layer, reason: "size=\(width) does not fit \(input.width)x\(input.height)")
    }
    return output
  }
}
