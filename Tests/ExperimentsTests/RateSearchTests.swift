import Compute
import Darknet
import Foundation
import Images
import TestSupport
import Testing
import Training

@testable import Experiments

/// `train --find-rate`: a training that leaves a table and a plot, and no run.
@Suite struct RateSearchTests {
  private func search(
    _ world: SmallWorld, _ plan: TrainingPlan? = nil, _ folder: String = "rates",
    range: RateRange = RateRange(updates: 40)
  ) throws -> RateSearch {
    try RateSearch.run(
      plan ?? world.plan(), loss: nil, seed: 1, range: range, folder: world.path(folder),
      backend: world.backend, world.console())
  }

  @Test func leavesATableAndAPlot() throws {
    try SmallWorld.use { world in
      let search = try search(world)
      #expect(search.curve.points.first?.rate == 1e-7)
      #expect(search.curve.points.allSatisfy { $0.loss.isFinite && $0.loss > 0 })
      #expect(
        world.heard.text.contains(
          "range test: 40 updates of 4 images, sgd with rates from 1e-07 to 10, input 64x64; no run "
            + "is made"))
      let files = try search.write(to: world.path("rates"))
      #expect(files == [world.path("rates/find-rate.csv"), world.path("rates/find-rate.png")])
      let content = try FileManager.default.contentsOfDirectory(atPath: world.path("rates"))
      #expect(content.sorted() == ["find-rate.csv", "find-rate.png"])
      let lines = try world.text("rates/find-rate.csv").split(separator: "\n")
      #expect(lines.first == "rate,loss,smoothed_loss")
      #expect(lines.count == search.curve.points.count + 1)
      let last = lines.last?.split(separator: ",").compactMap { Double($0) }
      let point = try #require(search.curve.points.last)
      #expect(last == [point.rate, point.loss, point.smoothed])
      let picture = try Image.read(files[1])
      #expect(picture.width == 900 && picture.height == 600)
      // The same again, to the bit, and a folder with something in it is left alone.
      #expect(try self.search(world, nil, "again").curve == search.curve)
      let error = #expect(throws: UsageError.self) { try self.search(world) }
      #expect(
        error?.description
          == "\(world.path("rates")) is not empty; --find-rate needs a new folder in --out")
    }
  }

  /// A rate that is far too large ends the test before its last update.
  @Test(arguments: OptimizerRule.Name.allCases)
  func endsWhereTheLossBlowsUp(_ name: OptimizerRule.Name) throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.optimizer = name
      plan.frozenLayers = 1
      let search = try search(
        world, plan, range: RateRange(first: 1e-4, last: 1e12, updates: 100))
      #expect(search.curve.end == .diverged || search.curve.end == .notFinite)
      #expect(search.curve.points.count < 100)
      let steepest = try #require(search.curve.steepest)
      #expect(search.text.hasPrefix("steepest descent: rate \(String(format: "%.3g", steepest)) ("))
      #expect(search.text.contains("\nleast / 10: "))
      #expect(world.heard.text.contains("\(name.rawValue) with rates from 0.0001"))
    }
  }

  @Test func mistakesLeaveNothing() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.weights = world.path("none.weights")
      #expect(throws: (any Error).self) { try search(world, plan) }
      #expect(!world.exists("rates"))
      // The run of another time stays as it is.
      let run = try world.run("run")
      let before = try Data(contentsOf: URL(filePath: run + "/last.safetensors"))
      #expect(throws: UsageError.self) { try search(world, nil, "run") }
      #expect(try Data(contentsOf: URL(filePath: run + "/last.safetensors")) == before)
    }
  }
}
