package import Compute
package import Detection
package import Layers
import Uncertainty

/// A network built from a Darknet cfg: ordered layers with parameters, and plans to run them.
package final class Network {
  /// The cfg that describes it, read.
  package let definition: NetworkDefinition
  /// Does the work.
  package let backend: any Backend

  /// A detection head and the layer that it is.
  package struct Head: Sendable {
    /// Index into ``Network/nodes``.
    package let layer: Int
    /// Anchors and classes.
    package let head: DetectionHead
  }

  /// A parameter with its name in checkpoints, `LAYER.kind.name`.
  package struct NamedParameter {
    /// For example `12.convolutional.weights`.
    package let name: String
    /// The tensor.
    package let parameter: Parameter
  }

  /// Builds the layers of a cfg, with zero weights.
  ///
  /// - Throws: ``DarknetError`` naming file and line; ``ComputeError``.
  package init(_ file: ConfigurationFile, backend: any Backend) throws {
    definition = try NetworkBuilder.build(file, on: backend)
    self.backend = backend
  }

  /// The layers with what they read.
  package var nodes: [LayerNode] { definition.nodes }
  /// The `[net]` section.
  package var configuration: NetConfiguration { definition.net }

  /// The detection heads in layer order.
  package var heads: [Head] {
    nodes.enumerated().compactMap { index, node in
      node.head.map { Head(layer: index, head: $0) }
    }
  }

  /// Where images are classified; nil if the network does not.
  package var classifier: Classifier? { Classifier(nodes) }

  /// All parameters and statistics in layer order.
  package var parameters: [NamedParameter] {
    nodes.enumerated().flatMap { index, node in
      node.layer.parameters.map {
        NamedParameter(name: "\(index).\(node.layer.kind).\($0.name)", parameter: $0)
      }
    }
  }

  /// The shape of one input batch; the cfg's own size where none is given.
  package func inputShape(batch: Int, width: Int? = nil, height: Int? = nil) -> Shape {
    Shape(
      batch: batch, height: height ?? configuration.height, width: width ?? configuration.width,
      channels: configuration.channels)
  }

  /// Draws all weights from N(0, gain² · 2 / (R · S · C / groups)), as Darknet; biases stay 0.
  ///
  /// Every layer has its own stream, so that layers loaded from a file do not shift the others, and
  /// branches do not either.
  ///
  /// - Parameters:
  ///   - random: Chooses the weights.
  ///   - gain: Factor on Darknet's deviation; 0.41 is PyTorch's, 1 / √(3 · R · S · C). Under batch
  ///     normalisation the scale of weights does not change what a layer computes, but a step of
  ///     given size turns small weights further.
  package func initializeWeights(_ random: RandomStream, gain: Float = 1) {
    for (index, node) in nodes.enumerated() {
      for parameter in node.layer.parameters where parameter.decays {
        let shape = parameter.values.shape
        let deviation = gain * (2 / Float(shape.count / shape.channels)).squareRoot()
        var stream = node.stream(of: random, index: index)
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
    adoptReplacements()
  }

  /// Tells the network that its parameters were read from a weights file, which has no branches: a
  /// Bayesian layer that replaces a head's objectness takes over the head's own weights.
  package func headsWereLoaded() {
    forEachReplacement { $0.fill($1) }
    parametersDidChange()
  }

  /// Where a Bayesian layer replaces a head's objectness, its mean is written into the head's own
  /// convolution: inference needs no branch.
  private func adoptReplacements() {
    forEachReplacement { $0.adopt($1) }
  }

  private func forEachReplacement(_ body: (ObjectnessColumns, ConvBayes) -> Void) {
    for node in nodes {
      guard let branch = node.objectness?.branch, branch.mode == .replace,
        let bayes = nodes[branch.layer].layer as? ConvBayes, let head = node.head,
        let convolution = nodes[node.inputs[0]].layer as? Convolution
      else { continue }
      body(ObjectnessColumns(head: head, convolution: convolution), bayes)
    }
  }

  /// Whether a head has a Bayesian branch.
  package var isBayesian: Bool { nodes.contains { $0.objectness?.branch != nil } }

  /// Whether every branch takes the place of its head's objectness, so that a weights file has all
  /// that it needs; false without branches.
  package var branchesReplaceObjectness: Bool {
    let branches = nodes.compactMap { $0.objectness?.branch }
    return !branches.isEmpty && branches.allSatisfy { $0.mode == .replace }
  }

  /// Settles shapes and memory for an input.
  ///
  /// - Parameters:
  ///   - shape: The input.
  ///   - mode: Training or inference.
  ///   - keepsMoments: In inference, run Bayesian branches and keep their moments.
  /// - Returns: The plan.
  /// - Throws: ``DarknetError`` if the size is not a multiple of a head's stride, or leaves a
  ///   classifier more than one cell; ``LayerError`` if it does not go through the layers;
  ///   ``ComputeError``.
  package func makePlan(
    input shape: Shape, mode: Mode, keepsMoments: Bool = false
  ) throws -> NetworkPlan {
    try checkStrides(of: shape)
    let plan = try NetworkPlan(
      nodes: nodes, backend: backend, input: shape, mode: mode, keepsMoments: keepsMoments)
    try checkClasses(of: plan)
    return plan
  }

  /// A classifier without [avgpool] has one cell at some sizes and a map at others.
  private func checkClasses(of plan: NetworkPlan) throws {
    guard let classifier else { return }
    let (input, logits) = (plan.input.shape, plan.shapes[classifier.logits])
    guard logits.height == 1, logits.width == 1 else {
      throw DarknetError.configuration(
        file: definition.file.fileName, line: nodes[classifier.probabilities].line,
        reason: "[softmax] gets \(logits.width)x\(logits.height) cells from an input of "
          + "\(input.width)x\(input.height); one cell of classes is classified")
    }
  }

  private func checkStrides(of input: Shape) throws {
    for node in nodes where node.head != nil {
      for (name, size, own, cells) in [
        ("width", input.width, configuration.width, node.outputShape.width),
        ("height", input.height, configuration.height, node.outputShape.height),
      ] where own % cells == 0 && size % (own / cells) != 0 {
        let stride = own / cells
        throw DarknetError.configuration(
          file: definition.file.fileName, line: node.line,
          reason: "an input \(name) of \(size) is not a multiple of \(stride), the stride of "
            + "[\(node.layer.kind)]; \(max(1, (size + stride / 2) / stride) * stride) is")
      }
    }
  }
}
