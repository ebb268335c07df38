import Compute
import Layers
import TestSupport
import Testing
import Uncertainty

/// Several Bayesian layers in a row: moments carried on, noise drawn in each.
@Suite struct BayesianChainTests {
  private let shape = Shape(batch: 2, height: 3, width: 2, channels: 5)
  private let backend = CPUBackend(pool: sharedPool)

  private func layers(
    activation: Activation = .leaky, samples: Int = 1, size: Int = 1
  ) throws -> [ConvBayes] {
    let layers = [
      try ConvBayes(
        inputChannels: 5, filters: 4, size: size, padding: size / 2, sampleCount: samples,
        activation: activation),
      try ConvBayes(
        inputChannels: 4, filters: 3, relativeVariance: .fixed(0.5), sampleCount: samples,
        readsMoments: true),
    ]
    for (seed, layer) in layers.enumerated() { fill(layer, seed: UInt64(31 + 2 * seed)) }
    return layers
  }

  private struct Pass {
    var outputs: [Tensor] = []
    var saved: [[Tensor]] = []
  }

  private func forward(
    _ layers: [ConvBayes], _ input: Tensor, random: RandomStream, mode: Mode = .training
  ) throws -> Pass {
    var pass = Pass()
    var value = input
    for (index, layer) in layers.enumerated() {
      let output = try Tensor(layer.outputShape(for: [value.shape]))
      let shapes =
        try mode == .training
        ? layer.savedShapes(for: [value.shape]) : layer.momentShapes(for: [value.shape])
      let saved = try shapes.map {
        try Tensor($0, values: [Float](repeating: .nan, count: $0.count))
      }
      layer.forward(
        ForwardPass(
          backend: backend, inputs: [value], output: output, saved: saved, mode: mode,
          random: random.split(UInt64(index)), inputSaved: pass.saved.last ?? []))
      pass.outputs.append(output)
      pass.saved.append(saved)
      value = output
    }
    return pass
  }

  /// Each layer's noise is independent for every output, which is what carrying moments assumes.
  @Test(arguments: [Activation.leaky, .relu, .linear])
  func momentsAgreeWithDraws(activation: Activation) throws {
    let layers = try layers(activation: activation)
    let input = try Tensor(shape, values: randomValues(shape.count, seed: 3))
    let draws = 10_000
    var sums = [[Double]](repeating: [], count: 2)
    var squares = sums
    var fourths = sums
    let root = RandomStream(seed: 5)
    var moments: [TensorMoments] = []
    for draw in 0..<draws {
      let pass = try forward(layers, input, random: root.split(UInt64(draw)))
      if draw == 0 {
        moments = zip(layers, pass.saved).map { $0.moments(in: $1) }
        for index in 0..<2 {
          let zeros = [Double](repeating: 0, count: pass.outputs[index].count)
          (sums[index], squares[index], fourths[index]) = (zeros, zeros, zeros)
        }
      }
      for index in 0..<2 {
        let means = moments[index].mean.values
        for (i, value) in pass.outputs[index].values.enumerated() {
          let deviation = Double(value) - Double(means[i])
          sums[index][i] += deviation
          squares[index][i] += deviation * deviation
          fourths[index][i] += deviation * deviation * deviation * deviation
        }
      }
    }
    for index in 0..<2 {
      let variances = moments[index].variance.values
      for i in variances.indices {
        let variance = Double(variances[i])
        let (mean, second, fourth) = (
          sums[index][i] / Double(draws), squares[index][i] / Double(draws),
          fourths[index][i] / Double(draws)
        )
        // Five standard errors; 138 values are looked at.
        #expect(abs(mean) < 5 * (variance / Double(draws)).squareRoot(), "mean \(index) \(i)")
        let error = max(1e-12, (fourth - second * second) / Double(draws)).squareRoot()
        #expect(abs(second - variance) < 5 * error + 1e-6, "variance \(index) \(i)")
      }
    }
  }

  @Test func inferenceIsTheNetworkOfMeansAndKeepsTheSameMoments() throws {
    let layers = try layers()
    let input = try Tensor(shape, values: randomValues(shape.count, seed: 3))
    let training = try forward(layers, input, random: RandomStream(seed: 1))
    let inference = try forward(layers, input, random: RandomStream(seed: 2), mode: .inference)
    var value = input
    for layer in layers {
      let output = try Tensor(layer.outputShape(for: [value.shape]))
      layer.forward(ForwardPass(backend: backend, inputs: [value], output: output))
      value = output
    }
    #expect(inference.outputs[1].values == value.values)
    #expect(training.outputs[1].values != value.values)
    // The first layer's moments do not depend on what was drawn, nor do the second's.
    for index in 0..<2 {
      #expect(training.saved[index][0].values == inference.saved[index][0].values)
      #expect(training.saved[index][1].values == inference.saved[index][1].values)
    }
    #expect(layers[0].varianceGradient(in: training.saved[0]) == nil)
    #expect(layers[1].varianceGradient(in: training.saved[1]) == nil)
  }

  @Test(arguments: [0, 2], [1, 3])
  func gradientsAgreeWithDifferences(samples: Int, size: Int) throws {
    let layers = try layers(samples: samples, size: size)
    let random = RandomStream(seed: 9)
    let start = randomValues(shape.count, seed: 3)
    let input = try Tensor(shape, values: start)
    let weights = randomValues(2 * 3 * 2 * 3, seed: 12)
    func loss() -> Double {
      let pass = try? forward(layers, input, random: random)
      return pass.map { weightedSum($0.outputs[1].values, weights) } ?? .nan
    }
    let pass = try forward(layers, input, random: random)
    let hidden = try Tensor(pass.outputs[0].shape)
    let inputGradient = try Tensor(shape)
    layers[1].backward(
      BackwardPass(
        backend: backend, inputs: [pass.outputs[0]], output: pass.outputs[1],
        outputGradient: try Tensor(pass.outputs[1].shape, values: weights),
        inputGradients: [GradientTarget(hidden, accumulate: false)], saved: pass.saved[1]))
    layers[0].backward(
      BackwardPass(
        backend: backend, inputs: [input], output: pass.outputs[0], outputGradient: hidden,
        inputGradients: [GradientTarget(inputGradient, accumulate: false)], saved: pass.saved[0]))
    expectGradient(
      at: start, inputGradient.values, step: 1e-3, tolerance: 2e-2, directional: 2e-3, "input"
    ) {
      input.update(from: $0)
      defer { input.update(from: start) }
      return loss()
    }
    for (index, layer) in layers.enumerated() {
      for parameter in layer.parameters {
        let original = parameter.values.values
        let gradient = parameter.gradient?.values ?? []
        expectGradient(
          at: original, gradient, step: 1e-3, tolerance: 2e-2, directional: 2e-3,
          "\(index) \(parameter.name)"
        ) {
          parameter.values.update(from: $0)
          defer { parameter.values.update(from: original) }
          return loss()
        }
      }
    }
  }

  @Test func aLossOnTheVariance() throws {
    // L = Σ a σ² with weights a, beside no loss on the output.
    let layer = try ConvBayes(inputChannels: 5, filters: 3, size: 3, padding: 1, sampleCount: 0)
    fill(layer)
    let start = randomValues(shape.count, seed: 3)
    let input = try Tensor(shape, values: start)
    let factors = randomValues(2 * 3 * 2 * 3, seed: 4)
    func loss() -> Double {
      let pass = try? forward([layer], input, random: RandomStream(seed: 1))
      return pass.map { weightedSum(layer.moments(in: $0.saved[0]).variance.values, factors) }
        ?? .nan
    }
    let pass = try forward([layer], input, random: RandomStream(seed: 1))
    let target = try #require(layer.varianceGradient(in: pass.saved[0]))
    #expect(target.values.allSatisfy { $0 == 0 })
    target.update(from: factors)
    let inputGradient = try Tensor(shape)
    layer.backward(
      BackwardPass(
        backend: backend, inputs: [input], output: pass.outputs[0],
        outputGradient: try Tensor(pass.outputs[0].shape),
        inputGradients: [GradientTarget(inputGradient, accumulate: false)], saved: pass.saved[0]))
    expectGradient(at: start, inputGradient.values, step: 3e-3, "input") {
      input.update(from: $0)
      defer { input.update(from: start) }
      return loss()
    }
    let original = layer.weights.values.values
    expectGradient(at: original, layer.weights.gradient?.values ?? [], step: 3e-3, "weights") {
      layer.weights.values.update(from: $0)
      defer { layer.weights.values.update(from: original) }
      return loss()
    }
    #expect(layer.biases.gradient?.values == [0, 0, 0])
  }

  @Test func otherActivationsAreRefused() {
    #expect(throws: LayerError.self) {
      try ConvBayes(inputChannels: 2, filters: 2, activation: .swish)
    }
  }
}
