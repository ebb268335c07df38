import Datasets
import Evaluation
import Foundation
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

/// Label noise in training, and the search for wrong labels.
@Suite struct LabelErrorTests {
  private static let noise = LabelNoise(
    shares: [.drop: 0.2, .move: 0.2, .rename: 0.2, .add: 0.2], seed: 3)

  @Test func noiseIsInTheTrainingLabelsAloneAndInTheRun() throws {
    try SmallWorld.use { world in
      let clean = try world.material(world.plan()).data
      var plan = world.plan()
      plan.labelNoise = Self.noise
      let noisy = try world.material(plan).data
      #expect(noisy.training.map(\.target) != clean.training.map(\.target))
      #expect(noisy.training.map(\.id) == clean.training.map(\.id))
      #expect(noisy.validation.map(\.target) == clean.validation.map(\.target))
      #expect(world.heard.text.contains("; validation images keep their labels"))
      let run = RunFolder(path: try world.run("run", plan))
      let configuration = try RunConfiguration(contentsOf: run.configuration)
      #expect(configuration.labelNoise == Self.noise)
      // A run that goes on learns from the same labels.
      let again = try TrainingMaterial<DetectionTask>.data(of: configuration, world.console())
      #expect(again.training.map(\.target) == noisy.training.map(\.target))
      #expect(again.validation.map(\.target) == clean.validation.map(\.target))
      let plain = RunFolder(path: try world.run("plain"))
      #expect(try !world.text("plain/config.json").contains("labelNoise"))
      #expect(try RunConfiguration(contentsOf: plain.configuration).labelNoise == nil)
    }
  }

  @Test func labelsAreRankedAndKnownErrorsJudged() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.labelNoise = Self.noise
      let run = try world.run("run", plan)
      var search = LabelErrorSearch(model: ModelChoice(.run(run)), data: world.data("train"))
      search.bootstrap = Bootstrap(draws: 10)
      let plain = try search.run(backend: world.backend, world.console())
      #expect(plain.trial == nil && plain.imageCount == 12 && plain.labelCount > 12)
      #expect(world.heard.text.contains("--label-noise run puts it in"))
      #expect(
        zip(plain.suspects, plain.suspects.dropFirst()).allSatisfy {
          $0.suspicion >= $1.suspicion
        })
      search.noise = .ofRun
      let judged = try search.run(backend: world.backend, world.console())
      let rows = try #require(judged.trial?.rows)
      // What was done to the labels is what the trial knows.
      let counts = Self.noise.applied(
        to: try world.material(world.plan()).data.training, classCount: 6
      ).changes.flatMap(\.self)
      for (kind, error) in [
        LabelNoise.Kind.drop: LabelErrorKind.missing, .move: .moved, .rename: .wrongClass,
        .add: .spurious,
      ] {
        let row = try #require(rows.first { $0.kind == error && $0.score == .confidence })
        #expect(row.errors == counts.count { $0.kind == kind }, "\(kind)")
        #expect((0...1).contains(row.auroc.value ?? -1))
      }
      #expect(rows.contains { $0.kind == .moved && $0.score == .loss })
      #expect(!rows.contains { $0.score == .bald }, "there is no branch")
      try judged.write(to: world.path("out"))
      let json = try world.json("out/label-errors.json")
      #expect((json["suspects"] as? [Any])?.count == judged.suspects.count)
      #expect((json["trial"] as? [Any])?.count == rows.count)
      #expect(world.exists("out/label-errors.png"))
      #expect(judged.text.contains("errors that were put in"))
    }
  }

  @Test func aBranchSaysWhatItDoubts() throws {
    try SmallWorld.use { world in
      let search = LabelErrorSearch(
        model: world.model(isBayesian: true), data: world.data("val"), noise: .some(Self.noise))
      let trial = try #require(try search.run(backend: world.backend, world.console()).trial)
      for score in [SuspicionScore.bald, .difficulty] {
        #expect(trial.rows.contains { $0.score == score && $0.kind == .wrongClass })
      }
    }
  }

  @Test func refusals() throws {
    try SmallWorld.use { world in
      let search = LabelErrorSearch(
        model: world.model(), data: world.data("val"), noise: .ofRun)
      let error = #expect(throws: UsageError.self) {
        try search.run(backend: world.backend, world.console())
      }
      #expect(
        error?.description == "--label-noise run: the model was trained without --label-noise")
    }
  }
}

@Suite struct ComparisonPowerTests {
  @Test func tellsWhatCanBeSeen() {
    let text = ComparisonPower(seedDeviation: 2, seeds: 4).text
    #expect(text.contains("   3 seeds  7.10 points\n"))
    // t(3) = 3.182446: 3.182446 · 2 / 2 · 2.801585 / 1.959964.
    #expect(text.contains("   4 seeds  4.55 points  (this study)\n"))
    #expect(ComparisonPower(seedDeviation: 2, seeds: 1).text.contains("   1 seed   nothing"))
  }
}
