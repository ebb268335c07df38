import Evaluation
import Experiments
import Foundation
import Images
import TestSupport
import Testing

@Suite struct ShiftExperimentTests {
  @Test func listsOfDisturbances() throws {
    let all = try Disturbances(kinds: "all", severities: "0-5")
    #expect(all.kinds == ImageCorruption.Kind.ofPhotos && all.steps.count == 26)
    #expect(all.steps[0] == nil && all.steps.dropFirst().allSatisfy { $0 != nil })
    let some = try Disturbances(kinds: "noise,jpeg,noise", severities: "2-3,0,2")
    #expect(
      some.steps.map { "\($0?.kind.rawValue ?? "none") \($0?.severity ?? 0)" } == [
        "none 0", "noise 2", "noise 3", "jpeg 2", "jpeg 3",
      ])
    #expect(try Disturbances(kinds: "blur", severities: "1").steps.count == 1)
  }

  @Test(arguments: ["noise,fog", "", "noise,", "All"]) func unknownKinds(_ list: String) {
    let error = #expect(throws: UsageError.self) { try Disturbances(kinds: list, severities: "0") }
    #expect(error?.description.hasPrefix("there is no corruption '") == true)
  }

  @Test(arguments: ["2-6", "", "1,", "3-2", "a", "-1", "1-2-3"])
  func unknownSeverities(_ list: String) {
    let error = #expect(throws: UsageError.self) {
      try Disturbances(kinds: "all", severities: list)
    }
    #expect(error?.description == "--severities must be from 0 to 5, such as 0-5 or 0,2,4")
  }

  private func experiment(_ world: SmallWorld, batch: Int = 4) throws -> ShiftExperiment {
    var rules = PredictionRules()
    rules.batchSize = batch
    var judgement = Judgement()
    judgement.draws = 20
    return ShiftExperiment(
      model: world.model(isBayesian: true), data: world.data("train"),
      disturbances: try Disturbances(kinds: "noise,blur", severities: "0,5"), rules: rules,
      judgement: judgement)
  }

  @Test func undisturbedImagesGiveTheNumbersOfTheEvaluation() throws {
    try SmallWorld.use { world in
      let experiment = try experiment(world)
      let result = try experiment.run(backend: world.backend, world.console())
      #expect(result.imageCount == 12 && result.rows.count == 3)
      #expect(result.rows.map(\.severity) == [0, 5, 5])
      #expect(result.rows.map(\.corruption) == [nil, "noise", "blur"])
      let input = try EvaluationInput(
        .data(experiment.data), .model(experiment.model), backend: world.backend, world.console())
      var evaluation = EvaluationExperiment()
      evaluation.judgement = experiment.judgement
      let whole = try evaluation.run(on: input, backend: world.backend).result
      let trust = try #require(whole.trust)
      #expect(result.rows[0].measures.decisions == trust.overall.decisions.count)
      #expect(
        result.rows[0].measures.calibration.value == trust.overall.decisions.calibration.error.value
      )
      for (estimate, metric) in zip(
        result.rows[0].measures.accuracy, [EvaluationMetric.voc07, .voc12])
      {
        #expect(estimate.value == whole.meanAveragePrecision(metric))
      }
      #expect(result.rows.allSatisfy { $0.measures.bald != nil && $0.measures.entropy != nil })
      #expect(result.rows[1].measures.confidence != result.rows[0].measures.confidence)
    }
  }

  @Test func batchesChangeNothingAndTheLimitCounts() throws {
    try SmallWorld.use { world in
      let tables = try [1, 7].map { batch in
        var experiment = try experiment(world, batch: batch)
        experiment.limit = 9
        let result = try experiment.run(backend: world.backend, world.console())
        #expect(result.imageCount == 9)
        return result.table
      }
      #expect(tables[0] == tables[1])
    }
  }

  @Test func imagesAreToldFromCorruptedAndForeignOnes() throws {
    try SmallWorld.use { world in
      var experiment = try experiment(world)
      experiment.foreign = [world.path("data/JPEGImages")]
      let result = try experiment.run(backend: world.backend, world.console())
      #expect(result.foreignImages == 20)
      let names = Set(result.imageShifts.map(\.shift))
      #expect(names == ["noise", "blur", ImageShift.everything, ImageShift.foreign])
      for score in [ImageDoubt.leastConfident, .bald, .anchorBALD, .anchorVariance] {
        let own = result.imageShifts.filter { $0.score == score && $0.severity == nil }
        #expect(own.count == 4 && own.allSatisfy { $0.auroc.interval != nil })
      }
      #expect(result.table.contains("is an image clean or shifted?"))
      // Of a plain network there is no BALD, and without clean images nothing to compare with.
      experiment.model = world.model()
      experiment.disturbances = try Disturbances(kinds: "noise", severities: "5")
      experiment.foreign = []
      let plain = try experiment.run(backend: world.backend, world.console())
      #expect(plain.imageShifts.isEmpty)
    }
  }

  @Test func dataOfOtherClassesAreRefused() throws {
    try SmallWorld.use { world in
      try FileManager.default.removeItem(atPath: world.path("net.names"))
      try world.folder.writeVOC(3)
      var experiment = try experiment(world)
      experiment.data = DataChoice(voc: [world.folder.path + ":all"])
      let error = #expect(throws: UsageError.self) {
        try experiment.run(backend: world.backend, world.console())
      }
      #expect(error?.description == "the model has 6 classes, the data 1; give --names")
    }
  }
}
