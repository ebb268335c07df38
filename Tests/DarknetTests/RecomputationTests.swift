import Compute
import Layers
import TestSupport
import Testing

@testable import Darknet
@testable import Networks

/// Outputs that training does not keep for backward.
@Suite struct RecomputationTests {
  // 0 and 1: read by convolutions. 2: has no batch normalisation. 3: read by the shortcut alone, whose
  // sum cannot be made anew. 5: read by two layers. 7: the loss reads it.
  private static let text = """
    [net]
    width=32
    height=32
    channels=3
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=1
    activation=mish
    [convolutional]
    filters=8
    size=3
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=1
    activation=linear
    [shortcut]
    from=-3
    activation=relu
    [convolutional]
    batch_normalize=1
    filters=8
    size=1
    activation=relu
    [maxpool]
    size=2
    stride=2
    [route]
    layers=-2
    [convolutional]
    batch_normalize=1
    filters=4
    size=1
    activation=leaky

    """

  @Test func whichOnesAndWhen() throws {
    let network = try build(Self.text)
    let (nodes, outputs) = (network.nodes, network.outputs)
    let input = Shape(batch: 2, height: 32, width: 32, channels: 3)
    let training = try PlanLayout(
      nodes: nodes, PlanStructure(nodes, outputs: outputs, mode: .training, keepsMoments: false),
      input: input,
      mode: .training)
    #expect(training.recomputed.keys.sorted() == [0, 1, 5])
    // Layer 4 reads layer 1 without needing it in backward; 8 comes before 6 on the way back, and 6
    // leads nowhere.
    #expect(training.recomputations == [1: [0], 2: [1], 8: [5]])
    let inference = try PlanLayout(
      nodes: nodes, PlanStructure(nodes, outputs: outputs, mode: .inference, keepsMoments: false),
      input: input,
      mode: .inference)
    #expect(inference.recomputed.isEmpty && inference.recomputations.isEmpty)
  }

  /// The recomputed values are those of the forward pass, so that the gradients are the same to the bit.
  @Test(arguments: Activation.allCases)
  func theSameToTheBit(_ activation: Activation) throws {
    let convolution = try Convolution(
      inputChannels: 5, filters: 19, size: 3, stride: 1, padding: 1, batchNormalize: true,
      activation: activation)
    convolution.weights.values.update(
      from: randomValues(convolution.weights.values.count, seed: 1))
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 2))
    let shape = Shape(batch: 3, height: 7, width: 6, channels: 5)
    let input = try Tensor(shape, values: randomValues(shape.count, seed: 2))
    let output = try Tensor(convolution.outputShape(for: [shape]))
    let saved = try convolution.savedShapes(for: [shape]).map { try Tensor($0) }
    convolution.forward(
      ForwardPass(
        backend: backend, inputs: [input], output: output, saved: saved, mode: .training))
    let again = try Tensor(output.shape)
    #expect(convolution.canRecompute)
    convolution.recompute(from: saved, backend: backend, into: again)
    #expect(again.values == output.values)
  }
}
