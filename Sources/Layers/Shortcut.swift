package import Compute

/// `[shortcut]`: y = f(x₀ + x₁ + …), x₀ the previous layer.
///
/// Unequal shapes follow Darknet: the common channels are added, sampling the larger map at the
/// ratio of the widths; there is no projection.
package final class Shortcut: Layer {
  /// `shortcut`.
  package let kind = "shortcut"
  /// f.
  package let activation: Activation

  /// A sum followed by an activation.
  package init(activation: Activation) { self.activation = activation }

  /// The output, where the slope is told from it.
  package var backwardReads: BackwardReads {
    activation != .linear && activation.hasGradientFromOutput ? .output : []
  }

  /// The first input's shape.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    guard let first = inputs.first, inputs.count > 1 else {
      throw LayerError.invalid(layer: kind, reason: "needs the previous layer and from=")
    }
    for other in inputs.dropFirst() where other != first {
      let wider = max(first.width, other.width)
      let narrower = min(first.width, other.width)
      guard wider % narrower == 0,
        max(first.height, other.height) == wider / narrower
          * min(
            first.height, other.height)
      else {
        throw LayerError.invalid(
          layer: kind,
          reason: "cannot add \(other.width)x\(other.height) to \(first.width)x\(first.height)")
      }
    }
    return first
  }

  /// The sum, if the activation needs it.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] {
    activation.hasGradientFromOutput ? [] : [try outputShape(for: inputs)]
  }

  /// The sum.
  package var roundableSaved: Int { 1 }

  /// One addition a value.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    Double(try outputShape(for: inputs).count * (inputs.count - 1))
  }

  /// Keeps the sum where the slope is told from it.
  package func forward(_ pass: ForwardPass) {
    let backend = pass.backend
    let sum = pass.saved.first ?? pass.output
    var others = pass.inputs.dropFirst()
    if let second = others.first, second.shape == sum.shape {
      backend.add(pass.inputs[0], second, into: sum)
      others = others.dropFirst()
    } else {
      backend.copy(pass.inputs[0], into: GradientTarget(sum, accumulate: false))
    }
    for other in others { backend.addCommon(other, into: sum) }
    if activation != .linear { backend.activate(sum, activation, into: pass.output) }
  }

  /// Overwrites the output gradient with that of the sum.
  package func backward(_ pass: BackwardPass) {
    let backend = pass.backend
    if let sum = pass.saved.first {
      backend.activationGradient(pass.outputGradient, input: sum, activation)
    } else {
      backend.activationGradient(pass.outputGradient, output: pass.output, activation)
    }
    for target in pass.inputGradients {
      guard let target else { continue }
      if target.tensor.shape == pass.outputGradient.shape {
        backend.copy(pass.outputGradient, into: target)
      } else {
        if !target.accumulate { backend.fill(target.tensor, with: 0) }
        backend.addCommon(pass.outputGradient, into: target.tensor)
      }
    }
  }
}
