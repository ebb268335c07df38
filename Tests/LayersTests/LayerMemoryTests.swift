import Compute
import Layers
import TestSupport
import Testing

/// Layers ask their backend for memory when they are made, and for none afterwards; what lies
/// there they leave to the backend.
@Suite struct LayerMemoryTests {
  typealias Make = @Sendable (any MemorySource) throws -> any Layer

  private static let maps = Shape(batch: 2, height: 6, width: 6, channels: 4)
  private static let gates = Shape(batch: 2, channels: 4)

  static func convolution(_ memory: any MemorySource, normalized: Bool, _ f: Activation) throws
    -> Convolution
  {
    try Convolution(
      inputChannels: 4, filters: 5, size: 3, stride: 1, padding: 1, batchNormalize: normalized,
      activation: f, on: memory)
  }

  /// Every layer with the shapes that it reads.
  private static let layers: [(inputs: [Shape], make: Make)] = [
    ([maps], { try convolution($0, normalized: true, .leaky) }),
    ([maps], { try convolution($0, normalized: false, .mish) }),
    (
      [maps],
      {
        try Connected(
          inputShape: maps, outputs: 3, batchNormalize: true, activation: .relu, on: $0)
      }
    ),
    ([maps], { _ in try MaxPool(.init(size: 2, stride: 2)) }),
    ([maps], { _ in AveragePool() }),
    ([maps], { _ in try Upsample(stride: 2) }),
    ([maps], { _ in try Reorg(stride: 2) }),
    ([maps], { _ in try Softmax(groups: 3) }),
    ([maps], { _ in try Dropout(probability: 0.3) }),
    ([maps], { _ in HeadLayer(kind: "yolo") }),
    ([maps, maps], { _ in try Route() }),
    ([maps], { _ in try Route(groups: 2, groupID: 1) }),
    ([maps, maps, maps], { _ in Shortcut(activation: .swish) }),
    ([gates, maps], { _ in try ScaleChannels(activation: .logistic) }),
  ]

  @Test(arguments: layers.indices) func staysInItsBackend(_ index: Int) throws {
    let (shapes, make) = Self.layers[index]
    let remote = RemoteBackend(pool: sharedPool)
    let host = CPUBackend(pool: sharedPool)
    let far = try results(make(remote), shapes, remote)
    let near = try results(make(host), shapes, host)
    #expect(far == near)
  }

  /// Two steps and an inference pass: outputs, saved tensors, gradients and parameters.
  private func results(
    _ layer: any Layer, _ shapes: [Shape], _ backend: any Backend
  ) throws -> [[UInt32]] {
    for (i, parameter) in layer.parameters.enumerated() {
      let range: ClosedRange<Float> = parameter.gradient == nil ? 0.5...1 : -1...1
      parameter.values.update(
        from: randomValues(parameter.values.count, in: range, seed: UInt64(50 + i)))
    }
    layer.parametersDidChange()
    func tensor(_ shape: Shape, _ seed: Int) throws -> Tensor {
      try Tensor(shape, values: randomValues(shape.count, seed: UInt64(seed)), on: backend)
    }
    let inputs = try shapes.enumerated().map { try tensor($1, $0) }
    let output = try tensor(layer.outputShape(for: shapes), 10)
    let saved = try layer.savedShapes(for: shapes).map { try tensor($0, 11) }
    let gradient = try tensor(output.shape, 12)
    let targets = try shapes.enumerated().map { i, shape in
      GradientTarget(try tensor(shape, 20 + i), accumulate: i > 0)
    }
    let before = (backend as? RemoteBackend)?.allocationCount
    for _ in 0..<2 {
      layer.forward(
        ForwardPass(
          backend: backend, inputs: inputs, output: output, saved: saved, mode: .training,
          random: RandomStream(seed: 3)))
      layer.backward(
        BackwardPass(
          backend: backend, inputs: inputs, output: output, outputGradient: gradient,
          inputGradients: targets, saved: saved))
    }
    let trained = output.values
    layer.forward(ForwardPass(backend: backend, inputs: inputs, output: output))
    #expect((backend as? RemoteBackend)?.allocationCount == before, "\(layer.kind)")
    let tensors =
      [output, gradient] + saved + targets.map(\.tensor)
      + layer.parameters.flatMap { [$0.values] + ($0.gradient.map { [$0] } ?? []) }
    return ([trained] + tensors.map(\.values)).map { $0.map(\.bitPattern) }
  }
}
