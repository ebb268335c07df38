import Compute
import Layers
import TestSupport
import Testing

/// Values and gradients against PyTorch and NumPy; `Tests/Golden/scripts/layers.py` made them.
@Suite struct LayerGoldenTests {
  typealias Values = LayerHarness.Values

  @Test func convolutions() throws {
    let cases = try goldens("convolution ")
    #expect(cases.count == 8)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let layer = try Convolution(
        inputChannels: number("channels"), filters: number("filters"), size: number("size"),
        stride: number("stride"), padding: number("padding"), groups: number("groups"),
        dilation: Int(golden.numbers["dilation"] ?? 1), batchNormalize: number("normalize") == 1,
        activation: Activation.allCases[number("activation")])
      setPatterns(layer)
      let input = try Shape(
        batch: number("batch"), height: number("height"), width: number("width"),
        channels: number("channels"))
      try check(layer, [pattern(input, 1)], golden, names: ["d_input"])
    }
  }

  @Test func connectedLayer() throws {
    let golden = try #require(try goldens("connected normalised").first)
    let shape = Shape(batch: 5, height: 2, width: 3, channels: 2)
    let layer = try Connected(
      inputShape: shape, outputs: 3, batchNormalize: true, activation: .leaky)
    setPatterns(layer)
    try check(layer, [pattern(shape, 1)], golden, names: ["d_input"])
  }

  @Test(arguments: Activation.allCases)
  func activations(_ activation: Activation) throws {
    let golden = try #require(try goldens("activation \(activation.rawValue)").first)
    let x = try golden.array("input")
    let backend = CPUBackend(pool: sharedPool)
    let input = try Tensor(Shape(channels: x.count), values: x)
    let output = try Tensor(input.shape)
    backend.activate(input, activation, into: output)
    expectClose(
      output.values, try golden.array("output"), relative: 1e-6, absolute: 1e-12, "value")
    let ones = [Float](repeating: 1, count: x.count)
    let gradient = try Tensor(input.shape, values: ones)
    backend.activationGradient(gradient, input: input, activation)
    // 1 − σ and 1 − tanh² leave 1e-7 of absolute rounding.
    expectClose(
      gradient.values, try golden.array("slope"), relative: 2e-6, absolute: 3e-7, "slope")
    if activation.hasGradientFromOutput {
      gradient.update(from: ones)
      backend.activationGradient(gradient, output: output, activation)
      expectClose(
        gradient.values, try golden.array("slope"), relative: 2e-6, absolute: 3e-7,
        "slope from the output")
    }
  }

  @Test func maxPools() throws {
    let cases = try goldens("maxpool ")
    #expect(cases.count == 6)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let layer = try MaxPool(
        .init(
          size: number("size"), stride: number("stride"),
          padding: number("padding") == number("size") - 1 ? nil : number("padding")))
      let input = try Shape(
        batch: 2, height: number("height"), width: number("width"), channels: 3)
      try check(layer, [pattern(input, 1)], golden, names: ["d_input"])
    }
  }

  @Test func averagePool() throws {
    try check(
      AveragePool(), [pattern(Shape(batch: 2, height: 3, width: 5, channels: 3), 1)],
      #require(goldens("avgpool").first), names: ["d_input"])
  }

  @Test func localAveragePools() throws {
    let cases = try goldens("local_avgpool ")
    #expect(cases.count == 3)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let layer = try LocalAveragePool(
        .init(size: number("size"), stride: number("stride"), padding: number("padding")))
      let input = try Shape(
        batch: 2, height: number("height"), width: number("width"), channels: 3)
      try check(layer, [pattern(input, 1)], golden, names: ["d_input"])
    }
  }

  @Test func maximumOverChannels() throws {
    try check(
      DepthMaxPool(channels: 2), [pattern(Shape(batch: 2, height: 2, width: 3, channels: 6), 1)],
      #require(goldens("depth_maxpool").first), names: ["d_input"])
  }

  @Test func sam() throws {
    let shape = Shape(batch: 2, height: 2, width: 3, channels: 3)
    try check(
      Sam(activation: .leaky), [pattern(shape, 1), pattern(shape, 2)],
      #require(goldens("sam").first), names: ["d_gates", "d_input"])
  }

  @Test func upsample() throws {
    try check(
      Upsample(stride: 2, scale: 0.5),
      [pattern(Shape(batch: 2, height: 2, width: 3, channels: 2), 1)],
      #require(goldens("upsample").first), names: ["d_input"])
  }

  @Test func softmax() throws {
    try check(
      Softmax(groups: 2), [pattern(Shape(batch: 3, channels: 10), 1, in: -5...5)],
      #require(goldens("softmax").first), names: ["d_input"])
  }

  @Test func scaleChannels() throws {
    try check(
      ScaleChannels(activation: .logistic),
      [
        pattern(Shape(batch: 2, channels: 3), 1),
        pattern(Shape(batch: 2, height: 2, width: 3, channels: 3), 2),
      ],
      #require(goldens("scale_channels").first), names: ["d_gates", "d_input"])
  }

  @Test func shortcutsOfUnequalShapes() throws {
    let cases = try goldens("shortcut ")
    #expect(cases.count == 3)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let first = try Shape(
        batch: 2, height: number("height"), width: number("width"), channels: number("channels"))
      let other = try Shape(
        batch: 2, height: number("other_height"), width: number("other_width"),
        channels: number("other_channels"))
      try check(
        Shortcut(activation: .leaky), [pattern(first, 1), pattern(other, 2)], golden,
        names: ["d_input", "d_other"])
    }
  }

  @Test func reorgs() throws {
    let cases = try goldens("reorg ")
    #expect(cases.count == 2)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let input = try Shape(
        batch: 2, height: number("height"), width: number("width"), channels: number("channels"))
      let run = try LayerHarness(Reorg(stride: number("stride"))).forward([pattern(input, 1)])
      expectClose(run.output.values, try golden.array("output"), relative: 1e-6, golden.name)
    }
  }

  // MARK: - Comparison

  /// Output, gradients and, where the golden case has them, statistics and folded inference.
  private func check(
    _ layer: any Layer, _ inputs: [Values], _ golden: GoldenCase, names: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if let inference = golden.arrays["inference"] {
      let run = try LayerHarness(layer, mode: .inference).forward(inputs)
      expectClose(
        run.output.values, inference.values, relative: 1e-5, absolute: 2e-6,
        "\(golden.name) inference", sourceLocation: sourceLocation)
    }
    let harness = LayerHarness(layer)
    let run = try harness.forward(inputs)
    #expect(
      golden.arrays["output"]?.shape.reduce(1, *) == run.output.count,
      sourceLocation: sourceLocation)
    expectClose(
      run.output.values, try golden.array("output"), relative: 1e-5, absolute: 2e-6,
      "\(golden.name) output", sourceLocation: sourceLocation)
    let gradients = try harness.backward(
      run, outputGradient: pattern(run.output.shape, 9).values, targets: inputs.map { _ in [] })
    for (name, gradient) in zip(names, gradients) {
      expectClose(
        gradient ?? [], try golden.array(name), relative: 1e-5, absolute: 5e-6,
        "\(golden.name) \(name)", sourceLocation: sourceLocation)
    }
    for parameter in layer.parameters {
      let values = parameter.gradient ?? parameter.values
      let name = parameter.gradient == nil ? parameter.name : "d_" + parameter.name
      expectClose(
        values.values, try golden.array(name), relative: 1e-5, absolute: 5e-6,
        "\(golden.name) \(name)", sourceLocation: sourceLocation)
    }
  }

  private func goldens(_ prefix: String) throws -> [GoldenCase] {
    try goldenCases("layers").filter { $0.name.hasPrefix(prefix) }
  }
}

/// The values that `pattern` of `layers.py` makes.
func pattern(
  _ shape: Shape, _ seed: UInt32, in range: ClosedRange<Float> = -1...1
) -> LayerHarness.Values {
  let values = (0..<UInt32(shape.count)).map { i in
    var h = i &* 2_654_435_761 &+ seed &* 40503 &+ 1
    h = (h ^ (h >> 15)) &* 2_246_822_519
    h = (h ^ (h >> 13)) &* 3_266_489_917
    h ^= h >> 16
    let unit = Float(h >> 8) * 0x1p-24
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }
  return LayerHarness.Values(shape, values)
}

/// Gives every parameter the values that the script uses for it.
func setPatterns(_ layer: any Layer) {
  for parameter in layer.parameters {
    let shape = parameter.values.shape
    let values =
      switch parameter.name {
      case "weights": pattern(shape, 2)
      case "biases": pattern(shape, 3)
      case "scales": pattern(shape, 4, in: 0.5...1.5)
      case "rolling_mean": pattern(shape, 5)
      default: pattern(shape, 6, in: 0.5...2)
      }
    parameter.values.update(from: values.values)
  }
  layer.parametersDidChange()
}
