package import Compute
package import Layers

/// A network: ordered layers with parameters, its outputs, and plans to run them.
package final class Network {
  /// Where the network is described, for messages.
  package let name: String
  /// Its description, as checkpoints keep it.
  package let text: String
  /// The layers with what they read.
  package let nodes: [LayerNode]
  /// What may be read and trained, in layer order.
  package let outputs: [Output]
  /// One input of the network's own size, [1, H, W, C].
  package let ownInput: Shape
  /// What is done to the values of pictures first; nil: nothing.
  package let normalization: InputNormalization?
  /// What its tensors are as bytes, of a quantised network, which cannot be trained; nil: of floats alone.
  package let quantization: NetworkQuantization?
  /// How training keeps activations for backward.
  package let saving: SavedPrecision
  /// Does the work.
  package let backend: any Backend
  private let ties: [any ParameterTie]

  /// A parameter with its name in checkpoints, `LAYER.kind.name`.
  package struct NamedParameter {
    /// For example `12.convolutional.weights`.
    package let name: String
    /// The tensor.
    package let parameter: Parameter
    /// How its layer takes part in training.
    package let training: LayerTraining
    /// Which part of the network it is of: 0, what inference needs, or the number of a branch.
    package let part: Int
  }

  /// A network of layers that are at hand.
  ///
  /// - Parameters:
  ///   - name: Where it is described.
  ///   - text: The description.
  ///   - nodes: The layers in order; each reads earlier ones or the input.
  ///   - outputs: What outside of the layers is read or trained, at least one.
  ///   - ties: Parameters that must follow others.
  ///   - ownInput: One input, [1, H, W, C].
  ///   - normalization: What is done to the values of pictures first, one a channel; nil: nothing.
  ///   - quantization: What the tensors that `QuantizedConvolution`s read are; nil where there are none.
  ///   - saving: How training keeps activations for backward.
  ///   - backend: Does the work.
  package init(
    name: String, text: String, nodes: [LayerNode], outputs: [Output],
    ties: [any ParameterTie] = [], ownInput: Shape, normalization: InputNormalization? = nil,
    quantization: NetworkQuantization? = nil, saving: SavedPrecision = .float32,
    backend: any Backend
  ) {
    precondition(!outputs.isEmpty && outputs.allSatisfy { nodes.indices.contains($0.node) })
    self.name = name
    self.text = text
    self.nodes = nodes
    self.outputs = outputs
    self.ties = ties
    self.ownInput = ownInput
    self.normalization = normalization
    self.quantization = quantization
    self.saving = saving
    self.backend = backend
  }

  /// The same network with quantised convolutions in the place of others; the other layers are shared.
  ///
  /// - Parameters:
  ///   - layers: The quantised ones, by the index of the convolution that they replace.
  ///   - quantization: What the tensors are as bytes, one entry a layer.
  /// - Returns: A network for inference.
  package func replacing(
    _ layers: [Int: QuantizedConvolution], quantization: NetworkQuantization
  ) -> Network {
    precondition(quantization.outputs.count == nodes.count, "one entry a layer")
    return Network(
      name: name, text: text,
      nodes: nodes.enumerated().map { index, node in
        layers[index].map { node.replacing(layer: $0) } ?? node
      }, outputs: outputs, ownInput: ownInput, normalization: normalization,
      quantization: quantization, backend: backend)
  }

  /// All parameters and statistics in layer order.
  package var parameters: [NamedParameter] {
    let parts = parts
    return nodes.enumerated().flatMap { index, node in
      node.layer.parameters.map {
        NamedParameter(
          name: "\(index).\(node.layer.kind).\($0.name)", parameter: $0, training: node.training,
          part: parts[index])
      }
    }
  }

  /// The part of each layer: 0, or from 1 on the branch that it is of, optional layers that read each
  /// other.
  private var parts: [Int] {
    var parts = [Int](repeating: 0, count: nodes.count)
    var count = 0
    for (index, node) in nodes.enumerated() where node.isOptional {
      if let read = node.inputs.first(where: { $0 >= 0 && parts[$0] > 0 }) {
        parts[index] = parts[read]
      } else {
        count += 1
        parts[index] = count
      }
    }
    return parts
  }

  /// Whether layers report mean and variance of their outputs, for a plan that keeps moments.
  package var hasMoments: Bool { nodes.contains { $0.layer is any MomentLayer } }

  /// The shape of one input batch; the network's own size where none is given.
  package func inputShape(batch: Int, width: Int? = nil, height: Int? = nil) -> Shape {
    Shape(
      batch: batch, height: height ?? ownInput.height, width: width ?? ownInput.width,
      channels: ownInput.channels)
  }

  /// Draws all weights from N(0, gain² · 2 / fan), as Darknet; biases stay 0.
  ///
  /// Every layer has its own stream, so that layers loaded from a file do not shift the others, and
  /// optional layers do not either.
  ///
  /// - Parameters:
  ///   - random: Chooses the weights.
  ///   - gain: Factor on Darknet's deviation; 0.41 is PyTorch's, 1 / √(3 · R · S · C). Under batch
  ///     normalisation the scale of weights does not change what a layer computes, but a step of
  ///     given size turns small weights further.
  ///   - initialization: Which fan.
  package func initializeWeights(
    _ random: RandomStream, gain: Float = 1, as initialization: WeightInitialization = .fanIn
  ) {
    for node in nodes {
      for parameter in node.layer.parameters where parameter.decays {
        let shape = parameter.values.shape
        let isOut = initialization == .fanOut && node.layer is Convolution
        let fan = isOut ? shape.batch * shape.height * shape.channels : shape.count / shape.channels
        let deviation = gain * (2 / Float(fan)).squareRoot()
        var stream = node.stream(of: random)
        parameter.values.withMutableHostValues { values in
          for i in values.indices { values[i] = deviation * stream.normal() }
        }
      }
      node.layer.parametersDidChange()
    }
  }

  /// Tells every layer that parameters were changed from outside.
  package func parametersDidChange() {
    for node in nodes { node.layer.parametersDidChange() }
    for tie in ties { tie.trainedDidChange() }
  }

  /// Tells the network that its parameters were read from a file that has no optional layers.
  package func storedParametersWereLoaded() {
    for tie in ties { tie.storedWereLoaded() }
    parametersDidChange()
  }

  /// Settles shapes and memory for an input.
  ///
  /// - Parameters:
  ///   - shape: The input.
  ///   - mode: Training or inference.
  ///   - keepsMoments: In inference, run optional layers and keep moments.
  /// - Returns: The plan.
  /// - Throws: ``NetworkError`` if an output cannot be used at this size, or a quantised network is to be
  ///   trained; `LayerError` if it does not
  ///   go through the layers; `ComputeError`.
  package func makePlan(
    input shape: Shape, mode: Mode, keepsMoments: Bool = false
  ) throws -> NetworkPlan {
    if quantization != nil && mode == .training {
      throw NetworkError.quantized(file: name)
    }
    try check { output, node in
      output.meaning?.problem(withInput: shape, own: ownInput, output: node.outputShape)
    }
    let plan = try NetworkPlan(
      nodes: nodes, outputs: outputs, backend: backend, input: shape, mode: mode,
      keepsMoments: keepsMoments, normalization: normalization, quantization: quantization,
      saving: saving)
    try check { output, _ in
      output.meaning?.problem(withOutput: plan.shapes[output.node], ofInput: shape)
    }
    return plan
  }

  private func check(_ problem: (Output, LayerNode) -> String?) throws {
    for output in outputs {
      let node = nodes[output.node]
      if let reason = problem(output, node) {
        throw NetworkError.input(file: name, line: node.line, reason: reason)
      }
    }
  }
}
