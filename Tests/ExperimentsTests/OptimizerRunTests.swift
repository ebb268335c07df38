import Compute
import Darknet
import Foundation
import Layers
import Networks
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

/// Runs with every optimiser: what they keep, and that they go on where they were.
@Suite struct OptimizerRunTests {
  private func plan(_ world: SmallWorld, _ keys: [String]) throws -> TrainingPlan {
    var plan = world.plan()
    plan.epochs = 4
    plan.evaluationEpochs = 2
    plan.averageDecay = 0.9
    plan.maximumGradientNorm = 5
    plan.settings = try keys.map { try #require(ConfigurationSetting("net.\($0)")) }
    return plan
  }

  private func session(
    _ world: SmallWorld, _ plan: TrainingPlan, _ name: String
  ) throws -> TrainingSession<DetectionTask> {
    try #require(
      try TrainingStart.new(
        plan, loss: nil, seed: 1, folder: world.path(name), opening: .new, version: "test",
        backend: world.backend, world.console()) as? TrainingSession<DetectionTask>)
  }

  private func resumed(
    _ world: SmallWorld, _ name: String
  ) throws -> TrainingSession<DetectionTask> {
    try #require(
      try TrainingStart.resumed(world.path(name), backend: world.backend, world.console())
        as? TrainingSession<DetectionTask>)
  }

  /// Twelve updates at once, and in parts of five.
  @Test(arguments: [
    [], ["optimizer=nesterov"], ["adam=1"], ["optimizer=adamw", "decay_all=1"],
    ["optimizer=rmsprop"], ["optimizer=rmsprop", "rmsprop_momentum=.9"],
  ])
  func runsGoOnToTheSameBytes(_ keys: [String]) throws {
    try SmallWorld.use { world in
      let plan = try plan(world, keys)
      let whole = try session(world, plan, "whole")
      #expect(try whole.trainer.run(log: whole.log).iterations == 12)
      var part = try session(world, plan, "parts")
      for end in [5, 10, 12] {
        let trainer = part.trainer
        let outcome = try trainer.run(log: part.log, isInterrupted: { trainer.iteration == end })
        #expect(outcome.iterations == end)
        if end < 12 { part = try resumed(world, "parts") }
      }
      for file in ["last.safetensors", "best.safetensors", "config.json", "model.cfg"] {
        let paths = ["whole/", "parts/"].map { world.path($0 + file) }
        #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]), "\(file)")
      }
      let values = whole.trainer.network.parameters.flatMap(\.parameter.values.values)
      #expect(values.allSatisfy { $0.isFinite })
    }
  }

  /// Runs of SGD say what they said before there were others: old ones go on.
  @Test func runsOfSGDAreAsTheyWere() throws {
    try SmallWorld.use { world in
      let run = try RunFolder(path: world.run("run"))
      let options = try #require(try world.json("run/config.json")["options"] as? [String: Any])
      #expect((options["momentum"] as? Double).map { abs($0 - 0.9) < 1e-6 } == true)
      #expect(options["rule"] == nil && options["decaysAll"] == nil)
      let text = String(decoding: try Data(contentsOf: URL(filePath: run.last)), as: UTF8.self)
      #expect(text.contains("momentum/0.convolutional.weights"))
      #expect(!text.contains("squares/") && !text.contains("\\\"optimizer\\\""))
    }
  }

  @Test func checkpointsHaveWhatIsRemembered() throws {
    try SmallWorld.use { world in
      for (name, keys, groups) in [
        ("adam", ["optimizer=adam"], ["momentum", "squares"]),
        ("rmsprop", ["optimizer=rmsprop"], ["squares"]),
      ] {
        let session = try session(world, plan(world, keys), name)
        _ = try session.trainer.run(log: session.log)
        let last = session.trainer.folder.last
        let metadata = try Checkpoint.metadata(of: last)
        #expect(metadata.optimizer?.rawValue == name)
        let text = String(decoding: try Data(contentsOf: URL(filePath: last)), as: UTF8.self)
        for group in ["momentum", "squares"] {
          #expect(
            text.contains("\(group)/0.convolutional.weights") == groups.contains(group), "\(name)")
        }
      }
    }
  }

  @Test func anotherOptimizerDoesNotGoOn() throws {
    try SmallWorld.use { world in
      let run = try RunFolder(path: world.run("run"))
      var configuration = try RunConfiguration(contentsOf: run.configuration)
      configuration.options.optimizer = .nesterov(momentum: 0.9)
      try configuration.save(to: run.configuration)
      let error = #expect(throws: TrainingError.self) { try resumed(world, "run") }
      #expect(
        error?.description
          == "\(run.last): was trained with the optimiser sgd, not nesterov; give a checkpoint that "
          + "detector train has written")
    }
  }

  @Test func optimizersHaveRatesOfTheirOwn() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.optimizer = .adamw
      let run = try world.run("darknet", plan)
      let kept = try RunConfiguration(contentsOf: RunFolder(path: run).configuration)
      #expect(Float(kept.schedule.base) == 0.001 && kept.options.optimizer.name == .adamw)
      #expect(try world.text("darknet/model.cfg").contains("optimizer=adamw"))
      #expect(
        world.heard.lines.contains {
          $0.contains(", adamw at rate 0.001,") || $0.hasSuffix(", adamw at rate 0.001")
        })
      #expect(world.heard.text.contains("note: the rate 0.001 is the one for adamw; --find-rate"))
      plan.learningRate = 0.25
      plan.decaysAll = true
      let said = try world.run("said", plan)
      let other = try RunConfiguration(contentsOf: RunFolder(path: said).configuration)
      #expect(other.schedule.base == 0.25 && other.options.decaysAll == true)
      // The recipe knows the optimiser of the cfg and that of a setting.
      var automatic = world.plan()
      automatic.recipe = .auto
      automatic.settings = [ConfigurationSetting("net", "optimizer", "rmsprop")]
      let chosen = try world.run("auto", automatic)
      #expect(
        try RunConfiguration(contentsOf: RunFolder(path: chosen).configuration).schedule.base
          == 0.002)
    }
  }

  @Test func memoryIsForecastForEach() throws {
    try SmallWorld.use { world in
      let file = try ConfigurationFile(text: SmallWorld.network, fileName: "n.cfg")
      func bytes(_ name: OptimizerRule.Name) throws -> Int {
        let definition = try NetworkBuilder.build(file.settingOptimizer(name))
        return try MemoryFit(
          .init(bytes: 1 << 30), definition, TrainingOptions(definition.net), isValidated: false
        ).bytes(2)
      }
      let parameters = try NetworkSummary(NetworkBuilder.build(file)).memory.parameterBytes
      let plain = try bytes(.sgd)
      #expect(try bytes(.nesterov) == plain && bytes(.rmsprop) == plain)
      #expect(try bytes(.adam) == plain + parameters && bytes(.adamw) == plain + parameters)
    }
  }
}
