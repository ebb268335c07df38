package import Compute

/// `[softmax]`: yᵢ = e^xᵢ / Σ e^xⱼ over each of `groups` equal parts of an image's values.
package final class Softmax: Layer {
  /// `softmax`.
  package let kind = "softmax"
  /// Number of parts.
  package let groups: Int

  /// A softmax layer.
  ///
  /// - Throws: ``LayerError`` unless groups ≥ 1.
  package init(groups: Int = 1) throws {
    guard groups >= 1 else {
      throw LayerError.invalid(layer: kind, reason: "groups=\(groups) must be at least 1")
    }
    self.groups = groups
  }

  /// The output.
  package var backwardReads: BackwardReads { .output }

  /// The input's shape.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard input.countPerImage % groups == 0 else {
      throw LayerError.invalid(
        layer: kind, reason: "groups=\(groups) does not divide \(input.countPerImage) values")
    }
    return input
  }

  /// Subtracts the maximum first.
  package func forward(_ pass: ForwardPass) {
    pass.backend.softmax(pass.inputs[0], groups: groups, into: pass.output)
  }

  /// y · (dL/dy − Σ y · dL/dy).
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.softmaxGradient(
      of: pass.outputGradient, output: pass.output, groups: groups, into: target)
  }
}
