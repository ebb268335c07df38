import Compute
import Layers
import TestSupport
import Testing

/// A convolution to differentiate; batch 3 unless said otherwise.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  var size = 3
  var stride = 1
  var padding = 1
  var groups = 1
  var dilation = 1
  var channels = 5
  var filters = 7
  var height = 5
  var width = 6
  var batch = 3
  var batchNormalize = false
  var activation = Activation.leaky

  var testDescription: String {
    "\(size)x\(size)/\(stride) pad \(padding) groups \(groups) dilation \(dilation) \(channels)->\(filters) "
      + "@ \(width)x\(height)x\(batch) \(batchNormalize ? "bn " : "")\(activation.rawValue)"
  }

  var input: Shape { Shape(batch: batch, height: height, width: width, channels: channels) }

  /// Biases between the bends of the activation, nil if it has none; and what the sums may be relative
  /// to those of others, so as not to reach a bend.
  private var sides: (biases: [Float], spread: Float)? {
    switch activation {
    case .leaky, .relu, .elu, .selu, .relie, .ramp: ([2.5, -2.5, 3], 1)
    case .relu6: ([2.5, -2.5, 9], 1)
    case .hardtan: ([0, 2.5, -2.5], 2 / 3)
    case .hardMish: ([-1, 2.5, -4.5], 2 / 3)
    default: nil
    }
  }

  private var isPiecewiseLinear: Bool {
    [.linear, .leaky, .relu, .relu6, .hardtan, .relie, .ramp].contains(activation)
  }

  /// The function is linear in every tensor unless it bends: then differences need no small step,
  /// and a large one drowns rounding.
  var step: Float { !batchNormalize && isPiecewiseLinear ? 0.2 : 1e-2 }

  /// The layer with random weights; where the activation has a kink, small enough that the biases
  /// decide on which side of it each filter lies.
  func makeLayer() throws -> Convolution {
    let layer = try Convolution(
      inputChannels: channels, filters: filters, size: size, stride: stride, padding: padding,
      groups: groups, dilation: dilation, batchNormalize: batchNormalize, activation: activation)
    let terms = Float(size * size * channels / groups)
    let spread = sides?.spread ?? 1
    let reach =
      batchNormalize
      ? 1 : spread * (sides != nil && isPiecewiseLinear ? 1.2 / terms : 1 / terms.squareRoot())
    layer.weights.values.update(
      from: randomValues(layer.weights.values.count, in: -reach...reach, seed: 21))
    let biases = sides?.biases ?? [0.3, -0.7, 1.1]
    layer.biases.values.update(from: (0..<filters).map { biases[$0 % 3] + Float($0) * 0.01 })
    layer.normalization?.scales.values.update(
      from: (0..<filters).map { (($0 % 2 == 0 ? 0.4 : -0.5) + Float($0) * 0.01) * spread })
    return layer
  }
}

@Suite struct ConvolutionGradientTests {
  @Test(
    arguments: [
      ConvolutionCase(size: 1, padding: 0),
      ConvolutionCase(size: 1, padding: 0, batchNormalize: true),
      ConvolutionCase(size: 1, stride: 2, padding: 0),
      ConvolutionCase(size: 1, stride: 1, padding: 1),
      ConvolutionCase(size: 1, padding: 0, groups: 2, channels: 4, filters: 6),
      ConvolutionCase(size: 3),
      ConvolutionCase(size: 3, batchNormalize: true),
      ConvolutionCase(size: 3, padding: 0),
      ConvolutionCase(size: 3, padding: 2),
      ConvolutionCase(size: 3, stride: 2),
      ConvolutionCase(size: 3, stride: 2, batchNormalize: true),
      ConvolutionCase(size: 3, stride: 2, padding: 0, height: 6, width: 8),
      ConvolutionCase(size: 3, stride: 3, padding: 1, height: 7, width: 8),
      ConvolutionCase(size: 5, padding: 2),
      ConvolutionCase(size: 5, stride: 2, padding: 1, height: 7),
      ConvolutionCase(size: 5, padding: 2, height: 1, width: 2),
      ConvolutionCase(size: 2, stride: 2, padding: 0),
      ConvolutionCase(size: 3, height: 1, width: 1),
      ConvolutionCase(size: 3, channels: 1, filters: 1, batch: 1),
      ConvolutionCase(size: 3, groups: 2, channels: 6, filters: 4),
      ConvolutionCase(size: 3, stride: 2, groups: 3, channels: 3, filters: 6),
      ConvolutionCase(size: 3, stride: 2, groups: 2, channels: 6, filters: 4, batchNormalize: true),
      ConvolutionCase(size: 3, padding: 2, dilation: 2),
      ConvolutionCase(size: 3, stride: 2, padding: 2, dilation: 2, batchNormalize: true),
      ConvolutionCase(size: 3, padding: 3, groups: 5, dilation: 3, filters: 5, height: 7),
    ] as [ConvolutionCase])
  func geometries(_ testCase: ConvolutionCase) throws {
    try check(testCase)
  }

  @Test(arguments: [
    ConvolutionCase(groups: 7, channels: 7, filters: 7),
    ConvolutionCase(groups: 7, channels: 7, filters: 7, batchNormalize: true),
    ConvolutionCase(stride: 2, groups: 7, channels: 7, filters: 7),
    ConvolutionCase(stride: 2, groups: 5, filters: 5, height: 8, width: 7, activation: .swish),
    ConvolutionCase(size: 5, stride: 2, padding: 2, groups: 5, filters: 5, batchNormalize: true),
    ConvolutionCase(size: 1, stride: 2, padding: 0, groups: 5, filters: 5),
    ConvolutionCase(padding: 0, groups: 5, filters: 5, activation: .linear),
  ])
  func depthwise(_ testCase: ConvolutionCase) throws {
    try check(testCase)
  }

  @Test(arguments: Activation.allCases, [false, true])
  func activations(_ activation: Activation, batchNormalize: Bool) throws {
    try check(
      ConvolutionCase(
        channels: 3, filters: 5, height: 4, width: 5, batchNormalize: batchNormalize,
        activation: activation))
  }

  private func check(_ testCase: ConvolutionCase) throws {
    let harness = LayerHarness(try testCase.makeLayer())
    // Batch statistics make every output move with every input: more rounding, more curvature.
    try harness.checkGradients(
      [.init(testCase.input, seed: 31)], step: testCase.step,
      tolerance: testCase.batchNormalize ? 3e-3 : 1e-3,
      directional: testCase.batchNormalize ? 1e-3 : 1e-4)
  }
}
