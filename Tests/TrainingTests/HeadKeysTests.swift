import Compute
import Darknet
import Detection
import Foundation
import Layers
import Networks
import TestSupport
import Testing

@testable import Tasks
@testable import Training

/// What AlexeyAB's `[yolo]` keys and the objectness losses of this project do together.
@Suite struct HeadKeysTests {
  private static let keys = """
    iou_loss=ciou
    iou_normalizer=2
    iou_thresh=.2
    cls_normalizer=.5
    max_delta=5
    label_smooth_eps=.05
    counters_per_class=2,3
    """

  /// The cfg of the golden training with keys for its heads; with `activated`, as `new_coords=1` has it.
  private static func cfg(_ keys: String, activated: Bool) throws -> ConfigurationFile {
    var text = try String(
      contentsOf: packageRoot.appending(path: "Tests/Golden/training.cfg"), encoding: .utf8)
    var added = "[yolo]\n\(keys)\n"
    if activated {
      added += "new_coords=1\nscale_x_y=2\nobjectness_smooth=1\n"
      text = text.replacingOccurrences(
        of: "activation=linear\n\n[yolo]", with: "activation=logistic\n\n[yolo]")
    }
    return try ConfigurationFile(
      text: text.replacingOccurrences(of: "[yolo]\n", with: added), fileName: "x.cfg")
  }

  /// With `sameLoss` the objectness loss is its gain times plain cross-entropy, whatever the difficulties.
  @Test func sameLossKeepsTheObjectnessLoss() throws {
    func objectness(_ kind: LossKind, _ keys: String) throws -> [Double] {
      var branch = BranchPlan()
      branch.loss = kind
      branch.branch = .convBayes
      let file = try Self.cfg(keys, activated: false).adding(branch)
      let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      network.initializeWeights(RandomStream(seed: 3))
      let plan = try network.makePlan(
        input: network.inputShape(batch: 2), mode: .training, keepsMoments: true)
      plan.input.update(
        from: TrainingGoldenTests.sines(plan.input.count, 0).map { Float($0 * 0.5 + 0.5) })
      plan.forward()
      return try DetectionTask(network).loss(
        plan, targets: TrainingGoldenTests.truths, step: LossStep()
      ).outputs.map { $0[1] }
    }
    let plain = try objectness(.bce, "")
    for (kept, alone) in zip(
      try objectness(.uncertainty, "difficulty_weight=sameLoss\nobj_normalizer=3"), plain)
    {
      #expect(abs(kept - 3 * alone) < 1e-4 * kept, "\(kept), \(alone)")
    }
    let raw = try objectness(.uncertainty, "")
    #expect(zip(raw, plain).allSatisfy { $0 < 0.9 * $1 }, "raw weights shrink it")
  }

  @Test(
    arguments: [false, true],
    [
      (ObjectnessChoice.bce, nil), (.focal, nil), (.anchor, nil),
      (.uncertainty, UncertaintyBranch.Mode.accompany), (.uncertainty, .rescaleAux),
      (.uncertainty, .replace), (.uncertainty, .series),
    ])
  func trainTogether(
    activated: Bool, loss: (ObjectnessChoice, UncertaintyBranch.Mode?)
  ) throws {
    var file = try Self.cfg(Self.keys, activated: activated)
    var branch = BranchPlan()
    branch.loss = LossKind(rawValue: loss.0.rawValue)
    if let mode = loss.1 { branch.mode = mode }
    file = try file.adding(branch)
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    try #require(network.heads.count == 2)
    network.initializeWeights(RandomStream(seed: 3))
    network.parametersDidChange()
    let plan = try network.makePlan(
      input: network.inputShape(batch: 2), mode: .training, keepsMoments: loss.1 != nil)
    plan.input.update(
      from: TrainingGoldenTests.sines(plan.input.count, 0).map { Float($0 * 0.5 + 0.5) })
    let task = try DetectionTask(network)
    let optimizer = try Optimizer(
      network.parameters.map(\.parameter),
      settings: .init(rule: .sgd(momentum: 0.9), weightDecay: 5e-4, batch: 2), on: network.backend)
    var boxes: [Double] = []
    var objectness: [Double] = []
    for iteration in 0..<60 {
      plan.forward()
      let value = try task.loss(
        plan, targets: TrainingGoldenTests.truths, step: LossStep(iteration: iteration))
      boxes.append(value.outputs.reduce(0) { $0 + $1[0] })
      objectness.append(value.outputs.reduce(0) { $0 + $1[1] })
      plan.backward()
      optimizer.update(rate: 5e-4, using: network.backend)
      network.parametersDidChange()
    }
    #expect(boxes.allSatisfy(\.isFinite) && objectness.allSatisfy(\.isFinite))
    #expect(boxes[59] < 0.8 * boxes[0], "\(boxes[0]), \(boxes[59])")
    #expect(objectness[59] < 0.8 * objectness[0], "\(objectness[0]), \(objectness[59])")
  }
}
