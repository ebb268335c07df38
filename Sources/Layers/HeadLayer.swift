package import Compute

/// `[yolo]` or `[region]`: passes the logits on to the loss or the decoder.
///
/// Its output gradient is what the loss writes.
package final class HeadLayer: Layer {
  /// `yolo` or `region`.
  package let kind: String

  /// A head of the given section name.
  package init(kind: String) { self.kind = kind }

  /// The input's shape.
  package func outputShape(for inputs: [Shape]) throws -> Shape { try only(inputs) }

  /// Copies the logits.
  package func forward(_ pass: ForwardPass) {
    pass.backend.copy(pass.inputs[0], into: GradientTarget(pass.output, accumulate: false))
  }

  /// Hands the loss's gradient back.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.copy(pass.outputGradient, into: target)
  }
}
