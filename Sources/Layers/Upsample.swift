package import Compute

/// `[upsample]`: nearest-neighbour enlargement.
package final class Upsample: Layer {
  /// `upsample`.
  package let kind = "upsample"
  /// The factor of height and width.
  package let stride: Int
  /// Multiplies the values.
  package let scale: Float

  /// An enlargement.
  ///
  /// - Throws: ``LayerError`` unless stride ≥ 1.
  package init(stride: Int, scale: Float = 1) throws {
    guard stride >= 1 else {
      throw LayerError.invalid(layer: kind, reason: "stride=\(stride) must be at least 1")
    }
    self.stride = stride
    self.scale = scale
  }

  /// stride · H by stride · W.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    var shape = try only(inputs)
    shape.height *= stride
    shape.width *= stride
    return shape
  }

  /// Repeats pixels.
  package func forward(_ pass: ForwardPass) {
    pass.backend.upsample(pass.inputs[0], stride: stride, scale: scale, into: pass.output)
  }

  /// Sums over the repeated pixels.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.upsampleGradient(
      of: pass.outputGradient, stride: stride, scale: scale, into: target)
  }
}
