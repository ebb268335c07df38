package import Compute
package import Layers

/// Mean and variance carried through layers analytically, so that several of them may be Bayesian
/// without sampling.
///
/// Each function is exact for independent normal inputs and independent weights, for each output by
/// itself; correlations between outputs are dropped (assumed density filtering).
package enum MomentPropagation {
  /// Through a convolution with w ~ N(k, λ k²); λ = 0 for a plain one.
  ///
  ///     μ = m * k + b,   σ² = v * k² + (m² + v) * (λ k²) = v * (1 + λ) k² + m² * (λ k²)
  ///
  /// - Parameters:
  ///   - input: m and v, [N, H, W, C].
  ///   - weights: k, [R, S, C / groups, K].
  ///   - bias: b, [K].
  ///   - relativeVariance: λ ≥ 0.
  ///   - geometry: Stride, padding, groups.
  ///   - backend: Does the work.
  /// - Returns: New tensors [N, P, Q, K].
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``; ``UncertaintyError`` for a negative λ and a
  ///   kernel that does not fit.
  package static func convolve(
    _ input: TensorMoments, weights: Tensor, bias: Tensor?, relativeVariance: Float = 0,
    geometry: ConvolutionGeometry, backend: any Backend
  ) throws -> TensorMoments {
    guard relativeVariance >= 0, relativeVariance.isFinite else {
      throw UncertaintyError.invalidOption("relative variance \(relativeVariance) is negative")
    }
    guard let shape = geometry.outputShape(of: input.mean.shape, filters: weights.shape.channels)
    else {
      throw UncertaintyError.invalidOption(
        "a kernel of \(geometry.size) does not fit \(input.mean.shape)")
    }
    let output = TensorMoments(
      mean: try Tensor(shape, on: backend), variance: try Tensor(shape, on: backend))
    backend.convolve(
      input.mean, weights: weights, bias: bias, activation: .linear, geometry: geometry,
      into: output.mean)
    let squares = try Tensor(weights.shape, on: backend)
    backend.square(weights, factor: 1 + relativeVariance, into: squares)
    backend.convolve(
      input.variance, weights: squares, bias: nil, activation: .linear, geometry: geometry,
      into: output.variance)
    if relativeVariance > 0 {
      let byWeights = try Tensor(shape, on: backend)
      backend.square(weights, factor: relativeVariance, into: squares)
      backend.convolveSquares(input.mean, weights: squares, geometry: geometry, into: byWeights)
      backend.copy(byWeights, into: GradientTarget(output.variance, accumulate: true))
    }
    return output
  }

  /// Through batch normalisation with rolling statistics, in place: a scale and a shift per channel.
  ///
  /// - Parameters:
  ///   - moments: m and v, [N, H, W, C]; overwritten.
  ///   - scale: γ, [C].
  ///   - bias: β, [C].
  ///   - rollingMean: [C].
  ///   - rollingVariance: [C].
  ///   - epsilon: Added to the rolling variance, 1e-5 in ``Convolution``.
  ///   - backend: Does the work.
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package static func normalize(
    _ moments: TensorMoments, scale: [Float], bias: [Float], rollingMean: [Float],
    rollingVariance: [Float], epsilon: Float = 1e-5, backend: any Backend
  ) throws {
    let channels = moments.mean.shape.channels
    precondition(
      [scale, bias, rollingMean, rollingVariance].allSatisfy { $0.count == channels },
      "one value of each kind for each of \(channels) channels")
    let line = Shape(channels: channels)
    let inverse = rollingVariance.map { 1 / ($0 + epsilon).squareRoot() }
    backend.normalizeAgain(
      moments.mean, scale: try Tensor(line, values: scale, on: backend),
      bias: try Tensor(line, values: bias, on: backend), activation: .linear,
      statistics: try Tensor(
        Shape(width: 2, channels: channels), values: rollingMean + inverse, on: backend),
      into: moments.mean)
    let squares = zip(scale, inverse).map { $0 * $0 * $1 * $1 }
    let variance = moments.variance.reshaped(
      Shape(width: moments.variance.shape.rows, channels: channels))
    backend.scaleChannels(
      variance, gates: try Tensor(line, values: squares, on: backend), into: variance)
  }

  /// The slope below 0 of an activation that is linear on both sides of it; nil for others.
  package static func slope(of activation: Activation) -> Float? {
    switch activation {
    case .linear: 1
    case .leaky: 0.1
    case .relu: 0
    default: nil
    }
  }
}
