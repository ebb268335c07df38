package import Compute

/// `[convolutional]`: convolution, optional batch normalisation, bias, activation.
///
/// Without batch normalisation y = f(w * x + b). With it, z = w * x, and
/// y = f(scale · (z − mean) / √(variance + 1e-5) + bias): statistics of the batch in training
/// (biased variance), rolling ones in inference, where they are one scale and bias a filter.
/// The rolling statistics move by ``rollingMomentum`` towards the batch's (unbiased variance).
package final class Convolution: RecomputableLayer {
  /// `convolutional`.
  package let kind = "convolutional"
  /// Kernel size, stride, padding, groups, dilation.
  package let geometry: ConvolutionGeometry
  /// C: channels of the input.
  package let inputChannels: Int
  /// K: channels of the output.
  package let filters: Int
  /// f.
  package let activation: Activation
  /// [R, S, C / groups, K] (HWIO).
  package let weights: Parameter
  /// [K]: added last; β of batch normalisation.
  package let biases: Parameter
  /// Batch normalisation, nil where `batch_normalize` is 0.
  package let normalization: Normalization?
  /// Share of the batch's statistics in the rolling ones, an update.
  package let rollingMomentum: Float

  /// Scales and statistics of batch normalisation.
  package struct Normalization {
    /// γ, [K].
    package let scales: Parameter
    /// [K].
    package let rollingMean: Parameter
    /// [K].
    package let rollingVariance: Parameter
  }

  private let inference: InferenceNormalization?
  private let cache = WeightCache()

  /// A convolution with zero weights, unit scales and variances, all of them on `memory`.
  ///
  /// - Throws: ``LayerError`` for sizes that make no convolution; ``ComputeError``.
  package init(
    inputChannels: Int, filters: Int, size: Int, stride: Int, padding: Int, groups: Int = 1,
    dilation: Int = 1, batchNormalize: Bool, rollingMomentum: Float = darknetRollingMomentum,
    activation: Activation, on memory: any MemorySource
  ) throws {
    guard inputChannels > 0, filters > 0, size > 0, stride > 0, padding >= 0, groups > 0,
      dilation > 0
    else {
      throw LayerError.invalid(
        layer: kind,
        reason: "filters, size, stride, groups and dilation must be positive, padding ≥ 0")
    }
    guard inputChannels % groups == 0, filters % groups == 0 else {
      throw LayerError.invalid(
        layer: kind,
        reason: "groups=\(groups) must divide the input's \(inputChannels) channels and "
          + "filters=\(filters)")
    }
    geometry = ConvolutionGeometry(
      size: size, stride: stride, padding: padding, groups: groups, dilation: dilation)
    self.inputChannels = inputChannels
    self.rollingMomentum = rollingMomentum
    self.filters = filters
    self.activation = activation
    weights = try Parameter(
      "weights",
      Shape(batch: size, height: size, width: inputChannels / groups, channels: filters),
      decays: true, on: memory)
    let perFilter = Shape(channels: filters)
    biases = try Parameter("biases", perFilter, on: memory)
    if batchNormalize {
      let ones = [Float](repeating: 1, count: filters)
      let normalization = Normalization(
        scales: try Parameter("scales", perFilter, on: memory),
        rollingMean: try Parameter(statistic: "rolling_mean", perFilter, on: memory),
        rollingVariance: try Parameter(statistic: "rolling_variance", perFilter, on: memory))
      normalization.scales.values.update(from: ones)
      normalization.rollingVariance.values.update(from: ones)
      self.normalization = normalization
      inference = try InferenceNormalization(filters: filters, on: memory)
    } else {
      normalization = nil
      inference = nil
    }
  }

  /// Darknet's file order: biases, scales, rolling mean, rolling variance, weights.
  package var parameters: [Parameter] {
    guard let normalization else { return [biases, weights] }
    return [
      biases, normalization.scales, normalization.rollingMean, normalization.rollingVariance,
      weights,
    ]
  }

  /// Inputs for the weight gradient; the output where the slope is told from it.
  package var backwardReads: BackwardReads {
    normalization == nil && activation != .linear && activation.hasGradientFromOutput
      ? [.inputs, .output] : .inputs
  }

  /// [N, P, Q, K].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    guard let input = inputs.first, input.channels == inputChannels else {
      throw LayerError.invalid(
        layer: kind,
        reason: "expects \(inputChannels) channels, not \(inputs.first?.channels ?? 0)")
    }
    guard let output = geometry.outputShape(of: input, filters: filters) else {
      let dilation = geometry.dilation > 1 ? " with dilation=\(geometry.dilation)" : ""
      throw LayerError.invalid(
        layer: kind,
        reason: "size=\(geometry.size)\(dilation) does not fit a \(input.width)x\(input.height) "
          + "input")
    }
    return output
  }

  /// With normalisation z and the batch's statistics; without, z if the activation needs it.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] {
    let output = try outputShape(for: inputs)
    if normalization != nil { return [output, Shape(width: 2, channels: filters)] }
    return activation.hasGradientFromOutput ? [] : [output]
  }

  /// z.
  package var roundableSaved: Int { 1 }

  /// 2 · R · S · C / groups · P · Q · K.
  package func floatingPointOperations(for inputs: [Shape]) throws -> Double {
    let output = try outputShape(for: inputs)
    return 2 * Double(output.count) * Double(geometry.size * geometry.size)
      * Double(inputChannels / geometry.groups)
  }

  /// Forgets what was derived from weights and statistics.
  package func parametersDidChange() {
    inference?.isCurrent = false
    cache.removeAll()
  }

  /// Keeps z and statistics in training.
  package func forward(_ pass: ForwardPass) {
    let backend = pass.backend
    let input = pass.inputs[0]
    guard pass.mode == .training else {
      backend.convolve(
        input, weights: weights.values, geometry: geometry,
        epilogue: inferenceEpilogue(pass.shortcut), cache: cache, into: pass.output)
      return
    }
    parametersDidChange()
    if let normalization {
      backend.convolve(
        input, weights: weights.values, bias: nil, activation: .linear, geometry: geometry,
        into: pass.saved[0])
      backend.normalize(
        pass.saved[0], scale: normalization.scales.values, bias: biases.values,
        activation: activation, statistics: pass.saved[1],
        rollingMean: normalization.rollingMean.values,
        rollingVariance: normalization.rollingVariance.values, momentum: rollingMomentum,
        into: pass.output)
    } else if activation.hasGradientFromOutput {
      backend.convolve(
        input, weights: weights.values, bias: biases.values, activation: activation,
        geometry: geometry, into: pass.output)
    } else {
      backend.convolve(
        input, weights: weights.values, bias: biases.values, activation: .linear,
        geometry: geometry, into: pass.saved[0])
      backend.activate(pass.saved[0], activation, into: pass.output)
    }
  }

  /// With batch normalisation: z and the statistics are saved.
  package var canRecompute: Bool { normalization != nil }

  /// f(scale · x̂ + bias) from the saved z.
  package func recompute(from saved: [Tensor], backend: any Backend, into output: Tensor) {
    guard let normalization else { preconditionFailure("nothing is saved to recompute from") }
    backend.normalizeAgain(
      saved[0], scale: normalization.scales.values, bias: biases.values, activation: activation,
      statistics: saved[1], into: output)
  }

  /// Adds to the parameters' gradients; overwrites the output gradient with dL/dz.
  package func backward(_ pass: BackwardPass) {
    let backend = pass.backend
    let gradient = pass.outputGradient
    if let normalization {
      if let scaleGradient = normalization.scales.gradient, let biasGradient = biases.gradient {
        backend.normalizeGradient(
          gradient, input: pass.saved[0], scale: normalization.scales.values, bias: biases.values,
          activation: activation, statistics: pass.saved[1], scaleGradient: scaleGradient,
          biasGradient: biasGradient)
      }
    } else {
      if activation.hasGradientFromOutput {
        backend.activationGradient(gradient, output: pass.output, activation)
      } else {
        backend.activationGradient(gradient, input: pass.saved[0], activation)
      }
      if let biasGradient = biases.gradient {
        backend.biasGradient(of: gradient, into: biasGradient)
      }
    }
    if let weightGradient = weights.gradient {
      backend.convolutionWeightGradient(
        of: gradient, input: pass.inputs[0], geometry: geometry, into: weightGradient)
    }
    if let target = pass.inputGradients[0] {
      backend.convolutionInputGradient(
        of: gradient, weights: weights.values, geometry: geometry, into: target)
    }
  }

  /// Batch normalisation by rolling statistics, activation, and a shortcut's sum after or before it.
  private func inferenceEpilogue(_ shortcut: ForwardPass.Shortcut?) -> ConvolutionEpilogue {
    var epilogue = ConvolutionEpilogue(bias: biases.values, activation: activation)
    if let inference, let normalization {
      inference.update(normalization, biases: biases)
      epilogue.scale = inference.scale
      epilogue.bias = inference.bias
    }
    if let shortcut {
      let comesFirst = shortcut.activation != .linear
      precondition(!comesFirst || activation == .linear, "two activations")
      epilogue.residual = .init(shortcut.addend, comesFirst: comesFirst)
      if comesFirst { epilogue.activation = shortcut.activation }
    }
    return epilogue
  }
}

/// Batch normalisation by rolling statistics as y = scale · z + bias.
private final class InferenceNormalization {
  /// γ / √(variance + ε), [K].
  let scale: Tensor
  /// β − mean · scale, [K].
  let bias: Tensor
  var isCurrent = false

  init(filters: Int, on memory: any MemorySource) throws {
    scale = try Tensor(Shape(channels: filters), on: memory)
    bias = try Tensor(Shape(channels: filters), on: memory)
  }

  func update(_ normalization: Convolution.Normalization, biases: Parameter) {
    guard !isCurrent else { return }
    let (factors, offsets) = normalization.folded(biases: biases)
    scale.update(from: factors)
    bias.update(from: offsets)
    isCurrent = true
  }
}
