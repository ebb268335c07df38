import Compute
import Darknet
import Layers
import Networks

extension Checkpoint {
  /// What the first layers of a network were filled with.
  struct FirstLayers {
    /// Of the file.
    let metadata: CheckpointMetadata
    /// Layers 0 ..< this have their weights.
    let layerCount: Int
    /// Whether that is all layers.
    let isComplete: Bool
    /// Whether they are moving averages.
    let isAveraged: Bool
  }

  /// Overwrites the first layers of a network by those of a checkpoint of another one: all before the
  /// first layer of another kind or with tensors of other names or shapes, in their order.
  ///
  /// Layers that inference can do without, as those of Bayesian branches, need not be in both. The
  /// moving averages are taken if the file has them.
  ///
  /// - Throws: ``TrainingError`` for a file that is no checkpoint and for one without any layer in
  ///   common; `DarknetError` for one whose cfg cannot be read.
  static func restoreFirstLayers(of network: Network, from path: String) throws -> FirstLayers {
    let reader = try SafetensorsReader(path: path)
    let metadata = try CheckpointMetadata(strings: reader.metadata, path: path)
    try QuantizedCheckpoint.refuse(metadata, path)
    let file = try ConfigurationFile(text: metadata.configuration, fileName: path, lenient: true)
    let common = CommonLayers(network.nodes, try NetworkBuilder.build(file).nodes)
    let weighted = network.nodes.indices.filter { !network.nodes[$0].layer.parameters.isEmpty }
    guard weighted.contains(where: common.sources.keys.contains) else {
      throw TrainingError.options(
        reason: "\(path): none of its layers is that of \(network.name) in its place, so nothing "
          + "can be taken; give a run of a similar cfg, or leave out --weights")
    }
    let group = hasAverage(reader) ? Group.average : .model
    for (layer, source) in common.sources.sorted(by: { $0.key < $1.key }) {
      let node = network.nodes[layer]
      for parameter in node.layer.parameters {
        try reader.read(
          group.path("\(source).\(node.layer.kind).\(parameter.name)"), into: parameter.values)
      }
    }
    // A branch that the file has not may have to follow the layer that it stands beside.
    if weighted.allSatisfy(common.sources.keys.contains) {
      network.parametersDidChange()
    } else {
      network.storedParametersWereLoaded()
    }
    return FirstLayers(
      metadata: metadata, layerCount: common.end, isComplete: common.end == network.nodes.count,
      isAveraged: group == .average)
  }
}

/// The layers that two networks have in common, from the first on.
private struct CommonLayers {
  /// Layers of the other network, by the layer that agrees with it.
  private(set) var sources: [Int: Int] = [:]
  /// The first layer that differs; the number of layers if none does.
  private(set) var end = 0

  init(_ nodes: [LayerNode], _ others: [LayerNode]) {
    var other = 0
    while end < nodes.count {
      if other < others.count, Self.agree(nodes[end], others[other]) {
        sources[end] = other
        end += 1
        other += 1
      } else if Self.passes(nodes[end]) {
        end += 1
      } else if other < others.count, Self.passes(others[other]) {
        other += 1
      } else {
        return
      }
    }
  }

  /// Whether a layer changes nothing of what later ones compute in inference.
  private static func passes(_ node: LayerNode) -> Bool {
    node.isOptional || node.isAlias(in: .inference)
  }

  private static func agree(_ first: LayerNode, _ second: LayerNode) -> Bool {
    first.layer.kind == second.layer.kind && first.isOptional == second.isOptional
      && first.layer.parameters.count == second.layer.parameters.count
      && zip(first.layer.parameters, second.layer.parameters).allSatisfy {
        $0.name == $1.name && $0.values.shape == $1.values.shape
      }
  }
}
