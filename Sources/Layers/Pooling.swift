package import Compute

/// `[maxpool]`: maximum over windows, Darknet's padding (size − 1 in all, half of it in front).
package final class MaxPool: Layer {
  /// `maxpool`.
  package let kind = "maxpool"
  /// Size, stride and padding.
  package let window: PoolingWindow

  /// A pooling layer.
  ///
  /// - Throws: ``LayerError`` for a window or stride below 1 or a padding that leaves empty windows.
  package init(size: Int, stride: Int, padding: Int? = nil) throws {
    let window = PoolingWindow(size: size, stride: stride, padding: padding)
    guard size >= 1, stride >= 1, window.padding >= 0, window.padding <= 2 * (size - 1) else {
      throw LayerError.invalid(
        layer: kind, reason: "size, stride must be at least 1 and padding at most 2 · (size − 1)")
    }
    self.window = window
  }

  /// Inputs, to find the maxima again.
  package var backwardReads: BackwardReads { .inputs }

  /// [N, P, Q, C].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard let output = window.outputShape(of: input) else {
      throw LayerError.invalid(
        layer: kind, reason: "size=\(window.size) does not fit \(input.width)x\(input.height)")
    }
    return output
  }

  /// size² comparisons a value.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count * window.size * window.size)
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
