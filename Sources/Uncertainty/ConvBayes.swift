package import Compute
package import Layers

/// `[convBayes]`: a convolution whose weights are w ~ N(k, λ k²), independently.
///
/// Its sums are normal with, for zero padding,
///
///     μ = x * k + b,   σ² = x² * (λ k²)
///
/// and training draws them directly (local reparameterisation): y = f(μ + ē √(σ² + 1e-8)), where
/// ē ~ N(0, 1 / sampleCount) is the mean of `sampleCount` standard normal draws. That it ignores the
/// correlation between pixels which one common kernel would give changes no μ and no σ². Inference
/// gives y = f(μ), and so does a sample count or a fixed λ of 0. Noise never touches the moments.
///
/// The moments that the layer reports are those of y. Where the input comes from another Bayesian
/// layer, ``readsMoments``, they include its variance, carried by ``MomentPropagation``; the noise
/// is still that of the layer's own weights for the input as it was drawn.
package final class ConvBayes: MomentLayer {
  /// What shares one draw.
  package enum Noise: String, CaseIterable, Hashable, Sendable, Codable {
    /// Nothing: each output has its own.
    case element
    /// The pixels of an image's channel.
    case channel
  }

  /// `convBayes`.
  package let kind = "convBayes"
  /// Kernel size, stride, padding, groups.
  package let geometry: ConvolutionGeometry
  /// C: channels of the input.
  package let inputChannels: Int
  /// K: channels of the output.
  package let filters: Int
  /// λ.
  package let relativeVariance: RelativeVariance
  /// Iterations over which the weight of a learned λ's divergence rises to its own; 0: it has it at once.
  package let divergenceWarmUp: Int
  /// The share of the divergence that the next backward pass takes.
  var divergenceShare: Double
  /// Draws that are averaged; 0 for none.
  package let sampleCount: Int
  /// What shares one draw.
  package let noise: Noise
  /// f: linear, relu or leaky.
  package let activation: Activation
  /// Whether the input is uncertain: the layer before gives its moments.
  package let readsMoments: Bool
  /// k: [R, S, C / groups, K] (HWIO).
  package let weights: Parameter
  /// b: [K], part of the mean only.
  package let biases: Parameter
  /// ln λ: [K], where it is learned.
  package let logRelativeVariances: Parameter?

  /// δ: keeps the root differentiable where all inputs are 0.
  static let varianceFloor: Float = 1e-8

  /// λ: [K].
  package let factors: Tensor
  /// λ k², or what else is made of k².
  let varianceWeights: Tensor
  /// dL/d(λ k²).
  let varianceWeightGradient: Tensor

  /// A layer with zero weights on `memory`.
  ///
  /// - Throws: ``LayerError`` for sizes that make no convolution and for options out of range;
  ///   ``ComputeError``.
  package init(
    inputChannels: Int, filters: Int, size: Int = 1, stride: Int = 1, padding: Int = 0,
    groups: Int = 1, relativeVariance: RelativeVariance = .fixed(0.25),
    divergenceWarmUp: Int = 0, sampleCount: Int = 10,
    noise: Noise = .element, activation: Activation = .linear, readsMoments: Bool = false,
    on memory: any MemorySource
  ) throws {
    try ConvBayes.check(
      inputChannels > 0 && filters > 0 && size > 0 && stride > 0 && padding >= 0 && groups > 0,
      "filters, size, stride and groups must be positive, padding ≥ 0")
    try ConvBayes.check(
      inputChannels % groups == 0 && filters % groups == 0,
      "groups=\(groups) must divide the input's \(inputChannels) channels and filters=\(filters)")
    try ConvBayes.check(
      divergenceWarmUp >= 0, "divergence_warmup=\(divergenceWarmUp) must not be negative")
    try ConvBayes.check(sampleCount >= 0, "samples=\(sampleCount) must not be negative")
    try ConvBayes.check(
      MomentPropagation.slope(of: activation) != nil,
      "activation=\(activation.rawValue) does not carry moments on; linear, relu and leaky do")
    try ConvBayes.check(relativeVariance, sampleCount: sampleCount)
    geometry = ConvolutionGeometry(size: size, stride: stride, padding: padding, groups: groups)
    self.inputChannels = inputChannels
    self.filters = filters
    self.relativeVariance = relativeVariance
    self.divergenceWarmUp = divergenceWarmUp
    divergenceShare = 1
    self.sampleCount = sampleCount
    self.noise = noise
    self.activation = activation
    self.readsMoments = readsMoments
    let shape = Shape(
      batch: size, height: size, width: inputChannels / groups, channels: filters)
    weights = try Parameter("weights", shape, decays: true, on: memory)
    biases = try Parameter("biases", Shape(channels: filters), on: memory)
    factors = try Tensor(Shape(channels: filters), on: memory)
    varianceWeights = try Tensor(shape, on: memory)
    varianceWeightGradient = try Tensor(shape, on: memory)
    switch relativeVariance {
    case .fixed(let value):
      logRelativeVariances = nil
      factors.update(from: [Float](repeating: value, count: filters))
    case .learned(let initial, _):
      let parameter = try Parameter(
        "log_relative_variance", Shape(channels: filters), on: memory)
      parameter.values.update(
        from: [Float](repeating: Float.logarithm(initial), count: filters))
      logRelativeVariances = parameter
    }
  }

  private static func check(_ condition: Bool, _ reason: String) throws {
    if !condition { throw LayerError.invalid(layer: "convBayes", reason: reason) }
  }

  private static func check(_ relativeVariance: RelativeVariance, sampleCount: Int) throws {
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
  }

  /// Biases, weights, and ln λ where it is learned.
  package var parameters: [Parameter] {
    [biases, weights] + (logRelativeVariances.map { [$0] } ?? [])
  }

  /// Both convolutions' gradients need the inputs, the activation's slope the output.
  package var backwardReads: BackwardReads {
    activation == .linear ? .inputs : [.inputs, .output]
  }

  /// [N, P, Q, K].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
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

  /// Whether the moments of y are those of the drawn sums.
  private var hasPlainMoments: Bool { !readsMoments && activation == .linear }

  /// μ and σ² of y.
  package func momentShapes(for inputs: [Shape]) throws -> [Shape] {
    let output = try outputShape(for: inputs)
    return [output, output]
  }

  /// μ and σ² of y, the noise ē, then dL/dσ² of the loss or, where they differ from the moments,
  /// σ² of the drawn sums.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] {
    let output = try outputShape(for: inputs)
    let draws =
      noise == .element ? output : Shape(batch: output.batch, channels: output.channels)
    return [output, output, draws, output]
  }

  /// Taken unless the moments are carried through an activation or from another layer.
  package func varianceGradient(in saved: [Tensor]) -> Tensor? { hasPlainMoments ? saved[3] : nil }

  func drawnVariance(in saved: [Tensor]) -> Tensor { saved[hasPlainMoments ? 1 : 3] }

  /// 2 · R · S · C / groups · P · Q · K for the mean; the variance costs as much again.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    let output = try outputShape(for: inputs)
    return 2 * Double(output.count) * Double(geometry.size * geometry.size)
      * Double(inputChannels / geometry.groups)
  }

  var isCertain: Bool { relativeVariance == .fixed(0) }
  var draws: Bool { sampleCount > 0 && !isCertain }

  /// Keeps moments and noise in training; in inference moments where the pass has tensors for them.
  package func forward(_ pass: ForwardPass) {
    let backend = pass.backend
    let input = pass.inputs[0]
    guard !pass.saved.isEmpty else {
      precondition(pass.mode == .inference, "training keeps the moments")
      mean(of: input, activation, backend, into: pass.output)
      return
    }
    let moments = moments(in: pass.saved)
    if !isCertain { updateVarianceWeights(backend) }
    if readsMoments {
      precondition(pass.inputSaved.count >= 2, "the layer before gives no moments")
      propagate(
        TensorMoments(mean: pass.inputSaved[0], variance: pass.inputSaved[1]), backend,
        into: moments)
    } else {
      mean(of: input, .linear, backend, into: moments.mean)
      variance(of: input, backend, into: moments.variance)
    }
    if pass.mode == .training {
      varianceGradient(in: pass.saved).map { backend.fill($0, with: 0) }
      draw(pass, moments)
    } else if hasPlainMoments {
      backend.copy(moments.mean, into: GradientTarget(pass.output, accumulate: false))
    } else {
      mean(of: input, activation, backend, into: pass.output)
    }
    if let slope = MomentPropagation.slope(of: activation), activation != .linear {
      backend.rectifyMoments(mean: moments.mean, variance: moments.variance, slope: slope)
    }
  }

  /// Overwrites the output with the drawn values.
  private func draw(_ pass: ForwardPass, _ moments: TensorMoments) {
    let backend = pass.backend
    let drawnVariance = drawnVariance(in: pass.saved)
    let sums = readsMoments ? pass.output : moments.mean
    if readsMoments { mean(of: pass.inputs[0], .linear, backend, into: pass.output) }
    if draws {
      if readsMoments {
        variance(of: pass.inputs[0], backend, into: drawnVariance)
      } else if !hasPlainMoments {
        backend.copy(moments.variance, into: GradientTarget(drawnVariance, accumulate: false))
      }
      backend.fillNormal(
        pass.saved[2], deviation: 1 / Float(sampleCount).squareRoot(), random: pass.random)
      backend.addNoise(
        mean: sums, variance: drawnVariance, noise: pass.saved[2],
        floor: ConvBayes.varianceFloor, into: pass.output)
    } else if !readsMoments {
      backend.copy(moments.mean, into: GradientTarget(pass.output, accumulate: false))
    }
    if activation != .linear { backend.activate(pass.output, activation, into: pass.output) }
  }

  private func mean(
    of input: Tensor, _ activation: Activation, _ backend: any Backend, into output: Tensor
  ) {
    backend.convolve(
      input, weights: weights.values, bias: biases.values, activation: activation,
      geometry: geometry, into: output)
  }

  private func variance(of input: Tensor, _ backend: any Backend, into output: Tensor) {
    guard !isCertain else { return backend.fill(output, with: 0) }
    backend.convolveSquares(input, weights: varianceWeights, geometry: geometry, into: output)
  }

  /// σ² = v * k² + (m² + v) * (λ k²); leaves λ k² in ``varianceWeights``.
  private func propagate(
    _ input: TensorMoments, _ backend: any Backend, into moments: TensorMoments
  ) {
    // The mean's place holds a part of the variance first.
    let part = moments.mean
    variance(of: input.mean, backend, into: moments.variance)
    // v * (λ k² + k²)
    backend.square(weights.values, factor: 1, into: varianceWeightGradient)
    if !isCertain {
      backend.copy(
        varianceWeights, into: GradientTarget(varianceWeightGradient, accumulate: true))
    }
    backend.convolve(
      input.variance, weights: varianceWeightGradient, bias: nil, activation: .linear,
      geometry: geometry, into: part)
    backend.copy(part, into: GradientTarget(moments.variance, accumulate: true))
    mean(of: input.mean, .linear, backend, into: moments.mean)
  }

  /// Sets λ and λ k²; a learned ln λ is put back into its range.
  func updateVarianceWeights(_ backend: any Backend) {
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
  func scaleFilters(_ tensor: Tensor, _ backend: any Backend) {
    let rows = Shape(width: tensor.count / filters, channels: filters)
    let view = tensor.reshaped(rows)
    backend.scaleChannels(view, gates: factors, into: view)
  }
}
