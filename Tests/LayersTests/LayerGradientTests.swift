import Compute
import Layers
import TestSupport
import Testing

/// Gradients of the layers without windows or weights; those of ``Connected``.
@Suite struct LayerGradientTests {
  typealias Values = LayerHarness.Values

  @Test(arguments: Activation.allCases)
  func shortcutOfEqualShapes(_ activation: Activation) throws {
    let shape = Shape(batch: 3, height: 5, width: 3, channels: 7)
    // Sums of ±(0.17…1.7): clear of 0, -2 and 6; half of them clear of 1, too.
    let reach: Float = activation == .hardtan ? 0.5 : 1
    let side = valuesAwayFromZero(shape.count, seed: 1).map { $0 * reach }
    try LayerHarness(Shortcut(activation: activation)).checkGradients([
      Values(shape, side), Values(shape, side.map { $0 * 0.7 }),
    ])
  }

  @Test(arguments: [
    Shape(batch: 3, height: 4, width: 6, channels: 5),
    Shape(batch: 3, height: 4, width: 6, channels: 3),
    Shape(batch: 3, height: 8, width: 12, channels: 5),
    Shape(batch: 3, height: 8, width: 12, channels: 3),
    Shape(batch: 3, height: 2, width: 3, channels: 7),
    Shape(batch: 3, height: 2, width: 3, channels: 2),
  ])
  func shortcutOfUnequalShapes(_ other: Shape) throws {
    let shape = Shape(batch: 3, height: 4, width: 6, channels: 5)
    let first = randomValues(shape.count, in: 2...3, seed: 1).enumerated().map {
      $0 % 2 == 0 ? $1 : -$1
    }
    for activation in [Activation.linear, .leaky, .mish] {
      try LayerHarness(Shortcut(activation: activation)).checkGradients([
        Values(shape, first), Values(other, seed: 2),
      ])
    }
  }

  @Test func shortcutOfThreeInputs() throws {
    let shape = Shape(batch: 3, height: 3, width: 5, channels: 2)
    let half = Shape(batch: 3, height: 3, width: 5, channels: 3)
    for activation in [Activation.linear, .logistic, .swish] {
      try LayerHarness(Shortcut(activation: activation)).checkGradients([
        Values(shape, seed: 1), Values(half, seed: 2), Values(shape, seed: 3),
      ])
    }
  }

  @Test func routeOfOneTwoAndThreeInputs() throws {
    let inputs = [5, 2, 7].enumerated().map { i, channels in
      Values(Shape(batch: 3, height: 3, width: 5, channels: channels), seed: UInt64(i))
    }
    for count in 1...3 {
      try LayerHarness(Route()).checkGradients(Array(inputs.prefix(count)))
    }
  }

  @Test(arguments: 0..<3)
  func routeOfAGroup(_ id: Int) throws {
    let inputs = [6, 3].enumerated().map { i, channels in
      Values(Shape(batch: 3, height: 2, width: 5, channels: channels), seed: UInt64(i))
    }
    let harness = LayerHarness(try Route(groups: 3, groupID: id))
    try harness.checkGradients([inputs[0]])
    try harness.checkGradients(inputs)
  }

  @Test(arguments: 1...3, [1, -0.3] as [Float])
  func upsample(_ stride: Int, scale: Float) throws {
    try LayerHarness(Upsample(stride: stride, scale: scale)).checkGradients([
      Values(Shape(batch: 3, height: 3, width: 5, channels: 7), seed: 4)
    ])
  }

  @Test(arguments: [false, true], [Activation.linear, .leaky, .logistic, .mish])
  func connected(_ batchNormalize: Bool, _ activation: Activation) throws {
    let shape = Shape(batch: batchNormalize ? 11 : 3, height: 2, width: 3, channels: 5)
    let layer = try Connected(
      inputShape: shape, outputs: 7, batchNormalize: batchNormalize, activation: activation)
    let isLinear = !batchNormalize && [.linear, .leaky].contains(activation)
    let reach: Float = batchNormalize ? 1 : isLinear ? 0.05 : 0.2
    layer.weights.values.update(
      from: randomValues(layer.weights.values.count, in: -reach...reach, seed: 5))
    let side: Float = activation == .leaky ? 2.5 : 0.5
    layer.biases.values.update(from: (0..<7).map { $0 % 2 == 0 ? side : -side })
    layer.parameters.first { $0.name == "scales" }?.values.update(
      from: (0..<7).map { Float($0) * 0.03 + 0.3 })
    try LayerHarness(layer).checkGradients(
      [Values(shape, seed: 6)], step: isLinear ? 0.2 : 1e-2,
      tolerance: batchNormalize ? 3e-3 : 1e-3, directional: batchNormalize ? 1e-3 : 2e-4)
  }

  @Test(arguments: [0, 0.25, 0.5] as [Float])
  func dropout(_ probability: Float) throws {
    try LayerHarness(Dropout(probability: probability)).checkGradients([
      Values(Shape(batch: 3, height: 3, width: 5, channels: 7), seed: 8)
    ])
  }

  @Test(arguments: [Activation.linear, .leaky, .relu, .logistic])
  func scaleChannels(_ activation: Activation) throws {
    let map = Shape(batch: 3, height: 3, width: 5, channels: 7)
    let gates = Shape(batch: 3, channels: 7)
    try LayerHarness(ScaleChannels(activation: activation)).checkGradients(
      [
        Values(gates, valuesAwayFromZero(gates.count, seed: 1)),
        Values(map, valuesAwayFromZero(map.count, seed: 2)),
      ])
  }

  @Test(arguments: [Activation.linear, .leaky, .logistic, .tanh])
  func sam(_ activation: Activation) throws {
    let shape = Shape(batch: 3, height: 3, width: 5, channels: 7)
    try LayerHarness(Sam(activation: activation)).checkGradients(
      [
        Values(shape, valuesAwayFromZero(shape.count, seed: 1)),
        Values(shape, valuesAwayFromZero(shape.count, seed: 2)),
      ])
  }

  @Test(arguments: [(1, 7), (3, 2), (5, 1), (2, 5)])
  func softmax(_ groups: Int, length: Int) throws {
    let shape = Shape(batch: 3, channels: groups * length)
    let harness = LayerHarness(try Softmax(groups: groups))
    if length > 1 {
      try harness.checkGradients([Values(shape, randomValues(shape.count, in: -3...3, seed: 3))])
    } else {
      // A softmax of one value is constant.
      let run = try harness.forward([Values(shape, seed: 3)])
      #expect(run.output.values.allSatisfy { $0 == 1 })
      let gradient = try harness.backward(
        run, outputGradient: randomValues(shape.count), targets: [[]])
      #expect(gradient[0]?.allSatisfy { $0 == 0 } == true)
    }
  }

  @Test func softmaxOverAMap() throws {
    try LayerHarness(Softmax(groups: 2)).checkGradients([
      Values(Shape(batch: 3, height: 2, width: 1, channels: 5), seed: 9)
    ])
  }

  @Test(arguments: [1, 2, 3])
  func reorg(_ stride: Int) throws {
    try LayerHarness(Reorg(stride: stride)).checkGradients([
      Values(Shape(batch: 3, height: 6, width: 12, channels: 18 * stride), seed: 4)
    ])
  }

  @Test(arguments: ["yolo", "region"])
  func head(_ kind: String) throws {
    try LayerHarness(HeadLayer(kind: kind)).checkGradients([
      Values(Shape(batch: 3, height: 3, width: 5, channels: 21), seed: 4)
    ])
  }
}
