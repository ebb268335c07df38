import Compute
import Layers
import TestSupport
import Testing
import Uncertainty

@Suite struct ConvBayesTests {
  private let shape = Shape(batch: 3, height: 4, width: 5, channels: 7)

  private func layer(
    _ variance: RelativeVariance = .fixed(0.25), warmUp: Int = 0, samples: Int = 10,
    noise: ConvBayes.Noise = .element, size: Int = 3, filters: Int = 3
  ) throws -> ConvBayes {
    let layer = try ConvBayes(
      inputChannels: 7, filters: filters, size: size, padding: size / 2,
      relativeVariance: variance, divergenceWarmUp: warmUp, sampleCount: samples, noise: noise)
    fill(layer)
    return layer
  }

  @Test func agreesWithReference() throws {
    let cases = try goldenCases("uncertainty").filter { $0.name.hasPrefix("convolution") }
    #expect(cases.count == 2)
    for golden in cases {
      func number(_ name: String) throws -> Int { Int(try #require(golden.numbers[name])) }
      let variance = Float(try #require(golden.numbers["relativeVariance"]))
      let shape = Shape(
        batch: try number("batch"), height: try number("height"), width: try number("width"),
        channels: try number("channels"))
      for learned in [false, true] {
        let layer = try ConvBayes(
          inputChannels: shape.channels, filters: number("filters"), size: number("size"),
          stride: number("stride"), padding: number("padding"),
          relativeVariance: learned
            ? .learned(initial: variance, divergenceWeight: 1e-12) : .fixed(variance),
          sampleCount: number("samples"),
          noise: number("perChannel") == 1 ? .channel : .element)
        layer.weights.values.update(from: try golden.array("weights"))
        layer.biases.values.update(from: try golden.array("biases"))
        var harness = ConvBayesHarness(layer, shape)
        harness.random = RandomStream(seed: UInt64(try number("seed")))
        let run = try harness.forward(golden.array("input"))
        func check(_ actual: [Float], _ name: String) throws {
          expectClose(
            actual, try golden.array(name), relative: 1e-5, absolute: 3e-6, "\(golden.name) \(name)"
          )
        }
        try check(run.output.values, "output")
        try check(layer.moments(in: run.saved).mean.values, "mean")
        try check(layer.moments(in: run.saved).variance.values, "variance")
        try check(harness.backward(run, golden.array("outputGradient")), "inputGradient")
        try check(layer.weights.gradient?.values ?? [], "weightGradient")
        try check(layer.biases.gradient?.values ?? [], "biasGradient")
        if learned {
          try check(layer.logRelativeVariances?.gradient?.values ?? [], "logVarianceGradient")
        }
      }
    }
  }

  @Test(arguments: ConvBayes.Noise.allCases, [1, 3])
  func gradientsAgreeWithDifferences(noise: ConvBayes.Noise, size: Int) throws {
    // At its first iteration 1x1 has a quarter of the divergence, 3x3 all of it.
    let warmUp = size == 1 ? 4 : 0
    let layer = try layer(
      .learned(initial: 0.6, divergenceWeight: 0.02), warmUp: warmUp, samples: 2, noise: noise,
      size: size)
    let iteration = 0
    let harness = ConvBayesHarness(layer, shape)
    let input = randomValues(shape.count, seed: 3)
    let run = try harness.forward(input)
    let weights = randomValues(run.output.count, seed: 77)
    func loss(_ x: [Float]) -> Double {
      // The divergence counts once for each image.
      let output = try? harness.forward(x).output.values
      return output.map { weightedSum($0, weights) + 3 * layer.weightedDivergence(at: iteration) }
        ?? .nan
    }
    _ = loss(input)
    let gradient = try harness.backward(run, weights)
    let parameters = layer.parameters.map { ($0, $0.gradient?.values ?? []) }
    expectGradient(at: input, gradient, step: 3e-3, "input", loss: loss)
    for (parameter, gradient) in parameters {
      let original = parameter.values.values
      // Few coordinates need a longer step: rounding does not average out.
      let step: Float = original.count > 3 ? 3e-3 : 1e-2
      expectGradient(at: original, gradient, step: step, parameter.name) {
        parameter.values.update(from: $0)
        return loss(input)
      }
      parameter.values.update(from: original)
    }
    let held = randomValues(shape.count, seed: 8)
    expectClose(
      try harness.backward(harness.forward(input), weights, adding: held),
      zip(held, gradient).map { $0 + $1 }, relative: 1e-5, absolute: 1e-5)
  }

  @Test func zeroRelativeVarianceIsTheConvolution() throws {
    let bayes = try layer(.fixed(0))
    let plain = try Convolution(
      inputChannels: 7, filters: 3, size: 3, stride: 1, padding: 1, batchNormalize: false,
      activation: .linear)
    plain.weights.values.update(from: bayes.weights.values)
    plain.biases.values.update(from: bayes.biases.values)
    let input = randomValues(shape.count, seed: 3)
    let gradient = randomValues(shape.rows * 3, seed: 4)
    let (a, b) = (ConvBayesHarness(bayes, shape), ConvBayesHarness(plain, shape))
    let (mine, other) = (try a.forward(input), try b.forward(input))
    #expect(mine.output.values == other.output.values)
    #expect(mine.saved[1].values.allSatisfy { $0 == 0 })
    #expect(try a.backward(mine, gradient) == b.backward(other, gradient))
    #expect(bayes.weights.gradient?.values == plain.weights.gradient?.values)
    #expect(bayes.biases.gradient?.values == plain.biases.gradient?.values)
  }

  @Test func drawingNeverChangesTheMoments() throws {
    let input = randomValues(shape.count, seed: 3)
    var harness = ConvBayesHarness(try layer(), shape)
    let first = try harness.forward(input)
    #expect(try harness.forward(input).output.values == first.output.values)
    #expect(first.output.values != first.saved[0].values)
    harness.random = RandomStream(seed: 12)
    let second = try harness.forward(input)
    #expect(second.output.values != first.output.values)
    harness.mode = .inference
    harness.savesInInference = true
    let inference = try harness.forward(input)
    let silent = try ConvBayesHarness(layer(samples: 0), shape).forward(input)
    for run in [second, inference, silent] {
      #expect(run.saved[0].values == first.saved[0].values)
      #expect(run.saved[1].values == first.saved[1].values)
    }
    harness.savesInInference = false
    for run in [inference, silent, try harness.forward(input)] {
      #expect(run.output.values == first.saved[0].values)
    }
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let large = Shape(batch: 2, height: 40, width: 41, channels: 7)
    let input = randomValues(large.count, seed: 3)
    let bayes = try layer(filters: 12)
    var values: [[Float]] = []
    for threads in [1, 4] {
      var harness = ConvBayesHarness(bayes, large)
      harness.backend = CPUBackend(pool: try ThreadPool(threadCount: threads))
      let run = try harness.forward(input)
      let gradient = try harness.backward(run, run.output.values)
      values.append(run.output.values + gradient + (bayes.weights.gradient?.values ?? []))
    }
    #expect(values[0] == values[1])
  }

  /// So many values that they are squared and drawn in several parts.
  @Test func largeInputsAreWorkedOnInParts() throws {
    let large = Shape(batch: 3, height: 230, width: 230, channels: 7)
    let input = randomValues(large.count, seed: 3)
    let bayes = try layer(size: 1, filters: 1)
    let run = try ConvBayesHarness(bayes, large).forward(input)
    let gradient = randomValues(run.output.count, seed: 4)
    let inputGradient = try ConvBayesHarness(bayes, large).backward(run, gradient)
    let weightGradient = try #require(bayes.weights.gradient).values
    let noise = run.saved[2].values
    #expect(noise[..<99] != noise[(1 << 15)..<(1 << 15) + 99])

    var sum = [Float](repeating: 0, count: weightGradient.count)
    let one = Shape(height: 230, width: 230, channels: 7)
    for image in 0..<3 {
      let inputs = Array(input[image * one.count..<(image + 1) * one.count])
      let outputs = image * one.rows..<(image + 1) * one.rows
      let harness = ConvBayesHarness(bayes, one)
      let single = try harness.forward(inputs)
      #expect(single.saved[1].values == Array(run.saved[1].values[outputs]))
      single.saved[2].update(from: Array(noise[outputs]))
      let part = try harness.backward(single, Array(gradient[outputs]))
      #expect(part == Array(inputGradient[image * one.count..<(image + 1) * one.count]))
      sum = zip(sum, try #require(bayes.weights.gradient).values).map { $0 + $1 }
    }
    expectClose(weightGradient, sum, relative: 1e-4, absolute: 0.05)
  }

  @Test(arguments: ConvBayes.Noise.allCases, [1, 10])
  func empiricalVariance(noise: ConvBayes.Noise, samples: Int) throws {
    let small = Shape(height: 3, width: 2, channels: 7)
    var harness = ConvBayesHarness(try layer(samples: samples, noise: noise), small)
    let input = randomValues(small.count, seed: 3)
    let draws = 4000
    var sum = [Double](repeating: 0, count: 18)
    var squares = sum
    var products = 0.0
    var run = try harness.forward(input)
    let (mean, variance) = (run.saved[0].values, run.saved[1].values)
    for draw in 0..<draws {
      harness.random = RandomStream(seed: 100).split(UInt64(draw))
      run = try harness.forward(input)
      let z = zip(run.output.values, zip(mean, variance)).map {
        Double($0 - $1.0) / Double($1.1 + 1e-8).squareRoot()
      }
      for i in z.indices {
        sum[i] += z[i]
        squares[i] += z[i] * z[i]
      }
      products += z[0] * z[3]  // two pixels of one channel
    }
    let expected = 1 / Double(samples)
    for i in sum.indices {
      // Four standard errors of mean and variance of normal numbers.
      #expect(abs(sum[i]) / Double(draws) < 4 * (expected / Double(draws)).squareRoot())
      #expect(
        abs(squares[i] / Double(draws) - expected) < 4 * expected * (2 / Double(draws)).squareRoot()
      )
    }
    let correlation = products / Double(draws) / expected
    #expect(abs(correlation - (noise == .channel ? 1 : 0)) < 0.09)
  }

  @Test func deviationIsHomogeneousInTheWeights() throws {
    let bayes = try layer()
    let harness = ConvBayesHarness(bayes, shape)
    let input = randomValues(shape.count, seed: 3)
    let before = try harness.forward(input).saved[1].values
    let weights = bayes.weights.values.values
    // k · dσ/dk = σ: σ grows with the factor of k.
    let factor: Float = 1.01
    bayes.weights.values.update(from: weights.map { $0 * factor })
    let after = try harness.forward(input).saved[1].values
    expectClose(
      zip(after, before).map { ($0.squareRoot() - $1.squareRoot()) / (factor - 1) },
      before.map { $0.squareRoot() }, relative: 1e-3)
  }

  @Test func zeroInputGivesZeroGradients() throws {
    let bayes = try layer()
    let harness = ConvBayesHarness(bayes, shape)
    let run = try harness.forward([Float](repeating: 0, count: shape.count))
    #expect(run.saved[1].values.allSatisfy { $0 == 0 })
    let ones = [Float](repeating: 1, count: run.output.count)
    _ = try harness.backward(run, ones)
    #expect(try #require(bayes.weights.gradient).values.allSatisfy { $0 == 0 })
    // Zero weights: nothing but the mean's gradient, which is zero as well.
    bayes.weights.values.update(from: [Float](repeating: 0, count: bayes.weights.values.count))
    let dead = try harness.forward(randomValues(shape.count))
    #expect(try harness.backward(dead, ones).allSatisfy { $0 == 0 })
    #expect(try #require(bayes.weights.gradient).values.allSatisfy { $0.isFinite })
  }

  @Test func divergenceMatchesKnownValues() {
    for (logarithm, nats) in [(-5, 3.13668), (-2.302585, 1.72345), (0, 0.43124), (3, 0.02542)] {
      #expect(abs(RelativeVariance.divergence(logarithm: logarithm) - nats) < 1e-5)
    }
  }

  @Test func divergenceRisesOverItsWarmUp() throws {
    let bayes = try layer(.learned(initial: 1, divergenceWeight: 0.5), warmUp: 4)
    let full = try layer(.learned(initial: 1, divergenceWeight: 0.5)).weightedDivergence(at: 0)
    // 63 weights for each of three filters, each 0.43124 nats at λ = 1.
    #expect(abs(full - 0.5 * 3 * 63 * 0.43124) < 1e-3)
    for (iteration, share) in [(0, 0.25), (1, 0.5), (3, 1), (4, 1), (100, 1)] {
      #expect(abs(bayes.weightedDivergence(at: iteration) - share * full) < 1e-9)
    }
  }

  @Test func learnedVarianceStaysInRange() throws {
    let bayes = try layer(.learned(initial: 1, divergenceWeight: 1))
    bayes.logRelativeVariances?.values.update(from: [100, -100, 0.5])
    let run = try ConvBayesHarness(bayes, shape).forward(randomValues(shape.count))
    #expect(bayes.logRelativeVariances?.values.values == [8, -8, 0.5])
    #expect(run.saved[1].values.allSatisfy { $0.isFinite })
  }

  @Test func refusesBadOptions() throws {
    func refuses(_ words: String, _ make: () throws -> ConvBayes) {
      let error = #expect(throws: LayerError.self) { try make() }
      let text = error?.description ?? ""
      #expect(text.contains(words))
    }
    refuses("relative_variance=-0.1") { try layer(.fixed(-0.1)) }
    refuses("relative_variance=nan") { try layer(.fixed(.nan)) }
    refuses("divergence_warmup=-1") { try layer(warmUp: -1) }
    refuses("samples=-1") { try layer(samples: -1) }
    refuses("positive divergence weight") {
      try layer(.learned(initial: 0.25, divergenceWeight: 0))
    }
    refuses("cannot be learned from") { try layer(.learned(initial: 0, divergenceWeight: 1)) }
    refuses("samples=0") { try layer(.learned(initial: 1, divergenceWeight: 1), samples: 0) }
    refuses("must be positive") { try layer(size: 0) }
    refuses("groups=2") { try ConvBayes(inputChannels: 7, filters: 2, groups: 2) }
    #expect(throws: LayerError.self) {
      try layer().outputShape(for: [Shape(height: 4, width: 4, channels: 6)])
    }
  }
}
