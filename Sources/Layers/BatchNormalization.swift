package import Compute

/// Darknet's share of a batch's statistics in the rolling ones, an update; PyTorch's is 0.1.
package let darknetRollingMomentum: Float = 0.01

/// `[batchnorm]`: y = f(scale · (x − mean) / √(variance + 1e-5) + bias), channel by channel.
///
/// Statistics are those of the batch in training (biased variance), rolling ones in inference, where
/// they are one scale and bias a channel. f is linear unless the layer took over that of an
/// `[activation]` behind it. Rolling statistics move as those of ``Convolution``.
package final class BatchNormalization: Layer {
  /// `batchnorm`.
  package let kind = "batchnorm"
  /// C.
  package let channels: Int
  /// f.
  package private(set) var activation = Activation.linear
  /// β, [C].
  package let biases: Parameter
  /// γ, [C].
  package let scales: Parameter
  /// [C].
  package let rollingMean: Parameter
  /// [C].
  package let rollingVariance: Parameter
  /// Share of the batch's statistics in the rolling ones, an update.
  package let rollingMomentum: Float

  /// Mean and 1 / √(variance + ε) of ``rollingMean`` and ``rollingVariance``, [1, 1, 2, C].
  private let rolling: Tensor
  private var isRollingCurrent = false

  /// A normalisation with unit scales and variances, all of them on `memory`.
  ///
  /// - Throws: ``LayerError`` without channels; ``ComputeError``.
  package init(
    channels: Int, rollingMomentum: Float = darknetRollingMomentum, on memory: any MemorySource
  ) throws {
    guard channels > 0 else {
      throw LayerError.invalid(layer: kind, reason: "has no channels to normalise")
    }
    self.channels = channels
    self.rollingMomentum = rollingMomentum
    let perChannel = Shape(channels: channels)
    biases = try Parameter("biases", perChannel, on: memory)
    scales = try Parameter("scales", perChannel, on: memory)
    rollingMean = try Parameter(statistic: "rolling_mean", perChannel, on: memory)
    rollingVariance = try Parameter(statistic: "rolling_variance", perChannel, on: memory)
    let ones = [Float](repeating: 1, count: channels)
    scales.values.update(from: ones)
    rollingVariance.values.update(from: ones)
    rolling = try Tensor(Shape(width: 2, channels: channels), on: memory)
  }

  /// Takes over the function of a layer that reads this one alone, in the same pass over the values.
  package func takeOver(_ activation: Activation) { self.activation = activation }

  /// The order of AlexeyAB's files: biases, scales, rolling mean, rolling variance.
  package var parameters: [Parameter] { [biases, scales, rollingMean, rollingVariance] }

  /// The inputs.
  package var backwardReads: BackwardReads { .inputs }

  /// The input's shape.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard input.channels == channels else {
      throw LayerError.invalid(
        layer: kind, reason: "expects \(channels) channels, not \(input.channels)")
    }
    return input
  }

  /// The batch's statistics.
  package func savedShapes(for inputs: [Shape]) throws -> [Shape] {
    [Shape(width: 2, channels: channels)]
  }

  /// Forgets what was derived from the statistics.
  package func parametersDidChange() { isRollingCurrent = false }

  /// Keeps the batch's statistics in training.
  package func forward(_ pass: ForwardPass) {
    guard pass.mode == .training else {
      updateRolling()
      pass.backend.normalizeAgain(
        pass.inputs[0], scale: scales.values, bias: biases.values, activation: activation,
        statistics: rolling, into: pass.output)
      return
    }
    parametersDidChange()
    pass.backend.normalize(
      pass.inputs[0], scale: scales.values, bias: biases.values, activation: activation,
      statistics: pass.saved[0], rollingMean: rollingMean.values,
      rollingVariance: rollingVariance.values, momentum: rollingMomentum, into: pass.output)
  }

  /// Adds to the parameters' gradients; overwrites the output gradient with dL/dx.
  package func backward(_ pass: BackwardPass) {
    guard let scaleGradient = scales.gradient, let biasGradient = biases.gradient else { return }
    pass.backend.normalizeGradient(
      pass.outputGradient, input: pass.inputs[0], scale: scales.values, bias: biases.values,
      activation: activation, statistics: pass.saved[0], scaleGradient: scaleGradient,
      biasGradient: biasGradient)
    if let target = pass.inputGradients[0] { pass.backend.copy(pass.outputGradient, into: target) }
  }

  private func updateRolling() {
    guard !isRollingCurrent else { return }
    let inverses = rollingVariance.values.values.map { 1 / ($0 + batchNormEpsilon).squareRoot() }
    rolling.update(from: rollingMean.values.values + inverses)
    isRollingCurrent = true
  }
}
