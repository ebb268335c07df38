package import Compute

/// A backend whose memory the host cannot reach, but for views that are copies; the CPU computes
/// behind it.
///
/// It takes tensors of its own only, and counts what is allocated.
package final class RemoteBackend: Backend {
  private let cpu: CPUBackend
  /// Buffers asked for so far.
  package private(set) var allocationCount = 0

  /// A backend with memory of its own.
  package init(pool: ThreadPool) { cpu = CPUBackend(pool: pool) }

  package var pool: ThreadPool { cpu.pool }
  package var normalizationGroup: (any ProcessGroup)? {
    get { cpu.normalizationGroup }
    set { cpu.normalizationGroup = newValue }
  }

  package func allocate(_ count: Int, of type: ElementType) throws -> any Buffer {
    allocationCount += 1
    return RemoteBuffer(try cpu.allocate(count, of: type))
  }

  private func near(_ tensor: Tensor) -> Tensor {
    guard let buffer = tensor.buffer as? RemoteBuffer else {
      preconditionFailure("a tensor of other memory")
    }
    let near = Tensor(tensor.shape, in: buffer.near, at: tensor.offset)
    return tensor.quantization.map { near.quantized(as: $0) } ?? near
  }

  private func near(_ target: GradientTarget) -> GradientTarget {
    GradientTarget(near(target.tensor), accumulate: target.accumulate)
  }

  private func near(_ epilogue: ConvolutionEpilogue) -> ConvolutionEpilogue {
    ConvolutionEpilogue(
      scale: epilogue.scale.map(near), bias: epilogue.bias.map(near),
      activation: epilogue.activation,
      residual: epilogue.residual.map { .init(near($0.tensor), comesFirst: $0.comesFirst) })
  }

  // MARK: - Convolution

  package func convolve(
    _ input: Tensor, weights: Tensor, geometry: ConvolutionGeometry, epilogue: ConvolutionEpilogue,
    cache: WeightCache?, into output: Tensor
  ) {
    cpu.convolve(
      near(input), weights: near(weights), geometry: geometry, epilogue: near(epilogue),
      cache: cache, into: near(output))
  }
  package func convolutionInputGradient(
    of outputGradient: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget
  ) {
    cpu.convolutionInputGradient(
      of: near(outputGradient), weights: near(weights), geometry: geometry, into: near(target))
  }
  package func convolutionWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor
  ) {
    cpu.convolutionWeightGradient(
      of: near(outputGradient), input: near(input), geometry: geometry, into: near(gradient))
  }
  package func biasGradient(of outputGradient: Tensor, into gradient: Tensor) {
    cpu.biasGradient(of: near(outputGradient), into: near(gradient))
  }

  // MARK: - Halves

  package func narrow(_ input: Tensor, into output: Tensor) {
    cpu.narrow(near(input), into: near(output))
  }
  package func widen(_ input: Tensor, into output: Tensor) {
    cpu.widen(near(input), into: near(output))
  }

  // MARK: - Bytes

  package func quantize(_ input: Tensor, into output: Tensor) {
    cpu.quantize(near(input), into: near(output))
  }
  package func dequantize(_ input: Tensor, into output: Tensor) {
    cpu.dequantize(near(input), into: near(output))
  }
  package func pack(
    _ weights: QuantizedWeights, geometry: ConvolutionGeometry
  ) throws -> PackedWeights {
    try cpu.pack(weights, geometry: geometry)
  }
  package func convolve(
    _ input: Tensor, weights: PackedWeights, epilogue: QuantizedEpilogue, into output: Tensor
  ) {
    cpu.convolve(
      near(input), weights: weights,
      epilogue: QuantizedEpilogue(
        activation: epilogue.activation,
        residual: epilogue.residual.map { .init(near($0.tensor), comesFirst: $0.comesFirst) }),
      into: near(output))
  }

  // MARK: - Batch normalisation

  package func normalize(
    _ input: Tensor, scale: Tensor, bias: Tensor, activation: Activation, statistics: Tensor,
    rollingMean: Tensor, rollingVariance: Tensor, momentum: Float, into output: Tensor
  ) {
    cpu.normalize(
      near(input), scale: near(scale), bias: near(bias), activation: activation,
      statistics: near(statistics), rollingMean: near(rollingMean),
      rollingVariance: near(rollingVariance), momentum: momentum, into: near(output))
  }
  package func normalizeAgain(
    _ input: Tensor, scale: Tensor, bias: Tensor, activation: Activation, statistics: Tensor,
    into output: Tensor
  ) {
    cpu.normalizeAgain(
      near(input), scale: near(scale), bias: near(bias), activation: activation,
      statistics: near(statistics), into: near(output))
  }
  package func normalizeGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, bias: Tensor, activation: Activation,
    statistics: Tensor, scaleGradient: Tensor, biasGradient: Tensor
  ) {
    cpu.normalizeGradient(
      near(gradient), input: near(input), scale: near(scale), bias: near(bias),
      activation: activation, statistics: near(statistics), scaleGradient: near(scaleGradient),
      biasGradient: near(biasGradient))
  }

  // MARK: - Elementwise

  package func activate(_ input: Tensor, _ activation: Activation, into output: Tensor) {
    cpu.activate(near(input), activation, into: near(output))
  }
  package func activationGradient(_ gradient: Tensor, input: Tensor, _ activation: Activation) {
    cpu.activationGradient(near(gradient), input: near(input), activation)
  }
  package func activationGradient(_ gradient: Tensor, output: Tensor, _ activation: Activation) {
    cpu.activationGradient(near(gradient), output: near(output), activation)
  }
  package func fill(_ tensor: Tensor, with value: Float) {
    cpu.fill(near(tensor), with: value)
  }
  package func scale(_ tensor: Tensor, by factor: Float) {
    cpu.scale(near(tensor), by: factor)
  }
  package func copy(_ source: Tensor, into target: GradientTarget) {
    cpu.copy(near(source), into: near(target))
  }
  package func exchange(_ a: Tensor, _ b: Tensor) {
    cpu.exchange(near(a), near(b))
  }
  package func add(_ a: Tensor, _ b: Tensor, into output: Tensor) {
    cpu.add(near(a), near(b), into: near(output))
  }
  package func addCommon(_ source: Tensor, into target: Tensor) {
    cpu.addCommon(near(source), into: near(target))
  }
  package func copyChannels(
    _ source: Tensor, from sourceChannel: Int, into target: GradientTarget, at targetChannel: Int,
    count: Int
  ) {
    cpu.copyChannels(
      near(source), from: sourceChannel, into: near(target), at: targetChannel, count: count)
  }
  package func permute(_ source: Tensor, by map: [Int], into target: GradientTarget) {
    cpu.permute(near(source), by: map, into: near(target))
  }
  package func scaleChannels(_ input: Tensor, gates: Tensor, into output: Tensor) {
    cpu.scaleChannels(near(input), gates: near(gates), into: near(output))
  }
  package func scaleChannelsGradient(
    of outputGradient: Tensor, input: Tensor, gates: Tensor, inputGradient: GradientTarget?,
    gateGradient: GradientTarget?
  ) {
    cpu.scaleChannelsGradient(
      of: near(outputGradient), input: near(input), gates: near(gates),
      inputGradient: inputGradient.map(near), gateGradient: gateGradient.map(near))
  }
  package func dropout(
    _ input: Tensor, probability: Float, random: RandomStream, mask: Tensor, into output: Tensor
  ) {
    cpu.dropout(
      near(input), probability: probability, random: random, mask: near(mask), into: near(output))
  }
  package func multiply(_ a: Tensor, _ b: Tensor, into target: GradientTarget) {
    cpu.multiply(near(a), near(b), into: near(target))
  }
  package func softmax(_ input: Tensor, groups: Int, into output: Tensor) {
    cpu.softmax(near(input), groups: groups, into: near(output))
  }
  package func softmaxGradient(
    of outputGradient: Tensor, output: Tensor, groups: Int, into target: GradientTarget
  ) {
    cpu.softmaxGradient(
      of: near(outputGradient), output: near(output), groups: groups, into: near(target))
  }

  // MARK: - Windows

  package func maxPool(_ input: Tensor, window: PoolingWindow, into output: Tensor) {
    cpu.maxPool(near(input), window: window, into: near(output))
  }
  package func maxPoolGradient(
    of outputGradient: Tensor, input: Tensor, window: PoolingWindow, into target: GradientTarget
  ) {
    cpu.maxPoolGradient(
      of: near(outputGradient), input: near(input), window: window, into: near(target))
  }
  package func averagePool(_ input: Tensor, into output: Tensor) {
    cpu.averagePool(near(input), into: near(output))
  }
  package func averagePoolGradient(of outputGradient: Tensor, into target: GradientTarget) {
    cpu.averagePoolGradient(of: near(outputGradient), into: near(target))
  }
  package func averagePool(_ input: Tensor, window: PoolingWindow, into output: Tensor) {
    cpu.averagePool(near(input), window: window, into: near(output))
  }
  package func averagePoolGradient(
    of outputGradient: Tensor, window: PoolingWindow, into target: GradientTarget
  ) {
    cpu.averagePoolGradient(of: near(outputGradient), window: window, into: near(target))
  }
  package func upsample(_ input: Tensor, stride: Int, scale: Float, into output: Tensor) {
    cpu.upsample(near(input), stride: stride, scale: scale, into: near(output))
  }
  package func upsampleGradient(
    of outputGradient: Tensor, stride: Int, scale: Float, into target: GradientTarget
  ) {
    cpu.upsampleGradient(of: near(outputGradient), stride: stride, scale: scale, into: near(target))
  }

  // MARK: - Matrices

  package func connect(_ input: Tensor, weights: Tensor, bias: Tensor?, into output: Tensor) {
    cpu.connect(near(input), weights: near(weights), bias: bias.map(near), into: near(output))
  }
  package func connectInputGradient(
    of outputGradient: Tensor, weights: Tensor, into target: GradientTarget
  ) {
    cpu.connectInputGradient(of: near(outputGradient), weights: near(weights), into: near(target))
  }
  package func connectWeightGradient(
    of outputGradient: Tensor, input: Tensor, into gradient: Tensor
  ) {
    cpu.connectWeightGradient(of: near(outputGradient), input: near(input), into: near(gradient))
  }

  // MARK: - Bayesian convolution

  package func square(_ input: Tensor, factor: Float, into output: Tensor) {
    cpu.square(near(input), factor: factor, into: near(output))
  }
  package func convolveSquares(
    _ input: Tensor, weights: Tensor, geometry: ConvolutionGeometry, into output: Tensor
  ) {
    cpu.convolveSquares(near(input), weights: near(weights), geometry: geometry, into: near(output))
  }
  package func convolveSquaresWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor
  ) {
    cpu.convolveSquaresWeightGradient(
      of: near(outputGradient), input: near(input), geometry: geometry, into: near(gradient))
  }
  package func convolveSquaresInputGradient(
    of outputGradient: Tensor, input: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget
  ) {
    cpu.convolveSquaresInputGradient(
      of: near(outputGradient), input: near(input), weights: near(weights), geometry: geometry,
      into: near(target))
  }
  package func fillNormal(_ tensor: Tensor, deviation: Float, random: RandomStream) {
    cpu.fillNormal(near(tensor), deviation: deviation, random: random)
  }
  package func addNoise(
    mean: Tensor, variance: Tensor, noise: Tensor, floor: Float, into output: Tensor
  ) {
    cpu.addNoise(
      mean: near(mean), variance: near(variance), noise: near(noise), floor: floor,
      into: near(output))
  }
  package func addNoiseGradient(
    of outputGradient: Tensor, variance: Tensor, noise: Tensor, floor: Float,
    into varianceGradient: Tensor
  ) {
    cpu.addNoiseGradient(
      of: near(outputGradient), variance: near(variance), noise: near(noise), floor: floor,
      into: near(varianceGradient))
  }
  package func rectifyMoments(mean: Tensor, variance: Tensor, slope: Float) {
    cpu.rectifyMoments(mean: near(mean), variance: near(variance), slope: slope)
  }

  // MARK: - Optimiser

  package func updateSGD(
    _ values: Tensor, velocity: Tensor, gradient: Tensor, rate: Float, momentum: Float,
    decay: Float, gradientScale: Float
  ) {
    cpu.updateSGD(
      near(values), velocity: near(velocity), gradient: near(gradient), rate: rate,
      momentum: momentum, decay: decay, gradientScale: gradientScale)
  }
  package func updateNesterov(
    _ values: Tensor, velocity: Tensor, gradient: Tensor, rate: Float, momentum: Float,
    decay: Float, gradientScale: Float
  ) {
    cpu.updateNesterov(
      near(values), velocity: near(velocity), gradient: near(gradient), rate: rate,
      momentum: momentum, decay: decay, gradientScale: gradientScale)
  }
  package func updateAdam(
    _ values: Tensor, firstMoment: Tensor, secondMoment: Tensor, gradient: Tensor, step: AdamStep
  ) {
    cpu.updateAdam(
      near(values), firstMoment: near(firstMoment), secondMoment: near(secondMoment),
      gradient: near(gradient), step: step)
  }
  package func updateRMSprop(
    _ values: Tensor, velocity: Tensor?, squares: Tensor, gradient: Tensor, step: RMSpropStep
  ) {
    cpu.updateRMSprop(
      near(values), velocity: velocity.map(near), squares: near(squares),
      gradient: near(gradient), step: step)
  }
  package func updateMovingAverage(_ average: Tensor, of values: Tensor, keep: Float) {
    cpu.updateMovingAverage(near(average), of: near(values), keep: keep)
  }
  package func sumOfSquares(_ tensor: Tensor) -> Double {
    cpu.sumOfSquares(near(tensor))
  }
  package func isFinite(_ tensor: Tensor) -> Bool {
    cpu.isFinite(near(tensor))
  }
}
