import Compute
import Foundation
import Layers
import Networks

/// Tries quantised forms of a network on held-out images, by the error of what the network gives.
struct QuantizationSearch {
  let network: Network
  let statistics: CalibrationStatistics
  /// Held-out inputs and what the network gives for them.
  private let inputs: [Tensor]
  private let expected: [[Float]]
  /// The layers that are read.
  private let outputs: [Int]
  /// Weights by layer, and the layers with them, made once.
  private let weights: [Int: QuantizedWeights]
  private let layers: [Int: QuantizedConvolution]

  /// A search over the convolutions `layers` with held-out inputs [1, H, W, C], at least one.
  ///
  /// - Throws: What the network throws for inputs that it cannot take.
  init(
    _ network: Network, _ statistics: CalibrationStatistics, layers: Set<Int>, inputs: [Tensor]
  ) throws {
    self.network = network
    self.statistics = statistics
    self.inputs = inputs
    outputs = network.outputs.filter(\.isTrained).map(\.node)
    var weights: [Int: QuantizedWeights] = [:]
    for layer in layers { weights[layer] = network.quantizedWeights(of: layer, statistics) }
    self.weights = weights
    self.layers = try network.quantizedLayers(weights)
    expected = try Self.results(of: network, for: inputs, at: outputs)
  }

  /// The model with all layers but some quantised, and ranges by a rule; layers that read what was 0
  /// throughout are left out.
  func model(_ rule: RangeRule, without kept: Set<Int>) -> QuantizedModel {
    let quantization = statistics.quantization(by: rule)
    return QuantizedModel(
      quantization: quantization,
      weights: weights.filter { layer, _ in
        !kept.contains(layer) && quantization[network.nodes[layer].inputs[0]] != nil
      })
  }

  /// The root mean square of the outputs' errors, relative to that of the outputs.
  func error(_ model: QuantizedModel) throws -> Double {
    let quantized = network.replacing(
      layers.filter { model.weights[$0.key] != nil }, quantization: model.quantization)
    let found = try Self.results(of: quantized, for: inputs, at: outputs)
    var (error, size) = (0.0, 0.0)
    for (found, expected) in zip(found, expected) {
      for (a, b) in zip(found, expected) {
        error += Double(a - b) * Double(a - b)
        size += Double(b) * Double(b)
      }
    }
    return (error / max(size, .leastNormalMagnitude)).squareRoot()
  }

  private static func results(
    of network: Network, for inputs: [Tensor], at outputs: [Int]
  ) throws -> [[Float]] {
    let plan = try network.makePlan(input: inputs[0].shape, mode: .inference)
    return inputs.map { input in
      plan.input.update(from: input)
      plan.forward()
      return outputs.flatMap { plan.output(of: $0).values }
    }
  }
}
