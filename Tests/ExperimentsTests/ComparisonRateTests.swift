import Compute
import Datasets
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

@Suite struct ComparisonRateTests {
  private func runs(
    _ world: SmallWorld, _ change: (inout ComparisonPlan) throws -> Void
  ) throws -> [Comparison<DetectionTask>.Run] {
    var training = world.plan()
    training.recipe = .auto
    var plan = ComparisonPlan(training: training, rows: ["baseline", "focal"], seeds: [1, 2])
    try change(&plan)
    let comparison = try plan.comparison(
      in: world.path("out"), version: "test", pool: world.backend.pool, world.console())
    return try #require(comparison as? Comparison<DetectionTask>).runs
  }

  /// The recipe's rate is everybody's, unless a row has its own: it must not be lost.
  @Test func aRowMayHaveItsOwnRate() throws {
    try SmallWorld.use { world in
      let usual = try runs(world) { _ in }
      #expect(usual.allSatisfy { $0.configuration.schedule.base == 0.01 })
      let own = try runs(world) {
        $0.rowSettings = [try ComparisonPlan.rowSetting("focal:net.learning_rate=0.5")]
      }
      #expect(own.map(\.row.name) == ["baseline", "focal", "baseline", "focal"])
      #expect(own.map(\.configuration.schedule.base) == [0.01, 0.5, 0.01, 0.5])
    }
  }

  @Test func noiseIsTheSameForAllRowsAndSeeds() throws {
    try SmallWorld.use { world in
      let noise = try LabelNoise("drop=.5,seed=2")
      let noisy = try runs(world) { $0.training.labelNoise = noise }
      #expect(noisy.allSatisfy { $0.configuration.labelNoise == noise })
      #expect(noisy.allSatisfy { $0.configuration.options.clipsParts == true })
    }
  }
}
