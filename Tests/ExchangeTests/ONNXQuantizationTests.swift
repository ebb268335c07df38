import Compute
import Darknet
import Foundation
import Layers
import Networks
import SwiftProtobuf
import TestSupport
import Testing

@testable import Exchange

/// The graph of a quantised network, computed by ONNX's rules, gives what the engine's kernels of bytes give.
@Suite struct ONNXQuantizationTests {
  /// Fused shortcuts before and after an activation, layers that move bytes, a depthwise convolution, an
  /// activation that takes a pass of its own, and an output of floats.
  private static let text = """
    [net]
    width=16
    height=12
    channels=3
    [convolutional]
    filters=8
    size=3
    stride=1
    pad=1
    activation=leaky
    [convolutional]
    filters=8
    size=1
    stride=1
    activation=relu
    [convolutional]
    filters=8
    size=3
    stride=1
    pad=1
    activation=leaky
    [shortcut]
    from=-3
    activation=linear
    [convolutional]
    filters=8
    groups=8
    size=3
    stride=1
    pad=1
    activation=relu6
    [convolutional]
    filters=8
    size=1
    stride=1
    activation=linear
    [shortcut]
    from=-3
    activation=relu
    [maxpool]
    size=2
    stride=2
    [upsample]
    stride=2
    [route]
    layers=-1,3
    [convolutional]
    filters=12
    size=3
    stride=2
    pad=1
    activation=logistic
    [convolutional]
    filters=5
    size=1
    stride=1
    activation=linear

    """

  private func network() throws -> Network {
    let network = try Network(
      ConfigurationFile(text: Self.text, fileName: "net.cfg"),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 3))
    for (index, entry) in network.parameters.enumerated() where !entry.parameter.decays {
      let values = entry.parameter.values
      values.update(from: randomValues(values.count, in: -0.2...0.4, seed: UInt64(index + 1)))
    }
    network.parametersDidChange()
    return network
  }

  /// Bytes over the range of the values of each group, and weights as the nearest whole numbers.
  private func quantized(_ network: Network, _ input: [Float]) throws -> QuantizedModel {
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(from: input)
    plan.forward()
    var ranges: [Int: ClosedRange<Float>] = [-1: 0...1]
    let groups = network.byteGroups
    for (index, group) in groups.enumerated() {
      let values = plan.output(of: index).values
      let own = min(0, values.min() ?? 0)...max(1e-3, values.max() ?? 0)
      let old = ranges[group] ?? own
      ranges[group] =
        min(old.lowerBound, own.lowerBound)...max(old.upperBound, own.upperBound)
    }
    func bytes(_ group: Int) -> Quantization? {
      ranges[group].map { Quantization(low: $0.lowerBound, high: $0.upperBound) }
    }
    var weights: [Int: QuantizedWeights] = [:]
    for (index, node) in network.nodes.enumerated() {
      guard let layer = node.layer as? Convolution else { continue }
      let folded = layer.foldedWeights
      weights[index] = QuantizedWeights(
        rounding: folded.weights, shape: layer.weights.values.shape, biases: folded.biases)
    }
    return QuantizedModel(
      quantization: NetworkQuantization(input: bytes(-1), outputs: groups.map(bytes)),
      weights: weights)
  }

  @Test func bytesAreThoseOfTheEngine() throws {
    let plain = try network()
    let shape = plain.inputShape(batch: 2)
    let input = randomValues(shape.count, in: 0...1, seed: 5)
    let model = try quantized(plain, input)
    let network = try plain.quantized(model)
    let plan = try network.makePlan(input: shape, mode: .inference)
    plan.input.update(from: input)
    plan.forward()
    let last = network.nodes.count - 1
    let expected = channelsFirst(plan.output(of: last))

    var options = ONNXModel.Options()
    options.hasOpenBatch = true
    let error = #expect(throws: ExchangeError.self) { try ONNXModel(network, options: options) }
    #expect(error?.description.contains("without its whole numbers") == true)
    options.quantizedWeights = model.weights
    let file = try withTemporaryFolder { folder in
      let path = folder.appending(path: "net.onnx").path
      try ONNXModel(network, options: options).write(to: path)
      return try Onnx_ModelProto(serializedBytes: Data(contentsOf: URL(filePath: path)))
    }
    let found = try #require(
      try GraphInterpreter(model: file).outputs(channelsFirst(plan.input))["output"])
    #expect(found.shape == expected.shape)
    let spread = (expected.values.max() ?? 0) - (expected.values.min() ?? 0)
    #expect(spread > 0.1)
    // Where a sum lies between two bytes, single and double precision may round it to different ones; the
    // last convolution then hands on one step of a few inputs.
    let apart = zip(found.values, expected.values).map { abs($0 - $1) }
    #expect(Double(apart.count { $0 > 1e-5 * spread }) < 0.05 * Double(apart.count))
    #expect(apart.max() ?? 1 < 0.02 * spread)

    // Every weight is a byte with a sign, one tensor a convolution.
    let kinds = file.graph.node.map(\.opType)
    #expect(kinds.count { $0 == "Conv" } == model.weights.count)
    #expect(file.graph.initializer.count { $0.dataType == 3 && $0.dims.count == 4 } == 7)
    // The input, and every layer but the last and the two whose sums shortcuts store.
    #expect(kinds.count { $0 == "QuantizeLinear" } == 10)
    #expect(!file.graph.initializer.contains { $0.dataType == 1 && $0.dims.count == 4 })
  }

  private func channelsFirst(_ tensor: Tensor) -> GraphValue {
    let s = tensor.shape
    let rows = GraphValue(
      shape: [s.batch, s.height, s.width, s.channels], values: tensor.values.map(Double.init))
    let strides = rows.strides
    return rows.gathered([s.batch, s.channels, s.height, s.width]) { place in
      place[0] * strides[0] + place[2] * strides[1] + place[3] * strides[2] + place[1]
    }
  }
}
