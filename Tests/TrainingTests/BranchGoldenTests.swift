import Compute
import Darknet
import Foundation
import Layers
import Losses
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Tasks
@testable import Training

/// Updates of a small network with Bayesian branches against PyTorch in double precision
/// (scripts/branches.py).
@Suite struct BranchGoldenTests {
  private static func network(_ name: String, _ golden: GoldenCase) throws -> Network {
    var plan = BranchPlan()
    plan.loss = .uncertainty
    plan.sampleCount = 0
    let isPlain = ["enlarge", "detection", "expectedIoU"].contains(name)
    plan.mode = try #require(
      UncertaintyBranch.Mode(rawValue: isPlain ? "accompany" : name))
    let url = packageRoot.appending(path: "Tests/Golden/training.cfg")
    var file = try ConfigurationFile(contentsOf: url).adding(plan)
    if name == "expectedIoU" {
      file = try file.adding(.iou).applying(.init("yolo", "expected_iou_weight", "0"))
    }
    if name == "detection" || name == "expectedIoU" {
      file = try file.applying(.init("yolo", "uncertainty_measure", name))
    }
    let eta = golden.numbers["eta"] ?? 0
    if eta > 0 { file = try file.applying(.init("yolo", "enlarge_variance", "\(eta)")) }
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    var (branches, places) = (0, 0)
    for (index, node) in network.nodes.enumerated() {
      if network.heads.contains(where: { $0.expectedIoU?.layer == index }),
        let layer = node.layer as? Convolution
      {
        TrainingGoldenTests.setWeights(layer.weights, 200 + places)
        places += 1
      } else if let layer = node.layer as? ConvBayes {
        TrainingGoldenTests.setWeights(layer.weights, 100 + branches)
        branches += 1
      } else if let layer = node.layer as? Convolution {
        // In series the branch is a layer of the network: those after it are one further.
        let shift = plan.mode == .series ? branches : 0
        TrainingGoldenTests.setWeights(layer.weights, node.mainIndex - shift)
      }
    }
    network.parametersDidChange()
    return network
  }

  @Test(arguments: [
    "accompany", "accompanyDetached", "rescaleAux", "replace", "series", "enlarge",
    "detection", "expectedIoU",
  ])
  func steps(name: String) throws {
    let golden = try #require(try goldenCases("branches").first { $0.name == name })
    let network = try Self.network(name, golden)
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(
      from: TrainingGoldenTests.sines(plan.input.count, 0).map { Float($0 * 0.5 + 0.5) })
    let task = try DetectionTask(network)
    let optimizer = try Optimizer(
      network.parameters.map(\.parameter),
      settings: .init(rule: .sgd(momentum: 0.9), weightDecay: 5e-4, batch: 2), on: network.backend)
    var losses: [Float] = []
    for _ in 0..<2 {
      plan.forward()
      let value = try task.loss(plan, targets: TrainingGoldenTests.truths, step: LossStep())
      #expect(value.parts.prefix(4) == ["box", "objectness", "class", "auxiliary"])
      losses += value.outputs.flatMap { $0.prefix(4) }.map { Float($0) }
      plan.backward()
      optimizer.update(rate: 1e-4, using: network.backend)
    }
    let expected = try golden.array("losses")
    expectClose(
      Array(losses[..<8]), Array(expected[..<8]), relative: 1e-5, absolute: 1e-5, name)
    // In the second step an anchor or a maximum of a few thousand may have changed sides.
    expectClose(
      Array(losses[8...]), Array(expected[8...]), relative: 2e-3, absolute: 1e-3, name)
  }

  @Test func warmUpIsPlain() throws {
    let golden = try goldenCases("branches")[0]
    let text = try Self.network("accompany", golden).text
    var file = try ConfigurationFile(text: text, fileName: "a.cfg")
    func objectness(_ file: ConfigurationFile, iteration: Int, burnIn: Int = 0) throws -> Double {
      let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      network.initializeWeights(RandomStream(seed: 1))
      let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
      plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 2))
      plan.forward()
      return try DetectionTask(network).loss(
        plan, targets: TrainingGoldenTests.truths,
        step: LossStep(iteration: iteration, burnIn: burnIn)
      ).sums[1]
    }
    func with(_ key: String, _ value: String) throws -> ConfigurationFile {
      var changed = file
      for index in changed.sections.indices where changed.sections[index].name == "yolo" {
        changed = try changed.setting(key, to: value, inSection: index)
      }
      return changed
    }
    let weighted = try objectness(file, iteration: 0)
    let plain = try objectness(with("objectness_loss", "bce"), iteration: 0)
    #expect(weighted < 0.9 * plain)
    let warm = try with("objectness_warmup", "3")
    #expect(try objectness(warm, iteration: 2) == plain)
    #expect(try objectness(warm, iteration: 3) == weighted)
    // Anchor loss waits for the end of burn-in, the others do not.
    #expect(try objectness(file, iteration: 0, burnIn: 5) == weighted)
    let anchor = try with("objectness_loss", "anchor")
    #expect(try objectness(anchor, iteration: 4, burnIn: 5) == plain)
    #expect(try objectness(anchor, iteration: 5, burnIn: 5) != plain)
    #expect(try objectness(with("objectness_loss", "focal"), iteration: 0, burnIn: 5) < 0.9 * plain)
    file = try with("obj_normalizer", "0.5")
    #expect(abs(try objectness(file, iteration: 0) - weighted / 2) < 1e-6 * weighted)
    #expect(
      abs(try objectness(with("objectness_loss", "bce"), iteration: 0) - plain / 2) < 1e-6 * plain)
  }

  @Test func momentsThatAreNotFinite() throws {
    let golden = try goldenCases("branches")[0]
    let network = try Self.network("accompany", golden)
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 2))
    let bayes = try #require(network.nodes.compactMap { $0.layer as? ConvBayes }.first)
    bayes.weights.values.update(from: [Float](repeating: 1e30, count: bayes.weights.values.count))
    plan.forward()
    #expect(throws: UncertaintyError.self) {
      try DetectionTask(network).loss(
        plan, targets: TrainingGoldenTests.truths, step: LossStep())
    }
  }
}
