package import Compute

/// `[activation]`: y = f(x), value by value.
package class ActivationLayer: Layer {
  /// `activation`, or the name of a section that is one.
  package let kind: String
  /// f.
  package let activation: Activation

  /// An activation in a layer of its own.
  package init(_ activation: Activation, kind: String = "activation") {
    self.activation = activation
    self.kind = kind
  }

  /// The output, or the input of functions whose slope it does not tell.
  package var backwardReads: BackwardReads {
    activation == .linear ? [] : activation.hasGradientFromOutput ? .output : .inputs
  }

  /// The input's shape.
  package func outputShape(for inputs: [Shape]) throws -> Shape { try only(inputs) }

  /// Applies f.
  package func forward(_ pass: ForwardPass) {
    pass.backend.activate(pass.inputs[0], activation, into: pass.output)
  }

  /// f′ · dL/dy; overwrites the output gradient with it.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    if activation.hasGradientFromOutput {
      pass.backend.activationGradient(pass.outputGradient, output: pass.output, activation)
    } else {
      pass.backend.activationGradient(pass.outputGradient, input: pass.inputs[0], activation)
    }
    pass.backend.copy(pass.outputGradient, into: target)
  }
}

/// `[logistic]`: y = 1 / (1 + e^−x), the probability of each class by itself.
package final class Logistic: ActivationLayer {
  /// A logistic layer.
  package init() { super.init(.logistic, kind: "logistic") }
}
