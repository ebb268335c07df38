import Compute
import Darknet
import Datasets
import Foundation
import Layers
import Losses
import Networks
import TestSupport
import Testing

@testable import Experiments
@testable import Tasks
@testable import Training

/// Networks that end in `[softmax]`: where the loss is taken, and what a benchmark does with them.
@Suite struct ClassifierTests {
  static let body = """
    [net]
    width=8
    height=8
    channels=3
    [convolutional]
    batch_normalize=1
    filters=6
    size=3
    stride=2
    pad=1
    activation=swish
    [avgpool]
    [connected]
    output=5
    activation=linear

    """

  private func network(_ text: String) throws -> Network {
    let network = try Network(
      ConfigurationFile(text: text, fileName: "small.cfg"),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 2))
    return network
  }

  /// A training plan of three images after its forward pass.
  private func plan(_ network: Network) throws -> NetworkPlan {
    let plan = try network.makePlan(input: network.inputShape(batch: 3), mode: .training)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 4))
    plan.forward()
    return plan
  }

  @Test func gradientOfLogitsIsProbabilityLessOne() throws {
    let network = try network(Self.body + "[softmax]\n[cost]\n")
    let classifier = try #require(network.classifier)
    #expect(classifier.logits == 2 && classifier.probabilities == 3)
    #expect(classifier.classCount == 5)
    let plan = try plan(network)
    let labels = [4, 0, 2]
    let value = try ClassificationTask(network).loss(
      plan, targets: labels.map { ClassShares($0) }, step: LossStep())
    // The probabilities are the softmax layer's own.
    var expected = plan.output(of: classifier.probabilities).values
    var loss = 0.0
    for (image, label) in labels.enumerated() {
      loss -= log(Double(expected[image * 5 + label]))
      expected[image * 5 + label] -= 1
    }
    #expect(value.total.isFinite && abs(value.total - loss) < 1e-5)
    expectClose(
      plan.gradient(of: classifier.logits)?.values ?? [], expected, relative: 1e-5, absolute: 1e-6)
    #expect(plan.gradient(of: classifier.probabilities) == nil)
  }

  /// Alias or not, all parameters learn, and the softmax does nothing on the way back.
  @Test(arguments: ["[softmax]", "[route]\nlayers=-1\n[softmax]"])
  func gradientOfParameters(_ end: String) throws {
    let network = try network(Self.body + end)
    let task = try ClassificationTask(network)
    let plan = try plan(network)
    _ = try task.loss(plan, targets: [4, 0, 2], step: LossStep())
    plan.backward()
    for named in network.parameters {
      guard let gradient = named.parameter.gradient?.values else { continue }
      let values = named.parameter.values
      let start = values.values
      expectGradient(
        at: start, gradient, step: 1e-3, tolerance: 2e-2, directional: 2e-2, coordinates: 8,
        named.name
      ) {
        values.update(from: $0)
        defer { values.update(from: start) }
        plan.forward()
        return (try? task.loss(plan, targets: [4, 0, 2], step: LossStep()).total) ?? .nan
      }
    }
  }

  @Test(arguments: [
    "", "[softmax]\ngroups=5", "[softmax]\n[dropout]", "[route]\nlayers=0\n[softmax]",
  ])
  func whatIsNoClassifierHasNothingToTrain(_ end: String) throws {
    let network = try network(Self.body + end)
    #expect(network.classifier == nil)
    let error = TaskError.noTask(network: "small.cfg")
    #expect(throws: error) { try Benchmark(network: network, batch: 2, mode: .training) }
    let result = try Benchmark(network: network, batch: 2, mode: .inference)
      .run(runs: 1, threads: 2, version: "")
    #expect(result.loss == nil && result.medianMs > 0)
  }

  /// As random as the weights: about ln 5, and the same in every run.
  @Test func benchmark() throws {
    let losses = try (0..<2).map { _ in
      try Benchmark(network: network(Self.body + "[softmax]"), batch: 64, mode: .training)
        .run(runs: 1, threads: 2, version: "").loss
    }
    let loss = try #require(losses[0])
    #expect(loss == losses[1] && abs(loss - log(5)) < 0.5)
  }

  @Test func oneCellIsClassified() throws {
    let network = try network(
      """
      [net]
      width=8
      height=8
      channels=3
      [convolutional]
      filters=5
      size=8
      activation=linear
      [softmax]
      """)
    #expect(network.classifier?.classCount == 5)
    #expect(
      throws: NetworkError.input(
        file: "small.cfg", line: 9,
        reason: "[softmax] gets 9x9 cells from an input of 16x16; one cell of classes is "
          + "classified")
    ) {
      try Benchmark(network: network, width: 16, height: 16, batch: 1, mode: .training)
    }
  }
}
