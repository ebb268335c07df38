package import Compute
package import Layers

/// A quantised network in numbers: what stands in the place of its convolutions, and what its tensors are
/// as bytes.
package struct QuantizedModel: Sendable {
  /// What the tensors are as bytes.
  package var quantization: NetworkQuantization
  /// The weights of the quantised convolutions, by layer.
  package var weights: [Int: QuantizedWeights]

  /// A model in numbers.
  package init(quantization: NetworkQuantization, weights: [Int: QuantizedWeights]) {
    self.quantization = quantization
    self.weights = weights
  }
}

extension Network {
  /// The network with quantised convolutions in the place of those that a model has weights for.
  ///
  /// - Throws: `LayerError` for weights that do not fit; `ComputeError`.
  package func quantized(_ model: QuantizedModel) throws -> Network {
    replacing(try quantizedLayers(model.weights), quantization: model.quantization)
  }

  /// Quantised convolutions with weights, by layer.
  ///
  /// - Throws: As ``quantized(_:)``.
  package func quantizedLayers(
    _ weights: [Int: QuantizedWeights]
  ) throws -> [Int: QuantizedConvolution] {
    var layers: [Int: QuantizedConvolution] = [:]
    for (index, weights) in weights {
      guard nodes.indices.contains(index), let own = nodes[index].layer as? Convolution else {
        throw LayerError.invalid(
          layer: "\(index)", reason: "is no convolution, and quantised weights are for those")
      }
      layers[index] = try QuantizedConvolution(replacing: own, weights: weights, backend: backend)
    }
    return layers
  }

  /// Whole numbers for a convolution: batch normalisation folded in, each filter's largest weight where
  /// the squares of the errors are least, and the bias moved by the mean of what rounding adds.
  ///
  /// - Parameters:
  ///   - layer: A convolution.
  ///   - statistics: What it reads; its mean is weighed by the errors of the weights.
  /// - Returns: nil for a layer that is no convolution.
  package func quantizedWeights(
    of layer: Int, _ statistics: CalibrationStatistics
  ) -> QuantizedWeights? {
    guard let convolution = nodes[layer].layer as? Convolution else { return nil }
    let (values, biases) = convolution.foldedWeights
    let shape = convolution.weights.values.shape
    let plain = QuantizedWeights(
      rounding: values, shape: shape, biases: biases, largest: Self.largest(values, shape.channels))
    guard let means = statistics.means(of: layer) else { return plain }
    let (filters, width) = (shape.channels, shape.width)
    let isDepthwise = convolution.geometry.groups > 1
    var moved = biases
    for (row, start) in stride(from: 0, to: values.count, by: filters).enumerated() {
      let mean = means[row % width]
      for k in 0..<filters {
        let error = Float(plain.values[start + k]) * plain.scales[k] - values[start + k]
        moved[k] -= error * (isDepthwise ? means[k] : mean)
      }
    }
    return QuantizedWeights(
      shape: shape, values: plain.values, scales: plain.scales, biases: moved)
  }

  /// The largest weight of each filter that is met, of some shares of the largest there is.
  private static func largest(_ values: [Float], _ filters: Int) -> [Float] {
    var sizes = [Float](repeating: 0, count: filters)
    for start in stride(from: 0, to: values.count, by: filters) {
      for k in 0..<filters { sizes[k] = max(sizes[k], abs(values[start + k])) }
    }
    var best = sizes
    var least = [Float](repeating: .infinity, count: filters)
    for share in [1, 0.92, 0.84, 0.76, 0.68] as [Float] {
      let scales = sizes.map { max(share * $0 / 127, .leastNormalMagnitude) }
      let inverses = scales.map { 1 / $0 }
      var errors = [Float](repeating: 0, count: filters)
      for start in stride(from: 0, to: values.count, by: filters) {
        for k in 0..<filters {
          let value = values[start + k]
          let whole = min(127, max(-127, (value * inverses[k]).rounded(.toNearestOrEven)))
          let error = whole * scales[k] - value
          errors[k] += error * error
        }
      }
      for k in 0..<filters where errors[k] < least[k] {
        least[k] = errors[k]
        best[k] = share * sizes[k]
      }
    }
    return best
  }
}
