import Compute
import Layers
import TestSupport
import Testing

/// Normalisation, activation, cropping and the logistic function as layers of their own.
@Suite struct NormalizationTests {
  typealias Values = LayerHarness.Values

  @Test func normalizationAgreesWithPyTorch() throws {
    let cases = try goldenCases("layers").filter { $0.name.hasPrefix("batchnorm ") }
    #expect(cases.count == 3)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let layer = try BatchNormalization(channels: number("channels"), on: HostMemory())
      layer.takeOver(Activation.allCases[try number("activation")])
      setPatterns(layer)
      let shape = try Shape(
        batch: number("batch"), height: number("height"), width: number("width"),
        channels: number("channels"))
      let input = pattern(shape, 1, in: -2...3)
      let inference = try LayerHarness(layer, mode: .inference).forward([input])
      expectClose(
        inference.output.values, try golden.array("inference"), relative: 1e-5, absolute: 2e-6,
        "\(golden.name) inference")
      let harness = LayerHarness(layer)
      let run = try harness.forward([input])
      expectClose(
        run.output.values, try golden.array("output"), relative: 1e-5, absolute: 2e-6,
        golden.name)
      let gradients = try harness.backward(
        run, outputGradient: pattern(shape, 9).values, targets: [[]])
      expectClose(
        gradients[0] ?? [], try golden.array("d_input"), relative: 1e-5, absolute: 5e-6,
        "\(golden.name) d_input")
      for (parameter, name) in zip(
        layer.parameters, ["d_biases", "d_scales", "rolling_mean", "rolling_variance"])
      {
        expectClose(
          (parameter.gradient ?? parameter.values).values, try golden.array(name), relative: 1e-5,
          absolute: 5e-6, "\(golden.name) \(name)")
      }
      // Folded statistics follow those that training moved.
      let moved = try LayerHarness(layer, mode: .inference).forward([input])
      #expect(moved.output.values != inference.output.values)
    }
  }

  @Test(arguments: [Activation.linear, .leaky, .mish])
  func normalizationGradients(_ activation: Activation) throws {
    let shape = Shape(batch: 3, height: 3, width: 5, channels: 7)
    let layer = try BatchNormalization(channels: 7, on: HostMemory())
    layer.takeOver(activation)
    setPatterns(layer)
    try LayerHarness(layer).checkGradients(
      [Values(shape, seed: 2)], step: 1e-3, tolerance: 5e-3, directional: 2e-3)
  }

  @Test(arguments: Activation.allCases)
  func activationGradients(_ activation: Activation) throws {
    let shape = Shape(batch: 3, height: 5, width: 3, channels: 7)
    let reach: Float = activation == .hardtan ? 0.5 : 1
    let values = valuesAwayFromZero(shape.count, seed: 1).map { $0 * reach }
    try LayerHarness(ActivationLayer(activation)).checkGradients([Values(shape, values)])
  }

  @Test func logisticIsTheSigmoid() throws {
    let run = try LayerHarness(Logistic(), mode: .inference).forward([
      Values(Shape(channels: 3), [0, 2, -2])
    ])
    expectClose(run.output.values, [0.5, 0.880797, 0.119203], relative: 1e-6)
    #expect(Logistic().kind == "logistic")
    try LayerHarness(Logistic()).checkGradients([
      Values(Shape(batch: 3, channels: 7), seed: 4)
    ])
  }

  @Test func cropsTheMiddleInInference() throws {
    let shape = Shape(batch: 2, height: 5, width: 4, channels: 3)
    let input = Values(shape, (0..<shape.count).map { Float($0) / 1000 })
    func crop(_ keepsValues: Bool, _ mode: Mode, seed: UInt64 = 1, flips: Bool = true) throws
      -> [Float]
    {
      let layer = try Crop(
        width: 2, height: 3, channels: 3, flips: flips, keepsValues: keepsValues,
        on: HostMemory())
      var harness = LayerHarness(layer, mode: mode)
      harness.random = RandomStream(seed: seed)
      return try harness.forward([input]).output.values
    }
    /// The part of an image from a place on, mirrored or not.
    func part(_ image: Int, _ x: Int, _ y: Int, _ isMirrored: Bool) -> [Float] {
      (0..<3).flatMap { row in
        (0..<2).flatMap { column in
          let start = ((image * 5 + y + row) * 4 + x + (isMirrored ? 1 - column : column)) * 3
          return input.values[start..<start + 3]
        }
      }
    }
    let middle = part(0, 1, 1, false) + part(1, 1, 1, false)
    #expect(try crop(true, .inference) == middle)
    expectClose(try crop(false, .inference), middle.map { 2 * $0 - 1 }, relative: 1e-6)

    // In training any place of each image by itself, mirrored in half of the cases.
    var found: [[Float]: Int] = [:]
    for seed in 0..<300 {
      let seen = try crop(true, .training, seed: UInt64(seed))
      found[Array(seen[18...]), default: 0] += 1
      #expect(try crop(true, .training, seed: UInt64(seed)) == seen)
    }
    var expected: Set<[Float]> = []
    for x in 0...2 {
      for y in 0...2 { for mirrored in [false, true] { expected.insert(part(1, x, y, mirrored)) } }
    }
    #expect(Set(found.keys) == expected)
    let upright = Set(
      try (0..<100).map { Array(try crop(true, .training, seed: $0, flips: false)[18...]) })
    #expect(upright == Set((0...2).flatMap { x in (0...2).map { part(1, x, $0, false) } }))
    #expect(throws: LayerError.self) {
      let layer = try Crop(
        width: 5, height: 3, channels: 3, flips: false, keepsValues: true, on: HostMemory())
      _ = try layer.outputShape(for: [shape])
    }
  }
}
