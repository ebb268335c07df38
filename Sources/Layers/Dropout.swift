package import Compute

/// `[dropout]`: in training y = x · m, m = 0 with probability p, else 1 / (1 − p).
package final class Dropout: Layer {
  /// `dropout`.
  package let kind = "dropout"
  /// p, in 0..<1.
  package let probability: Float

  /// A dropout layer.
  ///
  /// - Throws: ``LayerError`` unless 0 ≤ probability < 1.
  package init(probability: Float) throws {
    guard probability >= 0, probability < 1 else {
      throw LayerError.invalid(layer: kind, reason: "probability=\(probability) must be in 0..<1")
    }
    self.probability = probability
  }

  /// The input's shape.
  package func outputShape(for inputs: [Shape]) throws -> Shape { try only(inputs) }

  /// The mask.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] { [try only(inputs)] }

  /// Draws the mask from the pass's stream.
  package func forward(_ pass: ForwardPass) {
    guard pass.mode == .training else {
      pass.backend.copy(pass.inputs[0], into: GradientTarget(pass.output, accumulate: false))
      return
    }
    pass.backend.dropout(
      pass.inputs[0], probability: probability, random: pass.random, mask: pass.saved[0],
      into: pass.output)
  }

  /// Multiplies by the same mask.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    pass.backend.multiply(pass.outputGradient, pass.saved[0], into: target)
  }
}
