import Datasets
import Detection
import Evaluation
import Experiments
import Foundation
import Images
import Tasks
import Testing
import Training

/// A run knows the images it has seen, whatever they are called where they are judged.
@Suite struct KnownImagesTests {
  private static func samples(
    _ world: SmallWorld, _ data: DataChoice
  ) throws -> [Sample<[GroundTruth]>] {
    try data.readToJudge(classNames: Synthesizer.classNames, world.console()).samples
  }

  @Test func countsWhatARunHasSeen() throws {
    try SmallWorld.use { world in
      let run = RunFolder(path: try world.run("run"))
      let weights = try run.weights()
      let known = KnownImages(run, weights: weights)
      #expect(known.gap == nil)
      let train = try Self.samples(world, world.data("train"))
      #expect(
        known.cautions(judging: train) == [
          "12 of these 12 images were trained on: the numbers say little about new images"
        ])
      let test = try Self.samples(world, world.data("test"))
      #expect(known.cautions(judging: test) == [])
      let val = try Self.samples(world, world.data("val"))
      #expect(weights == .best)
      #expect(
        known.cautions(judging: val) == [
          "4 of these 4 images chose the weights: the numbers are a little too good"
        ])
      #expect(KnownImages(run, weights: .last).cautions(judging: val) == [])
    }
  }

  /// Copies under other names, and links, are the same images; a changed byte makes another.
  @Test func knowsCopiesAndLinks() throws {
    try SmallWorld.use { world in
      let known = KnownImages(RunFolder(path: try world.run("run")), weights: .last)
      let train = try Self.samples(world, world.data("train"))
      let first = try #require(train[0].image.file)
      let copy = world.folder.appending(path: "other.jpg")
      try FileManager.default.copyItem(at: first, to: copy)
      let link = world.folder.appending(path: "link.jpg")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: first)
      var bytes = try Data(contentsOf: first)
      bytes[bytes.count - 1] ^= 1
      let changed = world.folder.appending(path: "changed.jpg")
      try bytes.write(to: changed)
      let overlap = known.overlap(
        with: [copy, link, changed].map { ($0.lastPathComponent, ImageSource.file($0)) })
      #expect(overlap.images == 3 && overlap.trained == 2 && overlap.chosenBy == 0)
    }
  }

  @Test func saysWhatCannotBeTold() throws {
    try SmallWorld.use { world in
      let run = RunFolder(path: try world.run("run"))
      let test = try Self.samples(world, world.data("test"))
      try FileManager.default.moveItem(atPath: world.path("data"), toPath: world.path("moved"))
      let known = KnownImages(run, weights: .best)
      #expect(try #require(known.gap).hasPrefix("it cannot be told which images \(run.path)"))
      #expect(known.cautions(judging: test).count == 1)
    }
  }

  @Test func aRunBringsItsValidationImages() throws {
    try SmallWorld.use { world in
      let run = try world.run("run")
      let data = try DataChoice.validation(of: [run, run], world.console())
      #expect(data.voc == [world.path("data") + ":val"])
      #expect(world.heard.text.contains("data: the validation images of \(run): "))
      let input = try EvaluationInput(
        .data(data), .model(ModelChoice(.run(run))), backend: world.backend, world.console())
      #expect(input.images.count == 4 && input.overlap.chosenBy == 4)
      #expect(input.notes.contains { $0.hasPrefix("4 of these 4 images chose the weights") })
      var plan = world.plan()
      plan.data = world.data("trainval")
      let blind = try world.run("blind", plan)
      #expect(throws: (any Error).self) { try DataChoice.validation(of: [blind], world.console()) }
      #expect(throws: (any Error).self) {
        try DataChoice.validation(of: [world.path("data")], world.console())
      }
    }
  }

  /// A folder without lists is divided as the run's seed divided it.
  @Test func aRunsOwnSplitIsFoundAgain() throws {
    try SmallWorld.use { world in
      try FileManager.default.removeItem(atPath: world.path("data/ImageSets"))
      var plan = world.plan()
      plan.data.valFraction = 0.3
      let session = try TrainingStart.new(
        plan, loss: nil, seed: 7, folder: world.path("run"), opening: .new, version: "test",
        backend: world.backend, world.console())
      let training = try #require(session as? TrainingSession<DetectionTask>)
      _ = try training.trainer.run(log: training.log)
      let run = world.path("run")
      let known = KnownImages(RunFolder(path: run), weights: .best)
      let own = try Self.samples(world, DataChoice.validation(of: [run], world.console()))
      let overlap = known.overlap(with: own.map { ($0.id, $0.image) })
      #expect(overlap.images == 6 && overlap.trained == 0 && overlap.chosenBy == 6)
      // The default seed divides in another way, and the guard sees it.
      let other = try Self.samples(
        world, DataChoice(voc: [world.path("data") + ":val"], valFraction: 0.3))
      #expect(known.overlap(with: other.map { ($0.id, $0.image) }).trained > 0)
    }
  }

  @Test func mapsOfTrainingImagesNeedAWord() throws {
    try SmallWorld.use { world in
      let run = try world.run("run")
      let input = try EvaluationInput(
        .data(world.data("train")), .model(ModelChoice(.run(run))), backend: world.backend,
        world.console())
      let error = #expect(throws: UsageError.self) { try CalibrationExperiment().run(on: input) }
      #expect(
        error?.description
          == "12 of these 12 images were trained on: a map of them promises too much; give other"
          + " images, or --allow-training-images")
    }
  }

  @Test func aBetterMapStays() throws {
    try SmallWorld.use { world in
      let run = try world.run("run")
      let input = try EvaluationInput(
        .data(world.data("test")), .model(ModelChoice(.run(run))), backend: world.backend,
        world.console())
      func map(_ ids: [String]) throws -> RecalibrationModel {
        let decisions = (0..<40).map { index in
          Decision(
            image: 0, group: 0, score: Float(index % 10) / 10 + 0.05, isRight: index % 3 == 0)
        }
        return try #require(
          RecalibrationModel(
            fitting: Decisions(decisions, imageCount: ids.count, groupNames: ["a"]),
            imageIDs: ids, method: .platt))
      }
      let path = world.path("map.json")
      func replaced(_ ids: [String], overwrites: Bool = false) throws -> String? {
        try CalibrationExperiment.replaced(
          at: path, by: map(ids), of: input, overwrites: overwrites)
      }
      #expect(try replaced(["x"]) == nil)
      try map(["a", "b", "c"]).json().write(to: URL(filePath: path))
      #expect(throws: UsageError.self) { try replaced(["x"]) }
      #expect(try replaced(["x"], overwrites: true) == "\(path): a map fitted on 3 images")
      #expect(try replaced(["x", "y", "z"]) == "\(path): a map fitted on 3 images")
      // One of training images is worse, however many there were.
      let trained = try Self.samples(world, world.data("train")).map(\.id)
      try map(trained).json().write(to: URL(filePath: path))
      #expect(
        try replaced(["x"]) == "\(path): a map fitted on 12 images, 12 of them trained on")
    }
  }
}
