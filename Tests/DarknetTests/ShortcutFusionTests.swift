import Compute
import Layers
import TestSupport
import Testing

@testable import Darknet
@testable import Networks

/// Shortcuts that convolutions compute in inference.
@Suite struct ShortcutFusionTests {
  /// Residual blocks as in Darknet-53 (the sum after f), ResNets (before), with a projection, and
  /// those that must be left: two readers, two activations, other channels, a sum of three.
  private static let text =
    "[net]\nwidth=16\nheight=16\nchannels=3\n"
    + convolution(8, "leaky")  // 0
    + convolution(4, "leaky", size: 1)  // 1
    + convolution(8, "leaky") + "[shortcut]\nfrom=-3\nactivation=linear\n"  // 2, 3
    + convolution(8, "linear") + "[shortcut]\nfrom=-2\nactivation=relu\n"  // 4, 5
    + convolution(12, "linear")  // 6
    + "[route]\nlayers=-2\n"  // 7
    + convolution(12, "linear", size: 1) + "[shortcut]\nfrom=-3\nactivation=leaky\n"  // 8, 9
    + convolution(12, "mish") + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 10, 11
    + convolution(12, "leaky") + "[shortcut]\nfrom=-2\nactivation=relu\n"  // 12, 13
    + convolution(12, "leaky") + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 14, 15
    + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 16: layer 14 again
    + convolution(6, "leaky") + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 17, 18
    + convolution(6, "leaky") + "[shortcut]\nfrom=-2,-3\nactivation=linear\n"  // 19, 20
    + convolution(6, "linear") + "[dropout]\n"  // 21, 22
    + "[shortcut]\nfrom=-3\nactivation=linear\n"  // 23
    + convolution(6, "linear") + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 24, 25: the last

  private static func convolution(_ filters: Int, _ activation: String, size: Int = 3) -> String {
    """
    [convolutional]
    batch_normalize=1
    filters=\(filters)
    size=\(size)
    pad=1
    activation=\(activation)

    """
  }

  @Test(arguments: [ComputeEngine.fast, .portable])
  func theSameAsLayerByLayer(_ engine: ComputeEngine) throws {
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 2), engine: engine)
    let network = try Network(parse(Self.text), backend: backend)
    network.initializeWeights(RandomStream(seed: 3))
    for (i, parameter) in network.parameters.map(\.parameter).enumerated() where !parameter.decays {
      parameter.values.update(
        from: randomValues(parameter.values.count, in: 0.5...1.5, seed: UInt64(i)))
    }
    network.parametersDidChange()
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .inference)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
    plan.forward()

    var outputs: [Tensor] = []
    for (i, node) in network.nodes.enumerated() {
      let output = try Tensor(plan.shapes[i])
      node.layer.forward(
        ForwardPass(
          backend: backend, inputs: node.inputs.map { $0 < 0 ? plan.input : outputs[$0] },
          output: output))
      outputs.append(output)
    }
    let last = network.nodes.count - 1
    expectClose(plan.output(of: last).values, outputs[last].values, relative: 1e-5, absolute: 1e-5)
  }

  @Test func whichOnes() throws {
    let network = try Network(
      parse(Self.text), backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    let inference = PlanStructure(
      network.nodes, outputs: network.outputs, mode: .inference, keepsMoments: false)
    #expect(inference.sums.mapValues(\.source) == [2: 0, 4: 2, 8: 6, 10: 8, 21: 20])
    #expect(
      inference.sums.mapValues(\.activation)
        == [2: .linear, 4: .relu, 8: .leaky, 10: .linear, 21: .linear])
    #expect(network.nodes.indices.filter { !inference.runs[$0] } == [3, 5, 7, 9, 11, 22, 23])
    let training = PlanStructure(
      network.nodes, outputs: network.outputs, mode: .training, keepsMoments: false)
    #expect(training.sums.isEmpty)
    #expect(network.nodes.indices.filter { !training.runs[$0] } == [7])
  }
}
