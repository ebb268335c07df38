import Compute
import Darknet
import Detection
import Foundation
import Layers
import Networks
import TestSupport
import Testing

/// The gradient of a whole network: shared memory, accumulation and order of the plan.
@Suite struct NetworkGradientTests {
  static let cfg = """
    [net]
    batch=2
    width=64
    height=64
    channels=3
    [convolutional]
    batch_normalize=1
    filters=6
    size=3
    stride=2
    pad=1
    activation=swish
    [convolutional]
    batch_normalize=1
    filters=4
    size=1
    activation=mish
    [convolutional]
    batch_normalize=1
    filters=6
    size=3
    pad=1
    activation=swish
    [shortcut]
    from=-3
    activation=linear
    [convolutional]
    filters=6
    size=3
    stride=2
    pad=1
    activation=linear
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=swish
    [convolutional]
    filters=8
    size=1
    activation=logistic
    [convolutional]
    filters=14
    size=1
    activation=linear
    [yolo]
    mask=2,3
    anchors=4,4, 8,8, 16,16, 30,30
    classes=2
    num=4
    [route]
    layers=-4
    [upsample]
    stride=2
    [route]
    layers=-1,3
    [convolutional]
    filters=14
    size=1
    activation=linear
    [yolo]
    mask=0,1
    anchors=4,4, 8,8, 16,16, 30,30
    classes=2
    num=4
    """

  @Test func wholeNetwork() throws {
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 2))
    let network = try Network(
      ConfigurationFile(text: Self.cfg, fileName: "test.cfg"), backend: backend)
    network.initializeWeights(RandomStream(seed: 3))
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 5))
    // One objective that is smooth in the weights: a fixed random weighting of both heads' logits.
    let heads = network.heads.map(\.layer)
    let weights = heads.map { randomValues(plan.output(of: $0).count, seed: UInt64($0)) }
    func loss() -> Double {
      plan.forward()
      return zip(heads, weights).reduce(0) { $0 + weightedSum(plan.output(of: $1.0).values, $1.1) }
    }
    plan.forward()
    for (head, weight) in zip(heads, weights) { plan.gradient(of: head)?.update(from: weight) }
    plan.backward()
    let learned = network.parameters.filter { $0.parameter.gradient != nil }
    #expect(learned.count == 20)
    for named in learned {
      let gradient = try #require(named.parameter.gradient).values
      let values = named.parameter.values
      let start = values.values
      expectGradient(
        at: start, gradient, step: 1e-3, tolerance: 2e-2, directional: 5e-2, coordinates: 8,
        named.name
      ) {
        values.update(from: $0)
        defer { values.update(from: start) }
        return loss()
      }
    }
  }
}
