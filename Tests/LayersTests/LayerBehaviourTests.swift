import Compute
import Layers
import TestSupport
import Testing

/// What layers do besides values and gradients: modes, noise, statistics, refusals.
@Suite struct LayerBehaviourTests {
  typealias Values = LayerHarness.Values

  @Test func foldedInferenceEqualsNormalisationByRollingStatistics() throws {
    let layer = try Convolution(
      inputChannels: 3, filters: 5, size: 3, stride: 1, padding: 1, batchNormalize: true,
      activation: .linear)
    setPatterns(layer)
    let plain = try Convolution(
      inputChannels: 3, filters: 5, size: 3, stride: 1, padding: 1, batchNormalize: false,
      activation: .linear)
    plain.weights.values.update(from: layer.weights.values)
    let input = Values(Shape(batch: 2, height: 4, width: 5, channels: 3), seed: 1)
    let folded = try LayerHarness(layer, mode: .inference).forward([input]).output.values
    let z = try LayerHarness(plain, mode: .inference).forward([input]).output.values
    let normalization = try #require(layer.normalization)
    let (scales, biases) = (normalization.scales.values.values, layer.biases.values.values)
    let mean = normalization.rollingMean.values.values
    let variance = normalization.rollingVariance.values.values
    expectClose(
      folded,
      z.enumerated().map { i, z in
        let k = i % 5
        return scales[k] * (z - mean[k]) / (variance[k] + 1e-5).squareRoot() + biases[k]
      }, relative: 1e-5, absolute: 1e-6)
  }

  @Test func foldedWeightsFollowTheParameters() throws {
    let layer = try Convolution(
      inputChannels: 2, filters: 3, size: 1, stride: 1, padding: 0, batchNormalize: true,
      activation: .linear)
    setPatterns(layer)
    let input = Values(Shape(batch: 3, height: 2, width: 2, channels: 2), seed: 1)
    let inference = LayerHarness(layer, mode: .inference)
    let before = try inference.forward([input]).output.values
    layer.biases.values.update(from: layer.biases.values.values.map { $0 + 1 })
    layer.parametersDidChange()
    let after = try inference.forward([input]).output.values
    expectClose(after, before.map { $0 + 1 }, "after parametersDidChange")
    _ = try LayerHarness(layer).forward([input])
    let trained = try inference.forward([input]).output.values
    #expect(trained != after, "a training pass moves the rolling statistics")
  }

  @Test func inferenceLeavesTheStatisticsAlone() throws {
    let layer = try Convolution(
      inputChannels: 2, filters: 3, size: 1, stride: 1, padding: 0, batchNormalize: true,
      activation: .linear)
    setPatterns(layer)
    let before = layer.parameters.map(\.values.values)
    let input = Values(Shape(batch: 3, height: 2, width: 2, channels: 2), seed: 1)
    _ = try LayerHarness(layer, mode: .inference).forward([input])
    #expect(layer.parameters.map(\.values.values) == before)
  }

  @Test func aBatchOfOnePixelHasNoVariance() throws {
    let layer = try Convolution(
      inputChannels: 2, filters: 3, size: 1, stride: 1, padding: 0, batchNormalize: true,
      activation: .linear)
    setPatterns(layer)
    let run = try LayerHarness(layer).forward([Values(Shape(channels: 2), seed: 1)])
    expectClose(run.output.values, layer.biases.values.values, absolute: 1e-5)
    for parameter in layer.parameters {
      #expect(parameter.values.values.allSatisfy { $0.isFinite })
    }
  }

  @Test func constantChannelsGiveFiniteGradients() throws {
    let layer = try Convolution(
      inputChannels: 2, filters: 3, size: 1, stride: 1, padding: 0, batchNormalize: true,
      activation: .leaky)
    setPatterns(layer)
    let shape = Shape(batch: 3, height: 4, width: 4, channels: 2)
    let harness = LayerHarness(layer)
    let run = try harness.forward([Values(shape, [Float](repeating: 1000, count: shape.count))])
    let gradient = try harness.backward(
      run, outputGradient: randomValues(run.output.count), targets: [[]])
    #expect(run.output.values.allSatisfy { $0.isFinite })
    #expect(gradient[0]?.allSatisfy { $0.isFinite } == true)
  }

  @Test func dropoutDependsOnItsStreamOnly() throws {
    let shape = Shape(batch: 3, height: 40, width: 40, channels: 19)
    let input = Values(shape, [Float](repeating: 2, count: shape.count))
    var harness = LayerHarness(try Dropout(probability: 0.25))
    let first = try harness.forward([input]).output.values
    let again = try harness.forward([input]).output.values
    #expect(again == first)
    #expect(first.allSatisfy { $0 == 0 || abs($0 - 2 / 0.75) < 1e-6 })
    let dropped = Double(first.count { $0 == 0 }) / Double(first.count)
    // Five standard deviations of a binomial share.
    #expect(abs(dropped - 0.25) < 5 * (0.25 * 0.75 / Double(first.count)).squareRoot())
    harness.random = RandomStream(seed: 12)
    let other = try harness.forward([input]).output.values
    #expect(other != first)
    harness.mode = .inference
    let silent = try harness.forward([input]).output.values
    #expect(silent == input.values)
  }

  @Test func routeTakesChannelsInOrder() throws {
    let a = Values(Shape(height: 1, width: 2, channels: 2), [1, 2, 3, 4])
    let b = Values(Shape(height: 1, width: 2, channels: 4), [10, 20, 30, 40, 50, 60, 70, 80])
    let all = try LayerHarness(Route()).forward([a, b]).output.values
    #expect(all == [1, 2, 10, 20, 30, 40, 3, 4, 50, 60, 70, 80])
    let half = try LayerHarness(Route(groups: 2, groupID: 1)).forward([a, b]).output.values
    #expect(half == [2, 30, 40, 4, 70, 80])
  }

  @Test func mishAndSwishShortcutsWorkInInference() throws {
    let shape = Shape(batch: 2, height: 2, width: 3, channels: 3)
    for activation in [Activation.mish, .swish, .leaky, .linear] {
      let layer = Shortcut(activation: activation)
      let inputs = [Values(shape, seed: 1), Values(shape, seed: 2)]
      let inference = try LayerHarness(layer, mode: .inference).forward(inputs).output.values
      let training = try LayerHarness(layer).forward(inputs).output.values
      #expect(inference == training)
    }
  }

  @Test func darknetsMaxPoolSizes() throws {
    let input = Shape(height: 13, width: 26, channels: 4)
    for (size, stride, height, width) in [(2, 2, 7, 13), (2, 1, 13, 26), (13, 1, 13, 26)] {
      let output = try MaxPool(.init(size: size, stride: stride)).outputShape(for: [input])
      #expect(output == Shape(height: height, width: width, channels: 4))
    }
  }

  @Test func impossibleArgumentsAreRefused() {
    #expect(throws: LayerError.self) {
      try Convolution(
        inputChannels: 3, filters: 4, size: 3, stride: 1, padding: 1, groups: 2,
        batchNormalize: false, activation: .linear)
    }
    #expect(throws: LayerError.self) {
      try Convolution(
        inputChannels: 3, filters: 4, size: 0, stride: 1, padding: 1, batchNormalize: false,
        activation: .linear)
    }
    #expect(throws: LayerError.self) { try MaxPool(.init(size: 0, stride: 1)) }
    #expect(throws: LayerError.self) { try MaxPool(.init(size: 2, stride: 0)) }
    // A window that lies wholly outside has no maximum.
    #expect(throws: LayerError.self) { try MaxPool(.init(size: 2, stride: 1, padding: 3)) }
    #expect(throws: LayerError.self) { try MaxPool(.init(size: 1, stride: 1, padding: 1)) }
    #expect(throws: Never.self) { try MaxPool(.init(size: 2, stride: 1, padding: 2)) }
    #expect(throws: LayerError.self) { try Route(groups: 2, groupID: 2) }
    #expect(throws: LayerError.self) { try Upsample(stride: 0) }
    #expect(throws: LayerError.self) { try Dropout(probability: 1) }
    #expect(throws: LayerError.self) { try Reorg(stride: 0) }
    #expect(throws: LayerError.self) { try Softmax(groups: 0) }
    #expect(throws: LayerError.self) { try ScaleChannels(activation: .mish) }
    #expect(throws: LayerError.self) { try Sam(activation: .gelu) }
    #expect(throws: LayerError.self) { try DepthMaxPool(channels: 0) }
    #expect(throws: LayerError.self) { try LocalAveragePool(.init(size: 2, stride: 1, padding: 3)) }
    #expect(throws: LayerError.self) {
      try Convolution(
        inputChannels: 3, filters: 4, size: 3, stride: 1, padding: 1, dilation: 0,
        batchNormalize: false, activation: .linear)
    }
  }

  @Test func inputsThatDoNotFitAreRefused() throws {
    let shape = Shape(batch: 2, height: 5, width: 7, channels: 3)
    let convolution = try Convolution(
      inputChannels: 4, filters: 4, size: 3, stride: 1, padding: 1, batchNormalize: false,
      activation: .linear)
    #expect(throws: LayerError.self) { try convolution.outputShape(for: [shape]) }
    #expect(throws: LayerError.self) { try convolution.outputShape(for: []) }
    let valid = try Convolution(
      inputChannels: 3, filters: 4, size: 7, stride: 1, padding: 0, batchNormalize: false,
      activation: .linear)
    #expect(throws: LayerError.self) { try valid.outputShape(for: [shape]) }
    let odd = Shape(batch: 2, height: 2, width: 3, channels: 3)
    #expect(throws: LayerError.self) {
      try Shortcut(activation: .linear).outputShape(for: [shape, odd])
    }
    #expect(throws: LayerError.self) { try Shortcut(activation: .linear).outputShape(for: [shape]) }
    #expect(throws: LayerError.self) { try Route().outputShape(for: [shape, odd]) }
    #expect(throws: LayerError.self) { try Route(groups: 2).outputShape(for: [shape]) }
    #expect(throws: LayerError.self) { try Route().outputShape(for: []) }
    #expect(throws: LayerError.self) { try Reorg(stride: 2).outputShape(for: [shape]) }
    #expect(throws: LayerError.self) { try Softmax(groups: 2).outputShape(for: [shape]) }
    #expect(throws: LayerError.self) {
      try ScaleChannels(activation: .linear).outputShape(for: [shape, shape])
    }
    #expect(throws: LayerError.self) {
      try Sam(activation: .linear).outputShape(for: [shape, odd])
    }
    #expect(throws: LayerError.self) { try DepthMaxPool(channels: 2).outputShape(for: [shape]) }
    #expect(throws: LayerError.self) { try AveragePool().outputShape(for: [shape, shape]) }
    let connected = try Connected(
      inputShape: shape, outputs: 2, batchNormalize: false, activation: .linear)
    #expect(throws: LayerError.self) { try connected.outputShape(for: [odd]) }
  }

  @Test func operationsAreCountedAsDarknetDoes() throws {
    // The second layer of YOLOv3: 64 3x3/2 at 416x416x32 is 1.595 BFLOPs.
    let layer = try Convolution(
      inputChannels: 32, filters: 64, size: 3, stride: 2, padding: 1, batchNormalize: true,
      activation: .leaky)
    let count = try layer.floatingPointOperations(
      for: [Shape(height: 416, width: 416, channels: 32)])
    #expect(abs(count / 1e9 - 1.595) < 5e-4)
  }

  @Test func parametersComeInTheOrderOfTheFile() throws {
    let convolution = try Convolution(
      inputChannels: 3, filters: 4, size: 3, stride: 1, padding: 1, batchNormalize: true,
      activation: .linear)
    #expect(
      convolution.parameters.map(\.name)
        == ["biases", "scales", "rolling_mean", "rolling_variance", "weights"])
    #expect(convolution.parameters.filter(\.decays).map(\.name) == ["weights"])
    let connected = try Connected(
      inputShape: Shape(channels: 3), outputs: 2, batchNormalize: true, activation: .linear)
    #expect(
      connected.parameters.map(\.name)
        == ["biases", "weights", "scales", "rolling_mean", "rolling_variance"])
  }
}
