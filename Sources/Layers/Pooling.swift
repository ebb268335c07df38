public import Compute

/// `[maxpool]`: maximum over windows, Darknet's padding (size − 1 in all, half of it in front).
public final class MaxPool: Layer {
  /// `maxpool`.
  public let kind = "maxpool"
  /// Size, stride and padding.
  public let window: PoolingWindow

  /// A pooling layer.
  ///
  /// - Throws: ``LayerError`` for a window or stride below 1 or a padding that leaves empty windows.
  public init(size: Int, stride: Int, padding: Int? = nil) throws {
    let window = PoolingWindow(size: size, stride: stride, padding: padding)
    guard size >= 1, stride >= 1, window.padding >= 0, window.padding <= 2 * (size - 1) else {
      throw LayerError.invalid(
        layer: kind, reason: "size, stride must be at least 1 and padding at most 2 · (size − 1)")
    }
    self.window = window
  }

  /// Inputs, to find the maxima again.
  public var backwardReads: BackwardReads { .inputs }

  /// [N, P, Q, C].
  public func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard let output = window.outputShape(of: input) else {
      throw LayerError.invalid(
        layer: kind, reason: "size=\(window.size) does not fit \(input.width)x\(input.height)")
    }
    return output
  }

  /// size² comparisons a value.
  public func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count * window.size * window.size)
  }

  /// Takes maxima.
  public func forward(_ pass: ForwardPass) {
    pass.backend.maxPool(pass.inputs[0], window: window, into: pass.output)
  }

  /// Gives each gradient to the first maximum of its window.
  public func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.maxPoolGradient(
      of: pass.outputGradient, input: pass.inputs[0], window: window, into: target)
  }
}

/// `[avgpool]`: mean over the whole map.
public final class AveragePool: Layer {
  /// `avgpool`.
  public let kind = "avgpool"

  /// A global average.
  public init() {}

  /// [N, 1, 1, C].
  public func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    return Shape(batch: input.batch, channels: input.channels)
  }

  /// One addition a value.
  public func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try only(inputs).count)
  }

  /// Takes means.
  public func forward(_ pass: ForwardPass) {
    pass.backend.averagePool(pass.inputs[0], into: pass.output)
  }

  /// Spreads each gradient evenly.
  public func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.averagePoolGradient(of: pass.outputGradient, into: target)
  }
}
