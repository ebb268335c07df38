import Compute
import Layers
import Networks
import Training

extension QuantizationExperiment {
  /// Chooses the rule and the layers, and makes the model.
  func quantize(
    _ network: Network, _ statistics: CalibrationStatistics, _ inputs: [Tensor],
    _ outcome: inout QuantizationOutcome
  ) throws -> QuantizedModel {
    var kept: [Int: String] = [:]
    let convolutions = network.nodes.indices.filter { network.nodes[$0].layer is Convolution }
    for layer in convolutions { kept[layer] = reason(toKeep: layer, of: network) }
    let search = try QuantizationSearch(
      network, statistics, layers: Set(convolutions).subtracting(kept.keys), inputs: inputs)
    var best = Double.infinity
    for rule in rule.map({ [$0] }) ?? RangeRule.allCases {
      let error = try search.error(search.model(rule, without: []))
      outcome.ruleErrors[rule.rawValue] = error
      if error < best { (best, outcome.rule) = (error, rule) }
    }
    try keepWhatPays(network, search, &kept, &best, rule: outcome.rule)
    let model = search.model(outcome.rule, without: Set(kept.keys))
    for layer in convolutions where model.weights[layer] == nil && kept[layer] == nil {
      kept[layer] = "what it reads was 0 in all images"
    }
    outcome.error = try search.error(model)
    outcome.layers = model.weights.keys.sorted()
    outcome.kept = kept.sorted { $0.key < $1.key }.map { .init(layer: $0.key, reason: $0.value) }
    outcome.operationShare = try Self.operationShare(network, Set(model.weights.keys))
    return model
  }

  /// Why a convolution is not quantised whatever the error; nil: it may be.
  private func reason(toKeep layer: Int, of network: Network) -> String? {
    guard let convolution = network.nodes[layer].layer as? Convolution else { return nil }
    if let obstacle = QuantizedConvolution.obstacle(to: convolution) { return obstacle }
    if keptLayers.contains(layer) { return "as asked" }
    if network.hasMoments, Self.heads(of: network).contains(layer) {
      return "the Bayesian branch beside it reads its weights"
    }
    if let kind = LayerCost.kind(of: network.nodes[layer]), LayerCost.ratio(kind, kernels) >= 1 {
      return "\(kind.rawValue) is faster in floats on \(kernels.rawValue)"
    }
    return nil
  }

  /// Leaves in floats the layers for which that makes the error smaller by more than it costs: by 3 % and
  /// three times their share of the operations.
  private func keepWhatPays(
    _ network: Network, _ search: QuantizationSearch, _ kept: inout [Int: String],
    _ best: inout Double, rule: RangeRule
  ) throws {
    func gain(_ layer: Int) throws -> (error: Double, share: Double) {
      let error = try search.error(
        search.model(rule, without: Set(kept.keys).union([layer])))
      return (error, (best - error) / best)
    }
    func least(_ layer: Int) throws -> Double {
      0.03 + 3 * (try Self.operationShare(network, [layer]))
    }
    let candidates = network.nodes.indices.filter {
      network.nodes[$0].layer is Convolution && kept[$0] == nil
    }
    let promising = try candidates.map { (layer: $0, gain: try gain($0).share - least($0)) }
      .filter { $0.gain > 0 }.sorted { ($0.gain, $1.layer) > ($1.gain, $0.layer) }
    for (layer, _) in promising {
      let (error, share) = try gain(layer)
      guard share >= (try least(layer)) else { continue }
      kept[layer] = "the error falls from \(percent(best)) to \(percent(error))"
      best = error
    }
  }

  private static func heads(of network: Network) -> Set<Int> {
    Set(
      network.outputs.filter { !(network.nodes[$0.node].layer is any MomentLayer) }
        .flatMap { network.nodes[$0.node].inputs + [$0.node] }
        .filter { $0 >= 0 && network.nodes[$0].layer is Convolution })
  }

  private static func operationShare(_ network: Network, _ quantized: Set<Int>) throws -> Double {
    var (own, all) = (0.0, 0.0)
    for (i, node) in network.nodes.enumerated() where node.layer is Convolution {
      let count = try node.layer.floatingPointOperations(for: node.inputShapes)
      all += count
      if quantized.contains(i) { own += count }
    }
    return all > 0 ? own / all : 0
  }
}

private func percent(_ share: Double) -> String {
  "\((10000 * share).rounded() / 100) %"
}
