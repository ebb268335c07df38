public import Compute

/// `[softmax]`: yᵢ = e^xᵢ / Σ e^xⱼ over each of `groups` equal parts of an image's values.
public final class Softmax: Layer {
  /// `softmax`.
  public let kind = "softmax"
  /// Number of parts.
  public let groups: Int

  /// A softmax layer.
  ///
  /// - Throws: ``LayerError`` unless groups ≥ 1.
  public init(groups: Int = 1) throws {
    guard groups >= 1 else {
      throw LayerError.invalid(layer: kind, reason: "groups=\(groups) must be at least 1")
    }
    self.groups = groups
  }

  /// The output.
  public var backwardReads: BackwardReads { .output }

  /// The input's shape.
  public func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard input.countPerImage % groups == 0 else {
      throw LayerError.invalid(
        layer: kind, reason: "groups=\(groups) does not divide \(input.countPerImage) values")
    }
    return input
  }

  /// Subtracts the maximum first.
  public func forward(_ pass: ForwardPass) {
    pass.backend.softmax(pass.inputs[0], groups: groups, into: pass.output)
  }

  /// y · (dL/dy − Σ y · dL/dy).
  public func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.softmaxGradient(
      of: pass.outputGradient, output: pass.output, groups: groups, into: target)
  }
}
