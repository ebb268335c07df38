import Compute
import Darknet
import Foundation
import Layers
import Networks
import TestSupport
import Testing

@testable import Training

/// A network, its optimiser and its averages live in their backend's memory, all of which they have
/// before the first step.
@Suite struct MemoryTests {
  /// Two Bayesian layers in each branch, of learned variance.
  private static func network(_ backend: any Backend) throws -> Network {
    var plan = BranchPlan()
    plan.branch = .convBayes
    plan.divergenceWeight = 0.01
    plan.hiddenFilters = [6]
    let url = packageRoot.appending(path: "Tests/Golden/training.cfg")
    let network = try Network(ConfigurationFile(contentsOf: url).adding(plan), backend: backend)
    network.initializeWeights(RandomStream(seed: 1))
    network.parametersDidChange()
    return network
  }

  /// Three steps, with gradients that stand for a loss's, and passes of inference by the averages.
  ///
  /// - Returns: All that is left behind, to the bit.
  private static func train(_ backend: any Backend, allocations: () -> Int) throws -> [[UInt32]] {
    let network = try network(backend)
    let shape = network.inputShape(batch: 2)
    let plan = try network.makePlan(input: shape, mode: .training)
    let inference = try network.makePlan(input: shape, mode: .inference, keepsMoments: true)
    let parameters = network.parameters.map(\.parameter)
    let optimizer = try Optimizer(
      parameters, settings: .init(batch: 2, maximumGradientNorm: 1), on: backend)
    var average = try ExponentialMovingAverage(of: parameters.map(\.values), on: backend)
    let images = randomValues(shape.count, in: 0...1, seed: 2)
    // What a loss writes to: heads, and the last layer of each branch, which a route follows.
    let kinds = network.nodes.map(\.layer.kind)
    let ends =
      network.heads.map(\.layer)
      + kinds.indices.dropLast().filter { kinds[$0] == "convBayes" && kinds[$0 + 1] == "route" }

    let before = allocations()
    for step in 0..<3 {
      plan.input.update(from: images)
      plan.forward(random: RandomStream(seed: UInt64(step)))
      for end in ends {
        let count = plan.output(of: end).count
        plan.gradient(of: end)?.update(
          from: randomValues(count, in: -0.1...0.1, seed: UInt64(end)))
      }
      plan.backward()
      let norm = optimizer.gradientNorms(using: backend)
      optimizer.update(
        rate: 1e-3, clippingFactors: optimizer.clippingFactors(norms: norm), using: backend)
      network.parametersDidChange()
      average.update(using: backend)
    }
    average.exchange(using: backend)
    network.parametersDidChange()
    inference.input.update(from: images)
    inference.forward()
    average.exchange(using: backend)
    #expect(allocations() == before)

    let moments = plan.shapes.indices.compactMap { inference.moments(of: $0) }
    #expect(moments.count == 4)
    let tensors =
      parameters.map(\.values) + optimizer.tensors(of: .momentum) + average.averages
      + network.heads.map { inference.output(of: $0.layer) }
      + moments.flatMap { [$0.mean, $0.variance] }
    #expect(tensors.allSatisfy { backend.isFinite($0) })
    return tensors.map { $0.values.map(\.bitPattern) }
  }

  @Test func nothingIsAllocatedWhileTraining() throws {
    let pool = try ThreadPool(threadCount: 2)
    let remote = RemoteBackend(pool: pool)
    let far = try Self.train(remote) { remote.allocationCount }
    let near = try Self.train(CPUBackend(pool: pool)) { 0 }
    #expect(far == near)
  }
}
