import Experiments
import Foundation
import TestSupport
import Testing
import Training

/// What people seldom mean is said before a training begins, or refused where it cannot be meant.
@Suite struct TrainingHintsTests {
  private static func start(_ world: SmallWorld, _ plan: TrainingPlan, _ name: String) throws {
    _ = try TrainingStart.new(
      plan, loss: nil, seed: 1, folder: world.path(name), opening: .new, version: "test",
      backend: world.backend, world.console())
  }

  @Test func aBatchOfOneIsSaid() throws {
    try SmallWorld.use { world in
      try Self.start(world, world.plan(), "usual")
      #expect(!world.heard.text.contains("batch=1"))
      try world.folder.write(
        "net.cfg", SmallWorld.network.replacingOccurrences(of: "batch=4", with: "batch=1"))
      var plan = world.plan()
      try Self.start(world, plan, "one")
      #expect(world.heard.text.contains("note: the cfg says batch=1, as for testing"))
      world.heard.text = ""
      plan.batch = 1
      try Self.start(world, plan, "meant")
      #expect(!world.heard.text.contains("batch=1"))
    }
  }

  /// Twelve images in batches of four are three iterations: two shares fall on one of them.
  @Test func stepsThatCoincideAreOne() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.rateSteps = "0.1,0.6,0.7"
      try Self.start(world, plan, "run")
      #expect(
        world.heard.text.contains(
          "note: of --lr-steps 0.1,0.6,0.7 several fall on one of the 3 iterations: the rate drops"
            + " at 1, 2"))
      let rate = try RunConfiguration(
        contentsOf: RunFolder(path: world.path("run")).configuration
      ).schedule.rate(at: 3)
      #expect(abs(rate - 1e-6) < 1e-12)
      plan.rateSteps = "0.9,0.5"
      #expect(throws: UsageError.self) { try Self.start(world, plan, "falling") }
    }
  }

  @Test func namesThatDifferInCaseAreSaidAndTwiceIsRefused() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.names = world.path("some.names")
      try world.folder.write("some.names", "circle\nstar\nsquare\nStar\n")
      try Self.start(world, plan, "case")
      #expect(
        world.heard.text.contains("note: the classes 'Star', 'star' differ in case only"))
      try world.folder.write("some.names", "circle\nstar\ncircle\n")
      let error = #expect(throws: (any Error).self) { try Self.start(world, plan, "twice") }
      #expect(
        error.map { "\($0)" }?.hasSuffix(
          "some.names:3: 'circle' is the class of line 1 already; name every class once") == true)
    }
  }

  @Test func dataWithoutAKnownClassAreRefused() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.names = world.path("some.names")
      try world.folder.write("some.names", "zebra\n")
      let error = #expect(throws: (any Error).self) { try Self.start(world, plan, "run") }
      #expect(
        error.map { "\($0)" }?.contains("nothing can be learned: none of") == true)
      #expect(!world.exists("run"))
    }
  }

  @Test func namesStandBesideConvertedWeights() throws {
    try SmallWorld.use { world in
      let export = try WeightsExport(
        run: RunFolder(path: try world.run("run")), backend: world.backend)
      let weights = world.folder.appending(path: "out.weights")
      #expect(try export.writeNames(beside: weights)?.hasSuffix("6 class names") == true)
      let names = try TrainedModel.readNames(world.folder.appending(path: "out.names"))
      #expect(names == export.classNames && names.count == 6)
      #expect(try export.writeNames(beside: weights)?.hasSuffix("6 class names") == true)
      try world.folder.write("out.names", "mine\n")
      #expect(try export.writeNames(beside: weights)?.hasPrefix("note: ") == true)
      #expect(try world.text("out.names") == "mine\n")
    }
  }
}
