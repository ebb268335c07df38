import Compute

extension Convolution {
  /// Weights and biases of inference, with batch normalisation by rolling statistics folded in; in the
  /// weights' order, and [K].
  package var foldedWeights: (weights: [Float], biases: [Float]) {
    guard let normalization else { return (weights.values.values, biases.values.values) }
    let (factors, offsets) = normalization.folded(biases: biases)
    var folded = weights.values.values
    for start in stride(from: 0, to: folded.count, by: filters) {
      for k in 0..<filters { folded[start + k] *= factors[k] }
    }
    return (folded, offsets)
  }
}

extension Convolution.Normalization {
  /// Batch normalisation by rolling statistics as y = factor · z + offset, [K] each:
  /// γ / √(variance + ε), and β − mean · factor.
  func folded(biases: Parameter) -> (factors: [Float], offsets: [Float]) {
    let factors = zip(scales.values.values, rollingVariance.values.values)
      .map { $0 / ($1 + batchNormEpsilon).squareRoot() }
    let means = zip(rollingMean.values.values, factors).map { $0 * $1 }
    return (factors, zip(biases.values.values, means).map { $0 - $1 })
  }
}
