public import Compute
public import Layers

/// `[convBayes]`: a convolution whose weights are w ~ N(k, λ k²), independently.
///
/// Its output is normal with, for zero padding,
///
///     μ = x * k + b,   σ² = x² * (λ k²)
///
/// and training draws it directly (local reparameterisation): y = μ + ē √(σ² + 1e-8), where
/// ē ~ N(0, 1 / sampleCount) is the mean of `sampleCount` standard normal draws. That it ignores the
/// correlation between pixels which one common kernel would give changes no μ and no σ². Inference
/// gives y = μ, and so does a sample count or a fixed λ of 0. Noise never touches μ and σ².
public final class ConvBayes: MomentLayer {
  /// What shares one draw.
  public enum Noise: String, CaseIterable, Hashable, Sendable, Codable {
    /// Nothing: each output has its own.
    case element
    /// The pixels of an image's channel.
    case channel
  }

  /// `convBayes`.
  public let kind = "convBayes"
  /// Kernel size, stride, padding, groups.
  public let geometry: ConvolutionGeometry
  /// C: channels of the input.
  public let inputChannels: Int
  /// K: channels of the output.
  public let filters: Int
  /// λ.
  public let relativeVariance: RelativeVariance
  /// Draws that are averaged; 0 for none.
  public let sampleCount: Int
  /// What shares one draw.
  public let noise: Noise
  /// k: [R, S, C / groups, K] (HWIO).
  public let weights: Parameter
  /// b: [K], part of the mean only.
  public let biases: Parameter
  /// ln λ: [K], where it is learned.
  public let logRelativeVariances: Parameter?

  /// δ: keeps the root differentiable where all inputs are 0.
  static let varianceFloor: Float = 1e-8

  /// λ: [K].
  private let factors: Tensor
  /// λ k².
  private let varianceWeights: Tensor
  /// dL/d(λ k²).
  private let varianceWeightGradient: Tensor

  /// A layer with zero weights.
  ///
  /// - Throws: ``LayerError`` for sizes that make no convolution and for options out of range;
  ///   ``ComputeError``.
  public init(
    inputChannels: Int, filters: Int, size: Int = 1, stride: Int = 1, padding: Int = 0,
    groups: Int = 1, relativeVariance: RelativeVariance = .fixed(0.25), sampleCount: Int = 10,
    noise: Noise = .element
  ) throws {
    func check(_ condition: Bool, _ reason: String) throws {
      if !condition { throw LayerError.invalid(layer: "convBayes", reason: reason) }
    }
    try check(
      inputChannels > 0 && filters > 0 && size > 0 && stride > 0 && padding >= 0 && groups > 0,
      "filters, size, stride and groups must be positive, padding ≥ 0")
    try check(
      inputChannels % groups == 0 && filters % groups == 0,
      "groups=\(groups) must divide the input's \(inputChannels) channels and filters=\(filters)")
    try check(sampleCount >= 0, "samples=\(sampleCount) must not be negative")
    switch relativeVariance {
    case .fixed(let value):
      try check(
        value >= 0 && value.isFinite, "relative_variance=\(value) must be finite and not negative")
    case .learned(let initial, let weight):
      try check(
        initial > 0 && RelativeVariance.logarithmRange.contains(Float.logarithm(initial)),
        "relative_variance=\(initial) cannot be learned from; e⁻⁸ to e⁸ can")
      try check(
        weight > 0 && weight.isFinite,
        "a learned relative variance needs a positive divergence weight, not \(weight)")
      try check(sampleCount > 0, "a relative variance cannot be learned with samples=0")
    }
    geometry = ConvolutionGeometry(size: size, stride: stride, padding: padding, groups: groups)
    self.inputChannels = inputChannels
    self.filters = filters
    self.relativeVariance = relativeVariance
    self.sampleCount = sampleCount
    self.noise = noise
    let shape = Shape(
      batch: size, height: size, width: inputChannels / groups, channels: filters)
    weights = try Parameter("weights", shape, decays: true)
    biases = try Parameter("biases", Shape(channels: filters))
    factors = try Tensor(Shape(channels: filters))
    varianceWeights = try Tensor(shape)
    varianceWeightGradient = try Tensor(shape)
    switch relativeVariance {
    case .fixed(let value):
      logRelativeVariances = nil
      factors.update(from: [Float](repeating: value, count: filters))
    case .learned(let initial, _):
      let parameter = try Parameter("log_relative_variance", Shape(channels: filters))
      parameter.values.update(
        from: [Float](repeating: Float.logarithm(initial), count: filters))
      logRelativeVariances = parameter
    }
  }

  /// Biases, weights, and ln λ where it is learned.
  public var parameters: [Parameter] {
    [biases, weights] + (logRelativeVariances.map { [$0] } ?? [])
  }

  /// Both convolutions' gradients need the inputs.
  public var backwardReads: BackwardReads { .inputs }

  /// [N, P, Q, K].
  public func outputShape(for inputs: [Shape]) throws -> Shape {
    guard inputs.count == 1, inputs[0].channels == inputChannels else {
      throw LayerError.invalid(
        layer: kind,
        reason: "expects one input of \(inputChannels) channels, not "
          + inputs.map { "\($0.channels)" }.joined(separator: " and "))
    }
    guard let output = geometry.outputShape(of: inputs[0], filters: filters) else {
      throw LayerError.invalid(
        layer: kind,
        reason: "size=\(geometry.size) does not fit a \(inputs[0].width)x\(inputs[0].height) input")
    }
    return output
  }

  /// μ and σ².
  public func momentShapes(for inputs: [Shape]) throws -> [Shape] {
    let output = try outputShape(for: inputs)
    return [output, output]
  }

  /// μ, σ² and the noise ē.
  public func savedShapes(for inputs: [Shape]) throws -> [Shape] {
    let output = try outputShape(for: inputs)
    let draws =
      noise == .element ? output : Shape(batch: output.batch, channels: output.channels)
    return [output, output, draws]
  }

  /// 2 · R · S · C / groups · P · Q · K for the mean; the variance costs as much again.
  public func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    let output = try outputShape(for: inputs)
    return 2 * Double(output.count) * Double(geometry.size * geometry.size)
      * Double(inputChannels / geometry.groups)
  }

  private var isCertain: Bool { relativeVariance == .fixed(0) }

  /// Keeps μ, σ² and noise in training; in inference μ and σ² where the pass has tensors for them.
  public func forward(_ pass: ForwardPass) {
    let backend = pass.backend
    guard !pass.saved.isEmpty else {
      precondition(pass.mode == .inference, "training keeps the moments")
      mean(of: pass.inputs[0], backend, into: pass.output)
      return
    }
    let moments = moments(in: pass.saved)
    mean(of: pass.inputs[0], backend, into: moments.mean)
    if isCertain {
      backend.fill(moments.variance, with: 0)
    } else {
      updateVarianceWeights(backend)
      backend.convolveSquares(
        pass.inputs[0], weights: varianceWeights, geometry: geometry, into: moments.variance)
    }
    guard pass.mode == .training, sampleCount > 0, !isCertain else {
      backend.copy(moments.mean, into: GradientTarget(pass.output, accumulate: false))
      return
    }
    backend.fillNormal(
      pass.saved[2], deviation: 1 / Float(sampleCount).squareRoot(), random: pass.random)
    backend.addNoise(
      mean: moments.mean, variance: moments.variance, noise: pass.saved[2],
      floor: ConvBayes.varianceFloor, into: pass.output)
  }

  private func mean(of input: Tensor, _ backend: any Backend, into output: Tensor) {
    backend.convolve(
      input, weights: weights.values, bias: biases.values, activation: .linear,
      geometry: geometry, into: output)
  }

  /// Sets λ and λ k²; a learned ln λ is put back into its range.
  private func updateVarianceWeights(_ backend: any Backend) {
    if let logRelativeVariances {
      let range = RelativeVariance.logarithmRange
      let logarithms = logRelativeVariances.values.values.map {
        min(range.upperBound, max(range.lowerBound, $0))
      }
      logRelativeVariances.values.update(from: logarithms)
      factors.update(from: logarithms.map { Float.exponential($0) })
    }
    backend.square(weights.values, factor: 1, into: varianceWeights)
    scaleFilters(varianceWeights, backend)
  }

  /// Multiplies each filter by its λ.
  private func scaleFilters(_ tensor: Tensor, _ backend: any Backend) {
    let rows = Shape(width: tensor.count / filters, channels: filters)
    let view = tensor.reshaped(rows)
    backend.scaleChannels(view, gates: factors, into: view)
  }

  /// Adds to the parameters' gradients, through μ and σ² at the noise that forward drew.
  ///
  /// Overwrites the output gradient, with dL/dσ².
  public func backward(_ pass: BackwardPass) {
    let backend = pass.backend
    let (input, gradient) = (pass.inputs[0], pass.outputGradient)
    if let biasGradient = biases.gradient {
      backend.biasGradient(of: gradient, into: biasGradient)
    }
    if let weightGradient = weights.gradient {
      backend.convolutionWeightGradient(
        of: gradient, input: input, geometry: geometry, into: weightGradient)
    }
    if let target = pass.inputGradients[0] {
      backend.convolutionInputGradient(
        of: gradient, weights: weights.values, geometry: geometry, into: target)
    }
    guard sampleCount > 0, !isCertain else { return }

    let variance = pass.saved[1]
    updateVarianceWeights(backend)
    backend.addNoiseGradient(
      of: gradient, variance: variance, noise: pass.saved[2], floor: ConvBayes.varianceFloor,
      into: gradient)
    if let target = pass.inputGradients[0] {
      backend.convolveSquaresInputGradient(
        of: gradient, input: input, weights: varianceWeights, geometry: geometry,
        into: GradientTarget(target.tensor, accumulate: true))
    }
    if let weightGradient = weights.gradient {
      // d(λ k²)/dk = 2 λ k.
      backend.fill(varianceWeightGradient, with: 0)
      backend.convolveSquaresWeightGradient(
        of: gradient, input: input, geometry: geometry, into: varianceWeightGradient)
      scaleFilters(varianceWeightGradient, backend)
      backend.scale(varianceWeightGradient, by: 2)
      backend.multiply(
        varianceWeightGradient, weights.values,
        into: GradientTarget(weightGradient, accumulate: true))
    }
    if let logGradient = logRelativeVariances?.gradient {
      // dσ²/d(ln λ) = σ².
      backend.multiply(gradient, variance, into: GradientTarget(gradient, accumulate: false))
      backend.biasGradient(of: gradient, into: logGradient)
      addDivergenceGradient(to: logGradient, images: gradient.shape.batch)
    }
  }

  /// The weighted divergence that is part of each image's loss; 0 for a fixed λ.
  public var weightedDivergence: Double {
    guard case .learned(_, let weight) = relativeVariance, let logRelativeVariances else {
      return 0
    }
    let perFilter = Double(weights.values.count / filters) * Double(weight)
    return logRelativeVariances.values.values.reduce(0) {
      $0 + perFilter * RelativeVariance.divergence(logarithm: Double($1))
    }
  }

  /// Gradients are summed over images, and each image's loss has the divergence.
  private func addDivergenceGradient(to gradient: Tensor, images: Int) {
    guard case .learned(_, let weight) = relativeVariance, let logRelativeVariances else { return }
    let factor = Double(images) * Double(weight) * Double(weights.values.count / filters)
    let logarithms = logRelativeVariances.values.values
    gradient.withMutableValues { values in
      for i in values.indices {
        values[i] += Float(
          factor * RelativeVariance.divergenceSlope(logarithm: Double(logarithms[i])))
      }
    }
  }
}
