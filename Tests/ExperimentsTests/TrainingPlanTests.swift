import Compute
import Darknet
import Datasets
import Detection
import Experiments
import Foundation
import Geometry
import Networks
import Tasks
import TestSupport
import Testing
import Training

@Suite struct TrainingPlanTests {
  @Test func whatIsLeftOutIsTheConfigurationsChoice() throws {
    try SmallWorld.use { world in
      let material = try world.material(world.plan())
      #expect(material.data.training.count == 12 && material.data.validation.count == 4)
      #expect(material.data.classNames == Synthesizer.classNames)
      #expect(material.sources.training == [world.path("data")])
      #expect(material.sources.validation == [world.path("data") + ":val"])
      #expect(world.heard.text == "")
      let net = try NetworkBuilder.build(material.file).net
      let plain = try world.plan().configuration(net, material, seed: 5, version: "v")
      #expect(plain.options.batch == 4 && plain.options.seed == 5 && plain.splitSeed == nil)
      #expect(plain.options.iterations == 3 && plain.options.evaluationInterval == 3)
      #expect(plain.options.checkpointInterval == 100 && plain.toolVersion == "v")
      var plan = world.plan()
      plan.batch = 5
      plan.epochs = 2
      plan.evaluationEpochs = 0
      plan.jitter = 0.125
      plan.resize = .stretch
      plan.averageDecay = 0
      plan.rateSteps = "0.5,0.9"
      plan.data.seed = 1
      let changed = try plan.configuration(net, material, seed: 5, version: "v")
      #expect(changed.options.batch == 5 && changed.options.subdivisions == 1)
      #expect(changed.options.iterations == 5 && changed.options.evaluationInterval == 0)
      #expect(changed.options.augmentation.jitter == 0.125)
      #expect(
        changed.options.augmentation.resizeMode == .stretch && changed.options.averageDecay == nil)
      #expect(changed.splitSeed == 1 && changed.schedule != plain.schedule)
      plan.cutMix = true
      #expect(
        throws: UsageError("--cutmix is for classifiers; detectors have --mosaic and --mixup")
      ) { try plan.configuration(net, material, seed: 5, version: "v") }
      plan.cutMix = nil
      for steps in ["a", "0.5,b", "0"] {
        plan.rateSteps = steps
        let error = #expect(throws: UsageError.self) {
          try plan.configuration(net, material, seed: 5, version: "v")
        }
        #expect(
          error?.description == "--lr-steps must be shares of the run, such as 0.7,0.9")
      }
    }
  }

  @Test func headsFollowTheDataAndTheirSplits() throws {
    try SmallWorld.use { world in
      try world.folder.writeVOC(4)
      var plan = world.plan()
      plan.data = DataChoice(voc: [world.folder.path + ":all"])
      plan.inputSize = 96
      let material = try world.material(plan)
      #expect(material.data.training.count == 4 && material.sources.validation == [])
      #expect(
        world.heard.lines == [
          "note: no validation images; give some with --validate to keep the best checkpoint",
          "\(world.path("net.cfg")): heads set to 1 classes",
        ])
      let definition = try NetworkBuilder.build(material.file)
      #expect(definition.heads.map(\.head.classCount) == [1])
      #expect(definition.net.width == 96)
      plan.validation = [world.folder.path + ":all"]
      let judged = try world.material(plan)
      #expect(judged.data.validation.count == 4)
    }
  }

  @Test func firstLayersAreFrozen() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.frozenLayers = 2
      let nodes = try NetworkBuilder.build(world.material(plan).file).nodes
      #expect(nodes.indices.filter { nodes[$0].training.isFrozen } == [0, 1])
      for count in [0, nodes.count, 99] {
        plan.frozenLayers = count
        let error = #expect(throws: DarknetError.self) { try world.material(plan) }
        #expect(error?.description.contains("\(count) layers cannot be frozen: there are") == true)
      }
    }
  }

  @Test func runsGoOnWithTheDataTheyWereStartedWith() throws {
    try SmallWorld.use { world in
      let run = try world.run("run")
      #expect(
        world.heard.lines.last?.hasPrefix(
          "12 training and 4 validation images, 6 classes; input 64x64, letterbox; 3 iterations of "
            + "4 images; run in ") == true)
      let session = try #require(
        try TrainingStart.resumed(run, backend: world.backend, world.console())
          as? TrainingSession<DetectionTask>)
      #expect(session.trainer.iteration == 3)
      #expect(world.heard.lines.last?.contains("3 iterations of 4 images, 3 of them done;") == true)
      #expect(
        try RunPictures.writeCurves(of: RunFolder(path: run)) == [
          run + "/plots/loss.png", run + "/plots/map.png",
        ])
    }
  }

  @Test func lossesChangeTheConfiguration() throws {
    try SmallWorld.use { world in
      var branch = BranchPlan()
      branch.loss = .uncertainty
      let session = try #require(
        try TrainingStart.new(
          world.plan(), loss: LossChoice(branch, learnsVariance: true), seed: 1,
          folder: world.path("bayes"), opening: .new, version: "v", backend: world.backend,
          world.console()) as? TrainingSession<DetectionTask>)
      #expect(session.trainer.network.isBayesian)
      let text = try world.text("bayes/model.cfg")
      #expect(text.contains("[convBayes]") && text.contains("objectness_loss=uncertainty"))
    }
  }
}

@Suite struct ComparisonPlanTests {
  @Test func listsOfRowsAndSeeds() throws {
    #expect(try ComparisonPlan.seeds(named: "3,1") == [3, 1])
    for list in ["1,1", "", "1,", "-1", "a"] {
      let error = #expect(throws: UsageError.self) { try ComparisonPlan.seeds(named: list) }
      #expect(error?.description == "--seeds must be different numbers, such as 1,2,3")
    }
    #expect(try ComparisonPlan.rows(named: "paper,baseline") == ["paper", "baseline"])
    #expect(
      try ComparisonRows.detection.named(["paper", "baseline"]) == ComparisonRows.detection.paper)
    #expect(throws: UsageError("--rows names nothing")) { try ComparisonPlan.rows(named: "") }
    let error = #expect(throws: UsageError.self) { try ComparisonPlan.rows(named: "miracle") }
    #expect(error?.description.contains("no row \"miracle\"; detectors have baseline, ") == true)
  }

  @Test func allRowsHaveTheSameImages() throws {
    try SmallWorld.use { world in
      var plan = ComparisonPlan(
        training: world.plan(), rows: try ComparisonPlan.rows(named: "baseline,uncertainty"),
        seeds: [1, 2])
      plan.training.evaluationEpochs = 0
      let comparison = try #require(
        try plan.comparison(
          in: world.path("c"), version: "v", pool: world.backend.pool, world.console())
          as? Comparison<DetectionTask>)
      #expect(
        comparison.runs.map { "\($0.row.name) \($0.seed)" } == [
          "baseline 1", "uncertainty 1", "baseline 2", "uncertainty 2",
        ])
      #expect(comparison.runs.allSatisfy { $0.configuration.splitSeed == 1 })
      #expect(!comparison.runs[0].file.has(section: "convBayes"))
      #expect(comparison.runs[1].file.has(section: "convBayes"))
      plan.rows = try ComparisonPlan.rows(named: "baseline")
      plan.training.settings = [.init("convBayes", "samples", "3")]
      let error = #expect(throws: UsageError.self) {
        try plan.comparison(
          in: world.path("c"), version: "v", pool: world.backend.pool, world.console())
      }
      #expect(error?.description.hasSuffix(": no row has a [convBayes]") == true)
    }
  }
}
