package import Compute

/// Whether a pass learns: batch statistics and dropout are used in training only.
package enum Mode: Sendable {
  /// Rolling statistics, no noise.
  case inference
  /// Batch statistics, noise, and everything kept that backward needs.
  case training
}

/// One operation of a network: holds parameters, but no activations.
///
/// Shapes come with every call, so that one layer serves plans of several input sizes. Gradients are
/// dL/dx throughout (Darknet's `delta` is their negative).
package protocol Layer: AnyObject {
  /// The Darknet section name, for example `convolutional`.
  var kind: String { get }
  /// Learned tensors and statistics, in the order of a Darknet weights file's layer record.
  var parameters: [Parameter] { get }
  /// The output for inputs of these shapes.
  ///
  /// - Throws: ``LayerError`` if the layer cannot take them.
  func outputShape(for inputs: [Shape]) throws -> Shape
  /// Tensors that forward fills in training and backward reads, besides inputs and output.
  func savedShapes(for inputs: [Shape]) throws -> [Shape]
  /// How many of ``savedShapes(for:)``, the first ones, are values of pixels, which may be rounded before
  /// backward reads them; the others, such as statistics, are kept as they are.
  var roundableSaved: Int { get }
  /// Whether backward reads the values of the inputs, of the output.
  var backwardReads: BackwardReads { get }
  /// Multiplications and additions of one forward pass, counted as Darknet does.
  func floatingPointOperations(for inputs: [Shape]) throws -> Double
  /// Tells the layer that its parameters were changed from outside (loaded, averaged).
  func parametersDidChange()
  /// Computes `pass.output`.
  func forward(_ pass: ForwardPass)
  /// Writes or adds the input gradients and adds the parameters' gradients.
  /// May overwrite `pass.outputGradient`.
  func backward(_ pass: BackwardPass)
}

/// A layer that can make its output anew from what it saved: backward passes that read the output
/// need not keep it.
package protocol RecomputableLayer: Layer {
  /// Whether it can, as it is set up.
  var canRecompute: Bool { get }
  /// Overwrites `output` with that of the last forward pass in training, to the bit.
  func recompute(from saved: [Tensor], backend: any Backend, into output: Tensor)
}

extension Layer {
  /// Most layers learn nothing.
  package var parameters: [Parameter] { [] }
  /// Most layers keep nothing else.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] { [] }
  /// What is saved stays as it is, unless the layer says otherwise.
  package var roundableSaved: Int { 0 }
  /// Most backward passes need gradients only.
  package var backwardReads: BackwardReads { [] }
  /// Data movement is not counted.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double { 0 }
  /// Most layers derive nothing from their parameters.
  package func parametersDidChange() {}

  func only(_ inputs: [Shape]) throws -> Shape {
    guard inputs.count == 1 else {
      throw LayerError.invalid(layer: kind, reason: "takes one input, not \(inputs.count)")
    }
    return inputs[0]
  }
}

/// What a layer's backward pass reads of its forward pass.
package struct BackwardReads: OptionSet, Sendable {
  /// The bits.
  package let rawValue: Int
  /// Made from bits.
  package init(rawValue: Int) { self.rawValue = rawValue }
  /// The values of the inputs.
  package static let inputs = BackwardReads(rawValue: 1)
  /// The values of the output.
  package static let output = BackwardReads(rawValue: 2)
}

/// The tensors of one forward pass through a layer.
package struct ForwardPass {
  /// Does the work.
  package let backend: any Backend
  /// Values of the layers that this one reads.
  package let inputs: [Tensor]
  /// To be overwritten.
  package let output: Tensor
  /// Filled in training; empty in inference.
  package let saved: [Tensor]
  /// Training or inference.
  package let mode: Mode
  /// Noise of this layer in this pass.
  package let random: RandomStream
  /// Tensors that the layer of the first input saved, for layers that carry its moments on; may be
  /// empty.
  package let inputSaved: [Tensor]
  /// A `[shortcut]` to be computed on the way, in inference: only convolutions get one.
  package let shortcut: Shortcut?

  /// The output is to be f(output + addend), where either f or the layer's own activation is linear.
  package struct Shortcut {
    /// Of the output's shape.
    package let addend: Tensor
    /// f.
    package let activation: Activation

    /// A sum and its activation.
    package init(addend: Tensor, activation: Activation) {
      self.addend = addend
      self.activation = activation
    }
  }

  /// Collects the tensors of a pass.
  package init(
    backend: any Backend, inputs: [Tensor], output: Tensor, saved: [Tensor] = [],
    mode: Mode = .inference, random: RandomStream = RandomStream(seed: 0),
    inputSaved: [Tensor] = [], shortcut: Shortcut? = nil
  ) {
    self.backend = backend
    self.inputs = inputs
    self.output = output
    self.saved = saved
    self.mode = mode
    self.random = random
    self.inputSaved = inputSaved
    self.shortcut = shortcut
  }
}

/// The tensors of one backward pass through a layer.
package struct BackwardPass {
  /// Does the work.
  package let backend: any Backend
  /// As in the forward pass.
  package let inputs: [Tensor]
  /// As the forward pass left it.
  package let output: Tensor
  /// dL/doutput; may be overwritten.
  package let outputGradient: Tensor
  /// Where dL/dinput goes; nil where nobody needs it.
  package let inputGradients: [GradientTarget?]
  /// As the forward pass left it.
  package let saved: [Tensor]

  /// Collects the tensors of a pass.
  package init(
    backend: any Backend, inputs: [Tensor], output: Tensor, outputGradient: Tensor,
    inputGradients: [GradientTarget?], saved: [Tensor] = []
  ) {
    self.backend = backend
    self.inputs = inputs
    self.output = output
    self.outputGradient = outputGradient
    self.inputGradients = inputGradients
    self.saved = saved
  }
}

/// Why a layer cannot be built or fed.
package enum LayerError: Error, Equatable, CustomStringConvertible {
  /// An argument or input shape does not fit; the text says which and why.
  case invalid(layer: String, reason: String)

  /// One line.
  package var description: String {
    switch self {
    case .invalid(let layer, let reason): "[\(layer)] \(reason)"
    }
  }
}
