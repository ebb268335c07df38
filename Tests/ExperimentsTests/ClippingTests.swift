import Compute
import Darknet
import Foundation
import Layers
import Networks
import Tasks
import TestSupport
import Testing

@testable import Experiments
@testable import Training

/// Clipping of a network with a branch beside it.
@Suite struct ClippingTests {
  /// An epoch and a half, every update of which is clipped.
  private func session(
    _ world: SmallWorld, _ name: String, branch: UncertaintyBranch.Mode?,
    place: PlacePlan = .none, norm: Double? = 0.5, together: Bool = false
  ) throws -> TrainingSession<DetectionTask> {
    var plan = world.plan()
    plan.epochs = 2
    plan.maximumGradientNorm = norm
    plan.clipsTogether = together
    var loss = BranchPlan()
    if let branch {
      loss.branch = .convBayes
      loss.mode = branch
    }
    return try #require(
      try TrainingStart.new(
        plan, loss: LossChoice(loss, place: place), seed: 1, folder: world.path(name),
        opening: .new,
        version: "test", backend: world.backend, world.console())
        as? TrainingSession<DetectionTask>)
  }

  /// What inference needs, after the whole run.
  private func mainBytes(_ session: TrainingSession<DetectionTask>) throws -> [[UInt32]] {
    _ = try session.trainer.run(log: session.log)
    return session.trainer.network.parameters.filter { $0.part == 0 }
      .map { $0.parameter.values.values.map(\.bitPattern) }
  }

  @Test func aDetachedBranchLeavesEveryStepOfTheNetworkAsItIs() throws {
    try SmallWorld.use { world in
      let alone = try mainBytes(session(world, "alone", branch: nil))
      let free = try mainBytes(session(world, "free", branch: nil, norm: nil))
      #expect(alone != free, "nothing was clipped")
      let beside = try session(world, "beside", branch: .accompanyDetached)
      #expect(Set(beside.trainer.network.parameters.map(\.part)) == [0, 1])
      #expect(try mainBytes(beside) == alone)
      // Branches for the place of boxes are parts of their own, beside a Bayesian one or alone.
      for (name, branch, place, count) in [
        ("iou", nil, PlacePlan.iou, 1), ("gaussian", nil, .gaussian, 1),
        ("both", UncertaintyBranch.Mode.accompanyDetached, .iou, 2),
      ] {
        let placed = try session(world, name, branch: branch, place: place)
        #expect(Set(placed.trainer.network.parameters.map(\.part)).count == 1 + count, "\(name)")
        #expect(try mainBytes(placed) == alone, "\(name)")
      }
      let shared = try session(world, "shared", branch: .accompanyDetached, together: true)
      #expect(try mainBytes(shared) != alone, "one norm of all is disturbed by the branch")
    }
  }

  /// The limit holds for each part: both move as far as it and the rate let them.
  @Test func everyPartIsClippedByItsOwnNorm() throws {
    try SmallWorld.use { world in
      let optimizer = try Optimizer(
        session(world, "run", branch: .accompanyDetached).trainer.network.parameters,
        settings: .init(rule: .sgd(momentum: 0), weightDecay: 0, batch: 1, maximumGradientNorm: 2),
        on: world.backend)
      let last = try #require(optimizer.parameters.last)
      for parameter in optimizer.parameters {
        if let gradient = parameter.gradient { world.backend.fill(gradient, with: 0) }
      }
      // The head's weights, and the biases of the branch before them.
      last.gradient?.update(from: [8] + [Float](repeating: 0, count: last.values.count - 1))
      let branch = try #require(optimizer.parameters.first { $0.values.count == 3 })
      branch.gradient?.update(from: [0, 1, 0])
      let before = last.values.values[0]
      let norms = optimizer.gradientNorms(using: world.backend)
      #expect(norms == [8, 1])
      #expect(optimizer.clippingFactors(norms: norms) == [0.25, 1])
      optimizer.update(
        rate: 1, clippingFactors: optimizer.clippingFactors(norms: norms), using: world.backend)
      #expect(abs(before - last.values.values[0] - 2) < 1e-5 && branch.values.values[1] == -1)
    }
  }

  @Test func runsSayHowTheyAreClippedAndGoOnToTheSameBytes() throws {
    try SmallWorld.use { world in
      let whole = try session(world, "whole", branch: .accompany)
      _ = try whole.trainer.run(log: whole.log)
      #expect(
        world.heard.text.contains("clipped at 0.5,")
          || world.heard.text.contains("clipped at 0.5\n"))
      let options = try #require(
        try world.json("whole/config.json")["options"] as? [String: Any])
      #expect(options["clipsParts"] as? Bool == true)
      let part = try session(world, "parts", branch: .accompany)
      let trainer = part.trainer
      _ = try trainer.run(log: part.log, isInterrupted: { trainer.iteration == 2 })
      let rest = try #require(
        try TrainingStart.resumed(world.path("parts"), backend: world.backend, world.console())
          as? TrainingSession<DetectionTask>)
      _ = try rest.trainer.run(log: rest.log)
      #expect(
        try Data(contentsOf: URL(filePath: whole.trainer.folder.last))
          == Data(contentsOf: URL(filePath: rest.trainer.folder.last)))
    }
  }

  /// Runs from before went by one norm, and go on so.
  @Test func aRunThatSaysNothingIsClippedByOneNorm() throws {
    try SmallWorld.use { world in
      let run = try session(world, "run", branch: .accompany, together: true)
      #expect(world.heard.text.contains("clipped at 0.5 together"))
      #expect(run.trainer.options.clipsParts == nil)
      #expect(!run.trainer.optimizer.settings.clipsParts)
      #expect(try !world.text("run/config.json").contains("clipsParts"))
    }
  }
}
