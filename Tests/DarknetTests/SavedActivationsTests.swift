import Compute
import Foundation
import Layers
import TestSupport
import Testing

@testable import Darknet
@testable import Networks

/// Training that keeps activations as halves.
@Suite struct SavedActivationsTests {
  private static func text(_ saved: String, _ layers: String) -> String {
    "[net]\nwidth=20\nheight=12\nchannels=3\nsaved_activations=\(saved)\n" + layers
  }

  private static func convolution(
    _ filters: Int, size: Int = 1, normalized: Bool = true, _ activation: String
  ) -> String {
    "[convolutional]\nbatch_normalize=\(normalized ? 1 : 0)\nfilters=\(filters)\nsize=\(size)\npad=1\n"
      + "activation=\(activation)\n"
  }

  /// Recomputed outputs, sums with and without activation, an output that three layers read at steps
  /// far apart, and layers without normalisation whose slope is told from input or output.
  private static let layers =
    convolution(8, size: 3, "leaky") + convolution(9, "mish") + convolution(8, "linear")
    + "[shortcut]\nfrom=-3\nactivation=swish\n" + convolution(8, size: 3, normalized: false, "mish")
    + "[shortcut]\nfrom=-2\nactivation=relu\n" + convolution(7, size: 3, normalized: false, "leaky")
    + "[route]\nlayers=-1,-2,0\n" + convolution(6, "swish")
    + convolution(5, normalized: false, "linear")
  /// With a pooling, whose maxima may change places among values that round to the same.
  private static let pooled =
    layers + "[maxpool]\nsize=2\nstride=2\n" + convolution(4, normalized: false, "linear")

  private struct Passes {
    let output: [Float]
    let gradients: [(name: String, values: [Float])]
    let bytes: Int
  }

  private static func passes(_ text: String, threads: Int = 2) throws -> Passes {
    let network = try Network(
      parse(text), backend: CPUBackend(pool: try ThreadPool(threadCount: threads)))
    network.initializeWeights(RandomStream(seed: 3))
    let plan = try network.makePlan(input: network.inputShape(batch: 3), mode: .training)
    plan.input.update(from: randomValues(plan.input.count, seed: 5))
    let last = network.nodes.count - 1
    var output: [Float] = []
    // Twice: what is left of the first pass must not matter.
    for _ in 0..<2 {
      for case let gradient? in network.parameters.map(\.parameter.gradient) {
        network.backend.fill(gradient, with: 0)
      }
      plan.forward()
      output = plan.output(of: last).values
      try #require(plan.gradient(of: last)).update(from: randomValues(output.count, seed: 7))
      plan.backward()
    }
    return Passes(
      output: output,
      gradients: network.parameters.compactMap { named in
        named.parameter.gradient.map { (named.name, $0.values) }
      }, bytes: plan.arenaBytes)
  }

  @Test func gradientsAgreeWithinTheRounding() throws {
    let exact = try Self.passes(Self.text("fp32", Self.layers))
    let halves = try Self.passes(Self.text("bf16", Self.layers))
    #expect(halves.output.map(\.bitPattern) == exact.output.map(\.bitPattern))
    #expect(exact.gradients.count == 18)
    for (own, full) in zip(halves.gradients, exact.gradients) {
      let difference = zip(own.values, full.values).reduce(0) { $0 + pow(Double($1.0 - $1.1), 2) }
      let size = full.values.reduce(0) { $0 + pow(Double($1), 2) }
      // A value is off by 2^-9 at most, some layers one behind another.
      #expect(difference <= size * pow(0.01, 2), "\(own.name): \((difference / size).squareRoot())")
    }
    #expect(zip(halves.gradients, exact.gradients).contains { $0.values != $1.values })
  }

  @Test(arguments: 1...4)
  func anyNumberOfThreads(_ threads: Int) throws {
    let expected = try Self.passes(Self.text("bf16", Self.pooled))
    let own = try Self.passes(Self.text("bf16", Self.pooled), threads: threads)
    for (a, b) in zip(own.gradients, expected.gradients) {
      #expect(a.values.map(\.bitPattern) == b.values.map(\.bitPattern), "\(a.name)")
    }
  }

  /// Layers run by hand on rounded tensors give the same bits: what is rounded, and nothing else is.
  @Test func exactlyTheseAreRounded() throws {
    let text =
      Self.convolution(6, size: 3, normalized: false, "mish")
      + Self.convolution(5, size: 3, "swish") + Self.convolution(4, normalized: false, "linear")
    let network = try Network(
      parse(Self.text("bf16", text)), backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 3))
    let backend = network.backend
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    let input = randomValues(plan.input.count, seed: 5)
    plan.input.update(from: input)
    plan.forward()
    let slope = randomValues(plan.output(of: 2).count, seed: 7)
    try #require(plan.gradient(of: 2)).update(from: slope)
    plan.backward()
    let learned = network.parameters.map(\.parameter)
    let own = learned.map { $0.gradient?.values }
    for case let gradient? in learned.map(\.gradient) { backend.fill(gradient, with: 0) }

    let layers = network.nodes.map(\.layer)
    var tensors = [try Tensor(plan.input.shape, values: input)]
    var saved: [[Tensor]] = []
    for layer in layers {
      let shapes = [tensors[tensors.count - 1].shape]
      saved.append(try layer.savedShapes(for: shapes).map { try Tensor($0) })
      let output = try Tensor(layer.outputShape(for: shapes))
      layer.forward(
        ForwardPass(
          backend: backend, inputs: [tensors[tensors.count - 1]], output: output,
          saved: saved[saved.count - 1], mode: .training))
      tensors.append(output)
    }
    // z of the first, z but not the statistics of the second, and the first's output; the second's output
    // is made anew.
    for tensor in [saved[0][0], saved[1][0], tensors[1]] {
      tensor.update(from: tensor.values.map(Self.rounded))
    }
    let second = try #require(layers[1] as? Convolution)
    second.recompute(from: saved[1], backend: backend, into: tensors[2])
    var gradient = try Tensor(tensors[3].shape, values: slope)
    for (index, layer) in layers.enumerated().reversed() {
      let next = try Tensor(tensors[index].shape)
      layer.backward(
        BackwardPass(
          backend: backend, inputs: [tensors[index]], output: tensors[index + 1],
          outputGradient: gradient,
          inputGradients: [index == 0 ? nil : GradientTarget(next, accumulate: false)],
          saved: saved[index]))
      gradient = next
    }
    for (index, parameter) in learned.enumerated() {
      #expect(parameter.gradient?.values == own[index], "\(parameter.name)")
    }
  }

  /// To 8 bits of mantissa, by adding and taking away a number that leaves no room for more.
  private static func rounded(_ value: Float) -> Float {
    if value == 0 { return value }
    let step = value.ulp * 0x1p16
    return (value / step).rounded(.toNearestOrEven) * step
  }

  @Test func memoryIsThatOfHalves() throws {
    let file = packageRoot.appending(path: "Models/yolov3-voc.cfg")
    let definition = try NetworkBuilder.build(ConfigurationFile(contentsOf: file))
    let input = Shape(batch: 4, height: 416, width: 416, channels: 3)
    func bytes(_ saving: SavedPrecision) throws -> NetworkMemory {
      try NetworkMemory(
        definition.nodes, outputs: definition.outputs, input: input, saving: saving)
    }
    let (full, halves) = (try bytes(.float32), try bytes(.bfloat16))
    #expect(Double(halves.trainingPlanBytes) < 0.6 * Double(full.trainingPlanBytes))
    #expect(halves.inferencePlanBytes == full.inferencePlanBytes)
    let own = try Self.passes(Self.text("bf16", Self.layers)).bytes
    let network = try build(Self.text("bf16", Self.layers))
    #expect(
      try NetworkMemory(
        network.nodes, outputs: network.outputs,
        input: Shape(batch: 3, height: 12, width: 20, channels: 3), saving: .bfloat16
      ).trainingPlanBytes == own)
    #expect(try NetworkSummary(network, batch: 3).memory.trainingPlanBytes == own)
  }

  @Test func stepsInARow() {
    #expect(PlanLayout.runs(of: [7, 3, 4, 9, 8, 3]) == [3...4, 7...9])
    #expect(PlanLayout.runs(of: []).isEmpty)
  }

  @Test func unknownNamesAreRefused() {
    #expect(
      message { try build(Self.text("fp16", Self.layers)) }
        == "x.cfg:5: saved_activations=fp16 in [net]: unknown; use one of fp32, bf16")
  }
}
