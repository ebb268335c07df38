/// Does whole layers on tensors in memory that it owns; layers and losses never touch activations
/// themselves.
///
/// All tensors are NHWC. "Adds" means that the target keeps what it held; "overwrites" that it does
/// not; a ``GradientTarget`` says which of the two. Results do not depend on the thread count.
package protocol Backend: AnyObject, MemorySource {
  /// The threads that operations run on; the data loader shares them.
  var pool: ThreadPool { get }
  /// The ranks whose batches normalisation takes together; nil: every batch by itself.
  var normalizationGroup: (any ProcessGroup)? { get set }

  // MARK: Convolution

  /// Overwrites `output` with what the epilogue makes of input * weights.
  ///
  /// Weights are [R, S, C / groups, K] in the tensor's N, H, W, C. `cache` may keep what is derived
  /// from them: it must be given with the same values only.
  func convolve(
    _ input: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    epilogue: ConvolutionEpilogue, cache: WeightCache?, into output: Tensor)
  /// dL/dinput of a convolution.
  func convolutionInputGradient(
    of outputGradient: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget)
  /// Adds dL/dweights of a convolution to `gradient`.
  func convolutionWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor)
  /// Adds the sums of `outputGradient` over N, H, W to `gradient`.
  func biasGradient(of outputGradient: Tensor, into gradient: Tensor)

  // MARK: Batch normalisation

  /// Overwrites `output` with f(scale · x̂ + bias), x̂ from the statistics of this batch.
  ///
  /// Fills `statistics` ([1, 1, 2, C]: mean, 1 / √(variance + ε), variance over N·H·W) for backward
  /// and moves the rolling statistics (unbiased variance) by `momentum` towards the batch's. The batch is
  /// that of all ranks of ``normalizationGroup`` together.
  func normalize(
    _ input: Tensor, scale: Tensor, bias: Tensor, activation: Activation, statistics: Tensor,
    rollingMean: Tensor, rollingVariance: Tensor, momentum: Float, into output: Tensor)
  /// Overwrites `output` with that of
  /// ``normalize(_:scale:bias:activation:statistics:rollingMean:rollingVariance:momentum:into:)``, to the
  /// bit, from its statistics.
  func normalizeAgain(
    _ input: Tensor, scale: Tensor, bias: Tensor, activation: Activation, statistics: Tensor,
    into output: Tensor)
  /// Turns `gradient`, dL/doutput of ``normalize(_:scale:bias:activation:statistics:rollingMean:rollingVariance:momentum:into:)``,
  /// into dL/dinput in place; adds to the gradients of scale and bias.
  func normalizeGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, bias: Tensor, activation: Activation,
    statistics: Tensor, scaleGradient: Tensor, biasGradient: Tensor)

  // MARK: Elementwise

  /// Overwrites `output` with f(input); in place allowed.
  func activate(_ input: Tensor, _ activation: Activation, into output: Tensor)
  /// Turns dL/doutput into dL/dinput in place, from the input of the activation.
  func activationGradient(_ gradient: Tensor, input: Tensor, _ activation: Activation)
  /// Turns dL/doutput into dL/dinput in place, from the output of the activation.
  func activationGradient(_ gradient: Tensor, output: Tensor, _ activation: Activation)
  /// Sets every value.
  func fill(_ tensor: Tensor, with value: Float)
  /// Multiplies every value.
  func scale(_ tensor: Tensor, by factor: Float)
  /// Copies or adds values of equal count.
  func copy(_ source: Tensor, into target: GradientTarget)
  /// Swaps the values of two tensors of equal count, bit by bit.
  func exchange(_ a: Tensor, _ b: Tensor)
  /// Overwrites `output` with the sum of two tensors of equal count.
  func add(_ a: Tensor, _ b: Tensor, into output: Tensor)
  /// Darknet's shortcut of unequal shapes: copies or adds the common channels of `source` to
  /// `target`, sampling the larger map at the ratio of the widths.
  func addCommon(_ source: Tensor, into target: Tensor)
  /// Copies or adds `count` channels from one offset to another; of bytes copies only.
  func copyChannels(
    _ source: Tensor, from sourceChannel: Int, into target: GradientTarget,
    at targetChannel: Int, count: Int)
  /// Writes or adds, for each image, value `map[i]` of `source` to value i of the target.
  func permute(_ source: Tensor, by map: [Int], into target: GradientTarget)
  /// Overwrites `output` with `input` times one gate for each image and channel.
  func scaleChannels(_ input: Tensor, gates: Tensor, into output: Tensor)
  /// Gradients of ``scaleChannels(_:gates:into:)``.
  func scaleChannelsGradient(
    of outputGradient: Tensor, input: Tensor, gates: Tensor, inputGradient: GradientTarget?,
    gateGradient: GradientTarget?)
  /// Fills `mask` with 0 (probability p) or 1 / (1 − p) and overwrites `output` with input · mask.
  func dropout(
    _ input: Tensor, probability: Float, random: RandomStream, mask: Tensor, into output: Tensor)
  /// Writes or adds the product of two tensors of equal count.
  func multiply(_ a: Tensor, _ b: Tensor, into target: GradientTarget)
  /// Softmax over `groups` equal parts of each image's values.
  func softmax(_ input: Tensor, groups: Int, into output: Tensor)
  /// Gradient of ``softmax(_:groups:into:)`` from its output.
  func softmaxGradient(
    of outputGradient: Tensor, output: Tensor, groups: Int, into target: GradientTarget)

  // MARK: Windows

  /// Maximum over windows; what lies outside counts as −∞. Of bytes too.
  func maxPool(_ input: Tensor, window: PoolingWindow, into output: Tensor)
  /// Gives each window's gradient to its first maximum.
  func maxPoolGradient(
    of outputGradient: Tensor, input: Tensor, window: PoolingWindow, into target: GradientTarget)
  /// Mean over H and W.
  func averagePool(_ input: Tensor, into output: Tensor)
  /// Gradient of ``averagePool(_:into:)``.
  func averagePoolGradient(of outputGradient: Tensor, into target: GradientTarget)
  /// Mean over what windows have of the input.
  func averagePool(_ input: Tensor, window: PoolingWindow, into output: Tensor)
  /// Gradient of ``averagePool(_:window:into:)``.
  func averagePoolGradient(
    of outputGradient: Tensor, window: PoolingWindow, into target: GradientTarget)
  /// Nearest-neighbour enlargement by `stride`, times `scale`; of bytes too, with scale 1.
  func upsample(_ input: Tensor, stride: Int, scale: Float, into output: Tensor)
  /// Gradient of ``upsample(_:stride:scale:into:)``.
  func upsampleGradient(
    of outputGradient: Tensor, stride: Int, scale: Float, into target: GradientTarget)

  // MARK: Halves

  /// Overwrites `output`, a tensor of ``ElementType/bfloat16``, with the values nearest to those of `input`,
  /// of two that are as near the even one. Bits depend on neither threads nor instruction set.
  func narrow(_ input: Tensor, into output: Tensor)
  /// Overwrites `output` with the values of `input`, a tensor of ``ElementType/bfloat16``.
  func widen(_ input: Tensor, into output: Tensor)

  // MARK: Bytes

  /// Overwrites `output`, a tensor of bytes, with those nearest to the values of `input`.
  func quantize(_ input: Tensor, into output: Tensor)
  /// Overwrites `output` with what the bytes of `input` stand for.
  func dequantize(_ input: Tensor, into output: Tensor)
  /// Brings weights to the form in which ``convolve(_:weights:epilogue:into:)`` reads them.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  func pack(_ weights: QuantizedWeights, geometry: ConvolutionGeometry) throws -> PackedWeights
  /// Overwrites `output`, bytes or floats, with what the epilogue makes of a convolution of bytes.
  ///
  /// Sums are exact, and every operation on them rounds by itself: the result depends on neither threads
  /// nor instruction set. Weights have one group, or one filter for each channel.
  func convolve(
    _ input: Tensor, weights: PackedWeights, epilogue: QuantizedEpilogue, into output: Tensor)

  // MARK: Matrices

  /// Overwrites `output` [N, K] with `input` [N, C] · `weights` [C, K] (+ bias), each image flattened.
  func connect(_ input: Tensor, weights: Tensor, bias: Tensor?, into output: Tensor)
  /// dL/dinput of ``connect(_:weights:bias:into:)``.
  func connectInputGradient(
    of outputGradient: Tensor, weights: Tensor, into target: GradientTarget)
  /// Adds dL/dweights of ``connect(_:weights:bias:into:)``.
  func connectWeightGradient(of outputGradient: Tensor, input: Tensor, into gradient: Tensor)

  // MARK: Bayesian convolution

  /// Overwrites `output` with factor · x².
  func square(_ input: Tensor, factor: Float, into output: Tensor)
  /// Overwrites `output` with x² * weights: variances of a convolution with independent weights.
  ///
  /// Weights as in ``convolve(_:weights:geometry:epilogue:cache:into:)``.
  func convolveSquares(
    _ input: Tensor, weights: Tensor, geometry: ConvolutionGeometry, into output: Tensor)
  /// Adds dL/dweights of ``convolveSquares(_:weights:geometry:into:)`` to `gradient`.
  func convolveSquaresWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor)
  /// dL/dinput of ``convolveSquares(_:weights:geometry:into:)``.
  func convolveSquaresInputGradient(
    of outputGradient: Tensor, input: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget)
  /// Overwrites every value with deviation · N(0, 1); the same stream gives the same values.
  func fillNormal(_ tensor: Tensor, deviation: Float, random: RandomStream)
  /// Overwrites `output` with mean + noise · √(variance + floor).
  ///
  /// `noise` has the shape of `mean`, or [N, 1, 1, C] for one value per image and channel.
  func addNoise(
    mean: Tensor, variance: Tensor, noise: Tensor, floor: Float, into output: Tensor)
  /// Overwrites `varianceGradient` with dL/dvariance of
  /// ``addNoise(mean:variance:noise:floor:into:)``.
  func addNoiseGradient(
    of outputGradient: Tensor, variance: Tensor, noise: Tensor, floor: Float,
    into varianceGradient: Tensor)

  /// Overwrites mean and variance of x with those of x for x > 0, slope · x otherwise, each x normal:
  /// ``RectifiedNormal``.
  func rectifyMoments(mean: Tensor, variance: Tensor, slope: Float)

  // MARK: Optimiser

  /// v ← momentum · v + gradient · gradientScale + decay · w; w ← w − rate · v.
  func updateSGD(
    _ values: Tensor, velocity: Tensor, gradient: Tensor, rate: Float, momentum: Float,
    decay: Float, gradientScale: Float)
  /// ``updateSGD(_:velocity:gradient:rate:momentum:decay:gradientScale:)`` with Nesterov's momentum:
  /// w ← w − rate · (g + momentum · v), g what is added to v.
  func updateNesterov(
    _ values: Tensor, velocity: Tensor, gradient: Tensor, rate: Float, momentum: Float,
    decay: Float, gradientScale: Float)
  /// A step of Adam, as ``AdamStep`` says.
  func updateAdam(
    _ values: Tensor, firstMoment: Tensor, secondMoment: Tensor, gradient: Tensor, step: AdamStep)
  /// A step of RMSprop, as ``RMSpropStep`` says; without a velocity there is no momentum.
  func updateRMSprop(
    _ values: Tensor, velocity: Tensor?, squares: Tensor, gradient: Tensor, step: RMSpropStep)
  /// average ← keep · average + (1 − keep) · values.
  func updateMovingAverage(_ average: Tensor, of values: Tensor, keep: Float)
  /// Σ x² in double precision.
  func sumOfSquares(_ tensor: Tensor) -> Double
  /// Whether no value is NaN or infinite.
  func isFinite(_ tensor: Tensor) -> Bool
}

extension Backend {
  /// ``convolve(_:weights:geometry:epilogue:cache:into:)`` with weights that change:
  /// f(input * weights + bias).
  package func convolve(
    _ input: Tensor, weights: Tensor, bias: Tensor?, activation: Activation,
    geometry: ConvolutionGeometry, into output: Tensor
  ) {
    convolve(
      input, weights: weights, geometry: geometry,
      epilogue: ConvolutionEpilogue(bias: bias, activation: activation), cache: nil, into: output)
  }
}
