import Compute
import Layers

/// The weights of a convolution with its batch normalisation in them.
///
///     w′ = w · γ / √(variance + ε),   b′ = β − mean · γ / √(variance + ε)
struct FoldedWeights {
  /// [R, S, C / groups, K].
  let weights: [Float]
  /// [K].
  let bias: [Float]

  /// Weights whose last side is K, with what normalises their sums; nil: nothing does.
  init(
    _ weights: Parameter, bias: Parameter, scales: Parameter?, mean: Parameter?,
    variance: Parameter?
  ) {
    let values = weights.values.values
    guard let scales, let mean, let variance else {
      self.weights = values
      self.bias = bias.values.values
      return
    }
    let factors = zip(scales.values.values, variance.values.values).map { scale, variance in
      Double(scale) / (Double(variance) + Double(batchNormEpsilon)).squareRoot()
    }
    self.weights = values.enumerated().map { index, value in
      Float(Double(value) * factors[index % factors.count])
    }
    self.bias = zip(bias.values.values, zip(mean.values.values, factors)).map { bias, normal in
      Float(Double(bias) - Double(normal.0) * normal.1)
    }
  }
}
