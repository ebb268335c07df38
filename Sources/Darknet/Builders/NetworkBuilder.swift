package import Compute
import Layers
import Networks
import Uncertainty

/// Makes the layers that a cfg describes.
package enum NetworkBuilder {
  typealias Builder = @Sendable (LayerContext) throws -> LayerParts

  /// How each section becomes a layer.
  static let builders: [String: Builder] = [
    "convolutional": convolutional,
    "convBayes": convBayes,
    "shortcut": shortcut,
    "route": route,
    "upsample": upsample,
    "maxpool": maxPool,
    "avgpool": averagePool,
    "local_avgpool": localAveragePool,
    "connected": connected,
    "batchnorm": batchNorm,
    "activation": activation,
    "crop": crop,
    "dropout": dropout,
    "scale_channels": scaleChannels,
    "sam": sam,
    "softmax": softmax,
    "logistic": logistic,
    "reorg": reorg,
    "yolo": head,
    "Gaussian_yolo": head,
    "region": head,
    "heatmap": heatmap,
  ]

  /// The network of a cfg that is counted or edited, not run: its parameters stay in the host's
  /// memory.
  ///
  /// - Throws: As ``build(_:on:)``.
  package static func build(_ file: ConfigurationFile) throws -> NetworkDefinition {
    try build(file, on: HostMemory())
  }

  /// The network of a cfg; convolutions have zero weights, on `memory`.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` for the first section that does not
  ///   fit, and what layers throw for want of memory.
  package static func build(
    _ file: ConfigurationFile, on memory: any MemorySource
  ) throws -> NetworkDefinition {
    try build(file, limits: LayerLimits(), on: memory)
  }

  static func build(
    _ file: ConfigurationFile, limits: LayerLimits, on memory: any MemorySource
  ) throws -> NetworkDefinition {
    let net = try NetConfiguration(file)
    var context = LayerContext(net, file.sections[0], limits, on: memory)
    var notes: [String] = []
    for (index, section) in file.sections.enumerated().dropFirst() {
      if section.name == "cost", index == file.sections.count - 1 {
        notes.append(
          "\(file.fileName):\(section.line): [cost] is left out: losses are chosen apart")
        continue
      }
      context.section = section
      context.before = file.sections[index - 1]
      context.after = index + 1 < file.sections.count ? file.sections[index + 1] : nil
      guard let builder = builders[section.name] else {
        throw section.error("[\(section.name)] can stand only \(place(of: section.name))")
      }
      try context.append(try parts(builder, context))
    }
    guard !context.nodes.isEmpty else {
      throw file.sections[0].error("the network has no layers")
    }
    let nodes = TrainingKeys.spread(over: context.nodes)
    notes += TrainingKeys.notes(on: nodes, fileName: file.fileName)
    try checkReaders(nodes, context.outputs.heads, file)
    let outputs = context.outputs.outputs(nodes)
    try checkLosses(outputs, file)
    let structure = BranchStructure(nodes, outputs)
    if let unused = structure.unused(nodes) {
      throw file.sections[0].error(
        "no [yolo], [softmax] or [heatmap] names [convBayes], layer \(unused), in uncertainty=",
        line: nodes[unused].line)
    }
    if let shared = structure.sharedPlace {
      throw file.sections[0].error(
        "expected_iou= or box_variance= in [yolo] names layer \(shared), which other layers read; the branch "
          + "must be a [convolutional] of its own", line: nodes[shared].line)
    }
    return NetworkDefinition(
      file: file, net: net,
      nodes: joiningActivations(structure.marked(nodes), outputs: outputs), outputs: outputs,
      notes: notes,
      ties: outputs.heads.compactMap { tie(of: $0, nodes) })
  }

  /// What keeps a head's own filters and the Bayesian layer in their place together.
  private static func tie(of head: DetectionOutput, _ nodes: [LayerNode]) -> (any ParameterTie)? {
    guard let branch = head.objectness.branch, branch.mode == .replace,
      let bayes = nodes[branch.layer].layer as? ConvBayes,
      let convolution = nodes[nodes[head.layer].inputs[0]].layer as? Convolution
    else { return nil }
    return ObjectnessTie(
      filters: ObjectnessFilters(head: head.head, convolution: convolution), bayes: bayes)
  }

  /// The loss of a `[softmax]` that does not classify would have no effect, and a single class that is
  /// always right teaches nothing.
  private static func checkLosses(
    _ outputs: [Output], _ file: ConfigurationFile
  ) throws(DarknetError) {
    let own = outputs.classifier.map { $0.probabilities + 1 }
    if let own, let classifier = outputs.classifier, !classifier.isExclusive,
      classifier.classCount < 2
    {
      throw file.sections[own].error("[logistic] at the end needs two classes")
    }
    for (index, section) in file.sections.enumerated() where index != own {
      guard section.name == "softmax", let entry = section["loss"] else { continue }
      throw section.error(
        "loss= in [softmax] is for a classifier, whose last layer it is, over one cell and without "
          + "groups", line: entry.line)
    }
  }

  private static func place(of name: String) -> String {
    name == "net" ? "at the beginning" : "at the end"
  }

  private static func parts(_ builder: Builder, _ context: LayerContext) throws -> LayerParts {
    do {
      return try builder(context)
    } catch let error as LayerError {
      throw context.error(error)
    }
  }
}
