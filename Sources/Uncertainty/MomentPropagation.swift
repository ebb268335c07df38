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
    let output = TensorMoments(mean: try Tensor(shape), variance: try Tensor(shape))
    backend.convolve(
      input.mean, weights: weights, bias: bias, activation: .linear, geometry: geometry,
      into: output.mean)
    let squares = try Tensor(weights.shape)
    backend.square(weights, factor: 1 + relativeVariance, into: squares)
    backend.convolve(
      input.variance, weights: squares, bias: nil, activation: .linear, geometry: geometry,
      into: output.variance)
    if relativeVariance > 0 {
      let byWeights = try Tensor(shape)
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
  package static func normalize(
    _ moments: TensorMoments, scale: [Float], bias: [Float], rollingMean: [Float],
    rollingVariance: [Float], epsilon: Float = 1e-5
  ) {
    let channels = moments.mean.shape.channels
    precondition(
      [scale, bias, rollingMean, rollingVariance].allSatisfy { $0.count == channels },
      "one value of each kind for each of \(channels) channels")
    let factors = zip(scale, rollingVariance).map { $0 / ($1 + epsilon).squareRoot() }
    moments.mean.withMutableValues { mean in
      for i in mean.indices {
        let c = i % channels
        mean[i] = (mean[i] - rollingMean[c]) * factors[c] + bias[c]
      }
    }
    moments.variance.withMutableValues { variance in
      for i in variance.indices {
        let factor = factors[i % channels]
        variance[i] *= factor * factor
      }
    }
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

  /// Through f(x) = x for x > 0, slope · x otherwise, in place.
  ///
  /// - Parameters:
  ///   - moments: m and v; overwritten.
  ///   - slope: 0.1 for leaky, 0 for relu.
  package static func leakyRectify(_ moments: TensorMoments, slope: Float = 0.1) {
    moments.mean.withMutableValues { mean in
      moments.variance.withMutableValues { variance in
        for i in mean.indices {
          let result = leakyRectified(
            LogitMoments(mean: Double(mean[i]), variance: Double(variance[i])),
            slope: Double(slope))
          mean[i] = Float(result.mean)
          variance[i] = Float(result.variance)
        }
      }
    }
  }

  /// The moments of f(x) = x for x > 0, slope · x otherwise, for x ~ N(m, v).
  ///
  /// With s = √v, c = m / s and f = slope · x + (1 − slope) · max(0, x): E max(0, x) = m Φ(c) + s φ(c),
  /// cov(x, max(0, x)) = v Φ(c), and the variance of max(0, x) is
  /// v (c² Φ(c) Φ(−c) + Φ(c) + c φ(c) Φ(−c) − c φ(c) Φ(c) − φ(c)²), which does not cancel for large c.
  package static func leakyRectified<Scalar: LogitScalar>(
    _ moments: LogitMoments<Scalar>, slope: Scalar
  ) -> LogitMoments<Scalar> {
    let (m, v) = (moments.mean, moments.variance)
    let s = v.squareRoot()
    guard s > 0 else { return LogitMoments(mean: m > 0 ? m : slope * m, variance: 0) }
    let c = m / s
    let (below, above) = (Scalar.normalTail(c), Scalar.normalTail(-c))
    let density = Scalar.normalDensity(c)
    // c² overflows where one of the tails has long been 0.
    let spread = c * (below * above) * c
    let rectified = v * max(0, spread + above + c * density * (below - above) - density * density)
    let rest = 1 - slope
    return LogitMoments(
      mean: slope * m + rest * (m * above + s * density),
      variance: slope * slope * v + 2 * slope * rest * v * above + rest * rest * rectified)
  }
}
