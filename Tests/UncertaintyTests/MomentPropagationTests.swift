import Compute
import Layers
import TestSupport
import Testing
import Uncertainty

@Suite struct MomentPropagationTests {
  private let backend = CPUBackend(pool: sharedPool)

  @Test func leakyRectifierAgreesWithReference() throws {
    let cases = try goldenCases("uncertainty").filter { $0.name.hasPrefix("leaky") }
    #expect(cases.count == 16)
    for golden in cases {
      func number(_ name: String) throws -> Double { try #require(golden.numbers[name]) }
      let output = RectifiedNormal(
        mean: try number("inputMean"), variance: try number("inputVariance"),
        slope: try number("slope"))
      let (mean, variance) = (try number("mean"), try number("variance"))
      #expect(abs(output.mean - mean) <= 1e-12 * abs(mean) + 1e-14, "\(golden.name)")
      #expect(abs(output.variance - variance) <= 1e-10 * variance + 1e-14, "\(golden.name)")
    }
  }

  @Test func certainValuesPassUnchanged() {
    for (x, y) in [(3.0, 3.0), (-2, -0.2), (0, 0)] {
      let output = RectifiedNormal(mean: x, variance: 0, slope: 0.1)
      #expect(output.mean == y && output.variance == 0)
    }
    let far = RectifiedNormal(mean: 1e200, variance: 1, slope: 0.1)
    #expect(far.mean == 1e200 && far.variance == 1)
  }

  /// Two Bayesian convolutions with normalisation and leaky rectifier between, each unit against
  /// 10,000 draws of weights and inputs.
  @Test func agreesWithMonteCarlo() throws {
    let shape = Shape(height: 3, width: 3, channels: 4)
    let geometry = ConvolutionGeometry(size: 3, padding: 1)
    let weights = try Tensor(
      Shape(batch: 3, height: 3, width: 4, channels: 5), values: randomValues(180, seed: 2))
    let bias = try Tensor(Shape(channels: 5), values: randomValues(5, seed: 3))
    let lambda: Float = 0.3
    let means = randomValues(shape.count, seed: 4)
    let variances = randomValues(shape.count, in: 0...0.5, seed: 5)
    let scale = randomValues(5, in: 0.5...2, seed: 6)
    let shift = randomValues(5, seed: 7)
    let rollingMean = randomValues(5, seed: 8)
    let rollingVariance = randomValues(5, in: 0.5...3, seed: 9)
    let moments = try MomentPropagation.convolve(
      TensorMoments(
        mean: Tensor(shape, values: means), variance: Tensor(shape, values: variances)),
      weights: weights, bias: bias, relativeVariance: lambda, geometry: geometry,
      backend: backend)
    try MomentPropagation.normalize(
      moments, scale: scale, bias: shift, rollingMean: rollingMean,
      rollingVariance: rollingVariance, backend: backend)
    backend.rectifyMoments(mean: moments.mean, variance: moments.variance, slope: 0.1)

    let draws = 10_000
    let layer = try Convolution(
      inputChannels: 4, filters: 5, size: 3, stride: 1, padding: 1, batchNormalize: false,
      activation: .linear)
    layer.biases.values.update(from: bias)
    let (input, output) = (try Tensor(shape), try Tensor(moments.mean.shape))
    var stream = RandomStream(seed: 31)
    var sums = [Double](repeating: 0, count: output.count)
    var squares = sums
    var fourths = squares
    let center = moments.mean.values
    let centers = weights.values
    for _ in 0..<draws {
      input.update(from: zip(means, variances).map { $0 + $1.squareRoot() * stream.normal() })
      layer.weights.values.update(
        from: centers.map { $0 + lambda.squareRoot() * abs($0) * stream.normal() })
      layer.parametersDidChange()
      layer.forward(ForwardPass(backend: backend, inputs: [input], output: output))
      let values = output.values
      for i in values.indices {
        let c = i % 5
        let z =
          (values[i] - rollingMean[c]) / (rollingVariance[c] + 1e-5).squareRoot() * scale[c]
          + shift[c]
        let d = Double((z > 0 ? z : 0.1 * z) - center[i])
        sums[i] += d
        squares[i] += d * d
        fourths[i] += d * d * d * d
      }
    }
    // The sum of 36 products is not quite normal: the rectifier's moments are off by a little.
    let n = Double(draws)
    for (i, variance) in moments.variance.values.map(Double.init).enumerated() {
      let (mean, square) = (sums[i] / n, squares[i] / n)
      let varianceError = ((fourths[i] / n - square * square) / n).squareRoot()
      #expect(abs(mean) < 4 * (square / n).squareRoot() + 0.01 * square.squareRoot(), "mean \(i)")
      #expect(abs(square - mean * mean - variance) < 4 * varianceError + 0.02 * variance, "\(i)")
    }
  }

  /// Without input variance the convolution is the layer's.
  @Test func certainInputsGiveTheLayersMoments() throws {
    let layer = try ConvBayes(inputChannels: 4, filters: 3, relativeVariance: .fixed(0.7))
    fill(layer)
    let shape = Shape(batch: 2, height: 3, width: 3, channels: 4)
    let input = randomValues(shape.count)
    let saved = try ConvBayesHarness(layer, shape).forward(input).saved
    let moments = try MomentPropagation.convolve(
      TensorMoments(certain: Tensor(shape, values: input), on: backend),
      weights: layer.weights.values,
      bias: layer.biases.values, relativeVariance: 0.7, geometry: layer.geometry,
      backend: backend)
    #expect(moments.mean.values == saved[0].values)
    expectClose(moments.variance.values, saved[1].values)
  }

  @Test func refusesNegativeVariance() throws {
    let tensor = try Tensor(Shape(height: 2, width: 2, channels: 1))
    #expect(throws: UncertaintyError.self) {
      try MomentPropagation.convolve(
        TensorMoments(certain: tensor, on: backend), weights: Tensor(Shape(channels: 1)), bias: nil,
        relativeVariance: -1, geometry: ConvolutionGeometry(size: 1), backend: backend)
    }
    #expect(throws: UncertaintyError.self) {
      try MomentPropagation.convolve(
        TensorMoments(certain: tensor, on: backend), weights: Tensor(Shape(channels: 1)), bias: nil,
        geometry: ConvolutionGeometry(size: 5), backend: backend)
    }
  }
}
