import Compute
import Detection
import Foundation
import Layers
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Darknet
@testable import Tasks

/// What branches do to running, initialising and storing a network: nothing.
@Suite struct BranchNetworkTests {
  private static func network(
    _ mode: UncertaintyBranch.Mode?, hidden: [Int] = [], seed: UInt64 = 4
  ) throws -> Network {
    var file = try ConfigurationFile(
      contentsOf: packageRoot.appending(path: "Models/small-voc.cfg"))
    if let mode {
      var plan = BranchPlan()
      plan.loss = .uncertainty
      plan.mode = mode
      plan.hiddenFilters = hidden
      file = try file.adding(plan)
    }
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: seed))
    network.parametersDidChange()
    return network
  }

  private func plan(_ network: Network, keepsMoments: Bool = false) throws -> NetworkPlan {
    let plan = try network.makePlan(
      input: network.inputShape(batch: 2, width: 96, height: 64), mode: .inference,
      keepsMoments: keepsMoments)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
    plan.forward()
    return plan
  }

  private func logits(_ network: Network, _ plan: NetworkPlan) -> [[Float]] {
    network.heads.map { plan.output(of: $0.layer).values }
  }

  @Test(arguments: [UncertaintyBranch.Mode.accompany, .accompanyDetached, .rescaleAux], [[], [6]])
  func sameStartAndSameDetections(mode: UncertaintyBranch.Mode, hidden: [Int]) throws {
    let plain = try Self.network(nil)
    let branched = try Self.network(mode, hidden: hidden)
    let kept = branched.nodes.filter { !$0.isOptional && !$0.layer.parameters.isEmpty }
    let originals = plain.nodes.filter { !$0.layer.parameters.isEmpty }
    #expect(kept.count == originals.count)
    for (a, b) in zip(kept, originals) {
      #expect(a.layer.parameters.map(\.values.values) == b.layer.parameters.map(\.values.values))
    }
    let expected = try plan(plain)
    let quiet = try plan(branched)
    #expect(logits(branched, quiet) == logits(plain, expected))
    // Free: not even memory is taken.
    #expect(quiet.arenaBytes <= expected.arenaBytes + 64 * branched.nodes.count)
    #expect(branched.nodes.indices.allSatisfy { quiet.moments(of: $0) == nil })
    let telling = try plan(branched, keepsMoments: true)
    #expect(logits(branched, telling) == logits(plain, expected))
    for head in branched.heads {
      let branch = try #require(head.objectness.branch)
      let values = try #require(try DetectionScale(head, of: branched).moments(telling))
      #expect(values.means.count == telling.output(of: branch.layer).count)
      #expect(values.variances.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  @Test func weightsFilesAreThoseOfThePlainNetwork() throws {
    try withTemporaryFolder { folder in
      let plain = folder.appending(path: "plain.weights")
      let branched = folder.appending(path: "branched.weights")
      try WeightsFile.write(Self.network(nil).nodes, to: plain)
      let network = try Self.network(.accompany, hidden: [5])
      try WeightsFile.write(network.nodes, to: branched)
      #expect(try Data(contentsOf: plain) == Data(contentsOf: branched))
      #expect(try WeightsFile.read(plain, into: network.nodes).isComplete)
    }
  }

  @Test func replacementIsThePlainNetworkOfItsMeans() throws {
    let network = try Self.network(.replace)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "replaced.weights")
      try WeightsFile.write(network.nodes, to: url)
      let plain = try Network(
        ConfigurationFile(text: network.text, fileName: "a.cfg").removingBranches(),
        backend: network.backend)
      #expect(try WeightsFile.read(url, into: plain.nodes).isComplete)
      plain.parametersDidChange()
      #expect(logits(plain, try plan(plain)) == logits(network, try plan(network)))
      // The objectness logits are the branch's means.
      let telling = try plan(network, keepsMoments: true)
      for head in network.heads {
        let branch = try #require(head.objectness.branch)
        let objectness = ObjectnessLogits(telling.output(of: head.layer), head: head.head)
        expectClose(
          objectness.values, try #require(telling.moments(of: branch.layer)).mean.values,
          relative: 1e-5, absolute: 1e-5)
      }
      // And the other way: heads from a file fill the branch.
      let other = try Self.network(.replace, seed: 5)
      try WeightsFile.read(url, into: other.nodes)
      other.storedParametersWereLoaded()
      #expect(logits(other, try plan(other)) == logits(plain, try plan(plain)))
    }
  }

  @Test func seriesMomentsAreThoseOfTheLogits() throws {
    let network = try Self.network(.series)
    let telling = try plan(network, keepsMoments: true)
    try #require(network.heads.count == 2)
    for head in network.heads {
      let moments = try #require(try DetectionScale(head, of: network).moments(telling))
      let objectness = ObjectnessLogits(telling.output(of: head.layer), head: head.head)
      expectClose(objectness.values, moments.means, relative: 1e-4, absolute: 1e-4)
      #expect(moments.variances.allSatisfy { $0 > 0 })
    }
  }

  @Test func aRouteToOneLayerIsThatLayer() throws {
    let text = """
      [net]
      width=32
      height=32
      [convolutional]
      filters=4
      size=3
      pad=1
      [route]
      layers=-1
      [convolutional]
      filters=5
      [route]
      layers=0
      [convolutional]
      filters=5
      [shortcut]
      from=-3
      """
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
    // The same network without aliases: a route to one group of one is a copy, not an alias.
    let direct = text.replacing("[route]\nlayers=-1\n", with: "")
    let (a, b) = (
      try Network(ConfigurationFile(text: text, fileName: "a.cfg"), backend: backend),
      try Network(ConfigurationFile(text: direct, fileName: "b.cfg"), backend: backend)
    )
    var gradients: [[[Float]]] = []
    for network in [a, b] {
      network.initializeWeights(RandomStream(seed: 1))
      for (index, parameter) in network.parameters.filter({ $0.parameter.decays }).enumerated() {
        parameter.parameter.values.update(
          from: randomValues(parameter.parameter.values.count, seed: UInt64(index)))
      }
      let plan = try network.makePlan(input: network.inputShape(batch: 1), mode: .training)
      plan.input.update(from: randomValues(plan.input.count, seed: 9))
      plan.forward()
      let last = network.nodes.count - 1
      plan.gradient(of: last)?.update(from: randomValues(plan.output(of: last).count, seed: 10))
      plan.backward()
      gradients.append(network.parameters.compactMap { $0.parameter.gradient?.values })
    }
    #expect(gradients[0] == gradients[1])
    #expect(gradients[0][1].contains { $0 != 0 })
  }
}
