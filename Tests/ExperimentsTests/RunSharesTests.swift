import Compute
import Darknet
import Datasets
import Experiments
import Foundation
import Tasks
import TestSupport
import Testing
import Training

/// What a run sets aside of data that nobody has divided stays aside.
@Suite struct RunSharesTests {
  /// A world of twenty images without lists.
  private func use(_ body: (SmallWorld) throws -> Void) throws {
    try SmallWorld.use { world in
      try FileManager.default.removeItem(atPath: world.path("data/ImageSets"))
      try body(world)
    }
  }

  /// A run by another seed than the default one, trained to its end.
  private func run(_ world: SmallWorld, _ change: (inout TrainingPlan) -> Void = { _ in }) throws
    -> String
  {
    var plan = world.plan()
    change(&plan)
    let session = try #require(
      try TrainingStart.new(
        plan, loss: nil, seed: 7, folder: world.path("run"), opening: .new, version: "test",
        backend: world.backend, world.console()) as? TrainingSession<DetectionTask>)
    _ = try session.trainer.run(log: session.log)
    return world.path("run")
  }

  private func data(
    of run: String, _ world: SmallWorld
  ) throws -> TrainingData<DetectionTask.Target> {
    let configuration = try RunConfiguration(contentsOf: run + "/config.json")
    return try TrainingMaterial<DetectionTask>.data(of: configuration, world.console())
  }

  /// Makes a run's `config.json` one that does not know some keys.
  private func forget(_ keys: [String], of run: String) throws {
    let file = URL(filePath: run + "/config.json")
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    for key in keys { object[key] = nil }
    try JSONSerialization.data(withJSONObject: object).write(to: file)
  }

  @Test(arguments: [(nil, nil), (0.3, 0.2)] as [(Float?, Float?)])
  func testImagesOfARunAreNew(val: Float?, test: Float?) throws {
    try use { world in
      let run = try run(world) {
        $0.data.valFraction = val
        $0.data.testFraction = test
      }
      let saved = try RunConfiguration(contentsOf: run + "/config.json")
      #expect(saved.valFraction == val ?? 0.1 && saved.testFraction == test ?? 0.1)
      #expect(saved.annotatedSize == nil && saved.splitSeed == nil)
      #expect(
        world.heard.lines.first
          == "data: \(world.path("data")): no lists: "
          + (val == nil ? "80 % train, 10 % val, 10 % test" : "50 % train, 30 % val, 20 % test")
          + " of the images, chosen by seed 7")
      let resumed = try data(of: run, world)
      let used = resumed.training.map(\.id) + resumed.validation.map(\.id)
      #expect(used.count == (val == nil ? 18 : 16))
      // By a path of its own, of which nothing but the run tells the shares.
      let link = world.path("link")
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: world.path("data"))
      func input(_ split: String) throws -> EvaluationInput {
        try EvaluationInput(
          .data(DataChoice(voc: ["\(link):\(split)"])), .model(ModelChoice(.run(run))),
          backend: world.backend, world.console())
      }
      let judged = try input("test")
      #expect(Set(used).isDisjoint(with: judged.images.map(\.id)))
      #expect(used.count + judged.images.count == 20)
      #expect(
        judged.overlap.trained == 0 && judged.overlap.chosenBy == 0 && judged.known?.gap == nil)
      let chosen = try input("val")
      #expect(chosen.images.map(\.id) == resumed.validation.map(\.id))
      #expect(chosen.overlap.trained == 0 && chosen.overlap.chosenBy == chosen.images.count)
      #expect(try input("train").overlap.trained == resumed.training.count)
      #expect(try input("trainval").overlap.trained == resumed.training.count)
    }
  }

  /// A run of before there was a share for testing has trained on its images, and goes on with them.
  @Test func runsWithoutTestImagesKeepTheirs() throws {
    try use { world in
      let before = try run(world) { $0.data.testFraction = 0 }
      #expect(try !world.text("run/config.json").contains("testFraction"))
      try forget(["annotatedSize", "testFraction"], of: before)
      let resumed = try data(of: before, world)
      #expect(resumed.training.count == 18 && resumed.validation.count == 2)
      let session = try #require(
        try TrainingStart.resumed(before, backend: world.backend, world.console())
          as? TrainingSession<DetectionTask>)
      #expect(session.trainer.iteration == 5)
      func input(_ data: DataChoice) throws -> EvaluationInput {
        try EvaluationInput(
          .data(data), .model(ModelChoice(.run(before))), backend: world.backend, world.console())
      }
      let place = world.path("data")
      #expect(
        message { _ = try input(DataChoice(voc: [place + ":test"])) }
          == "\(place): no images are set aside for testing: their share is 0; give --test-fraction "
          + "0.1, to train as well")
      #expect(try input(DataChoice(voc: [place + ":val"])).overlap.chosenBy == 2)
      // Who insists gets some, and hears what they are worth.
      let forced = try input(DataChoice(voc: [place + ":test"], testFraction: 0.1))
      #expect(forced.overlap.trained == 2)
      #expect(forced.notes.contains { $0.hasPrefix("2 of these 2 images were trained on") })
    }
  }

  @Test func sharesOfARunAreForItsDataAlone() throws {
    try use { world in
      let run = RunFolder(path: try run(world) { $0.data.testFraction = 0.25 })
      let place = world.path("data")
      for own in [place, place + ":test", place + "/JPEGImages", world.folder.path] {
        let rules = DataChoice(voc: ["/nowhere", own]).adoptingRules(of: run).rules
        #expect(rules.shares == SplitShares(validation: 0.1, test: 0.25, seed: 7))
      }
      for foreign in [place + "2", "/nowhere"] {
        let choice = DataChoice(other: [foreign])
        #expect(choice.adoptingRules(of: run) == choice && choice.adoptingRules(of: nil) == choice)
      }
      let said = DataChoice(voc: [place], valFraction: 0.5, annotatedSize: .refuse)
        .adoptingRules(of: run).rules
      #expect(said.shares == SplitShares(validation: 0.5, test: 0.25, seed: 7))
      #expect(said.annotatedSize == .refuse)
      // Of detections in files no run tells the shares.
      let seeded = DataChoice(voc: [place + ":test"], testFraction: 0.25, seed: 7)
      #expect(seeded.adoptingRules(of: nil).rules.shares == SplitShares(test: 0.25, seed: 7))
      // All of the images have nothing left for testing.
      var plan = world.plan()
      plan.data = world.data("all")
      #expect(try world.material(plan).rules.shares.test == 0)
    }
  }

  @Test func runsOfSeveralSeedsMayHaveOneChoice() throws {
    try use { world in
      let first = try run(world) { $0.data.seed = 3 }
      let saved = try RunConfiguration(contentsOf: first + "/config.json")
      #expect(saved.splitSeed == 3 && saved.options.seed == 7 && saved.rules.shares.seed == 3)
      #expect(world.heard.lines.first?.hasSuffix("chosen by seed 3") == true)
    }
  }

  @Test func listsLeaveNothingToShare() throws {
    try SmallWorld.use { world in
      let configuration = try RunConfiguration(contentsOf: world.run("run") + "/config.json")
      #expect(configuration.testFraction == nil && configuration.valFraction == 0.1)
      #expect(!world.heard.text.contains("no lists"))
    }
  }

  @Test func allRunsOfAComparisonHaveTheSameShares() throws {
    try use { world in
      func comparison(_ test: Float?) throws -> Comparison<DetectionTask> {
        var plan = ComparisonPlan(
          training: world.plan(), rows: try ComparisonPlan.rows(named: "baseline"), seeds: [1, 2])
        plan.training.data.testFraction = test
        return try #require(
          try plan.comparison(
            in: world.path("c"), version: "v", pool: world.backend.pool, world.console())
            as? Comparison<DetectionTask>)
      }
      let usual = try comparison(nil)
      #expect(usual.data.training.count == 16 && usual.data.validation.count == 2)
      for run in usual.runs {
        #expect(run.configuration.rules.shares == SplitShares(test: 0.1, seed: 1))
      }
      let without = try comparison(0)
      #expect(without.data.training.count == 18)
      #expect(without.data.validation.map(\.id) == usual.data.validation.map(\.id))
      let differences = try without.runs[0].configuration.differences(
        to: usual.runs[0].configuration)
      #expect(differences.contains { $0.hasPrefix("testFraction: unset, now 0.1") })
    }
  }

  @Test func theRuleForSizesIsTheRunsOwn() throws {
    try use { world in
      let first = try #require(
        try FileManager.default.contentsOfDirectory(atPath: world.path("data/Annotations")).min())
      let name = "data/Annotations/" + first
      let text = try world.text(name)
      try world.folder.write(
        name, text.replacing("<width>64</width>", with: "<width>96</width>"))
      let adapted = try world.material(world.plan())
      #expect(adapted.rules.annotatedSize == .adapt)
      let run = try run(world) {
        $0.data = world.data("all")
        $0.data.annotatedSize = .ignore
        $0.validation = [world.path("data") + ":all"]
      }
      let saved = try RunConfiguration(contentsOf: run + "/config.json")
      #expect(saved.annotatedSize == .ignore && saved.testFraction == nil)
      #expect(try data(of: run, world).training.count == 20)
      let heard = world.heard.lines.filter { $0.contains("size ignored") }
      #expect(!heard.isEmpty, "\(world.heard.text)")
      try forget(["annotatedSize"], of: run)
      #expect(try data(of: run, world).training.count == 19)
    }
  }
}
