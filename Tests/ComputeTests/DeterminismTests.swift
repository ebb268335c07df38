import Compute
import TestSupport
import Testing

/// Results are the same bits for every number of threads.
@Suite struct DeterminismTests {
  @Test(arguments: [
    (
      Shape(batch: 3, height: 26, width: 27, channels: 19), 61,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    (
      Shape(batch: 2, height: 40, width: 40, channels: 16), 32,
      ConvolutionGeometry(size: 3, stride: 2, padding: 1)
    ),
    (Shape(batch: 4, height: 30, width: 30, channels: 64), 48, ConvolutionGeometry(size: 1)),
    (
      Shape(batch: 2, height: 101, width: 98, channels: 16), 32,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    (
      Shape(batch: 1, height: 6, width: 6, channels: 512), 512,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    (Shape(batch: 3, height: 6, width: 6, channels: 1024), 70, ConvolutionGeometry(size: 1)),
    (
      Shape(batch: 2, height: 7, width: 7, channels: 256), 300,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    (
      Shape(batch: 3, height: 33, width: 35, channels: 37), 37,
      ConvolutionGeometry(size: 3, stride: 2, padding: 1, groups: 37)
    ),
  ])
  func convolutionAndNormalisation(
    _ shape: Shape, filters: Int, geometry: ConvolutionGeometry
  ) throws {
    let expected = try passes(shape, filters, geometry, threads: 1)
    for threads in 2...4 {
      let actual = try passes(shape, filters, geometry, threads: threads)
      for (name, bits) in expected {
        #expect(actual[name] == bits, "\(name) on \(threads) threads")
      }
    }
  }

  @Test func reductionsAndMasks() throws {
    let shape = Shape(batch: 2, height: 100, width: 200, channels: 5)
    let values = randomValues(shape.count)
    var sums: [Double] = []
    var masks: [[Float]] = []
    for threads in 1...4 {
      let backend = try makeBackend(threads: threads)
      let input = try Tensor(shape, values: values)
      let (mask, output) = (try poisoned(shape), try poisoned(shape))
      backend.dropout(
        input, probability: 0.3, random: RandomStream(seed: 4), mask: mask, into: output)
      masks.append(mask.values)
      sums.append(backend.sumOfSquares(input))
    }
    #expect(Set(masks).count == 1)
    #expect(Set(sums).count == 1)
  }

  /// Convolution, normalisation and all their gradients, as bit patterns.
  private func passes(
    _ shape: Shape, _ filters: Int, _ geometry: ConvolutionGeometry, threads: Int
  ) throws -> [String: [UInt32]] {
    let backend = try makeBackend(threads: threads)
    let outputShape = try #require(geometry.outputShape(of: shape, filters: filters))
    let channels = Shape(channels: filters)
    let weightShape = Shape(
      batch: geometry.size, height: geometry.size, width: shape.channels / geometry.groups,
      channels: filters)
    let input = try Tensor(shape, values: randomValues(shape.count, seed: 1))
    let weights = try Tensor(weightShape, values: randomValues(weightShape.count, seed: 2))
    let scale = try Tensor(channels, values: randomValues(filters, in: 0.5...1.5, seed: 3))
    let bias = try Tensor(channels, values: randomValues(filters, seed: 4))
    let z = try poisoned(outputShape)
    let output = try poisoned(outputShape)
    let statistics = try poisoned(Shape(width: 2, channels: filters))
    let (mean, variance) = (try Tensor(channels), try Tensor(channels))
    backend.convolve(
      input, weights: weights, bias: nil, activation: .linear, geometry: geometry, into: z)
    backend.normalize(
      z, scale: scale, bias: bias, activation: .mish, statistics: statistics, rollingMean: mean,
      rollingVariance: variance, momentum: 0.01, into: output)
    let gradient = try Tensor(outputShape, values: randomValues(outputShape.count, seed: 5))
    let (scaleGradient, biasGradient) = (try Tensor(channels), try Tensor(channels))
    let plainBiasGradient = try Tensor(channels)
    backend.biasGradient(of: gradient, into: plainBiasGradient)
    backend.normalizeGradient(
      gradient, input: z, scale: scale, bias: bias, activation: .mish, statistics: statistics,
      scaleGradient: scaleGradient, biasGradient: biasGradient)
    let weightGradient = try Tensor(weightShape)
    let inputGradient = try poisoned(shape)
    backend.convolutionWeightGradient(
      of: gradient, input: input, geometry: geometry, into: weightGradient)
    backend.convolutionInputGradient(
      of: gradient, weights: weights, geometry: geometry,
      into: GradientTarget(inputGradient, accumulate: false))
    return [
      "z": z, "output": output, "statistics": statistics, "rolling mean": mean,
      "rolling variance": variance, "scale gradient": scaleGradient,
      "bias gradient": biasGradient, "plain bias gradient": plainBiasGradient,
      "z gradient": gradient, "weight gradient": weightGradient,
      "input gradient": inputGradient,
    ].mapValues { $0.values.map(\.bitPattern) }
  }
}
