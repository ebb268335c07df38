import Compute
import Datasets
import Evaluation
import Foundation
import Geometry
import Images
import TestSupport
import Testing
import Training

@testable import Experiments
@testable import Tasks

/// How pictures are brought to a classifier: one rule for training, validation, evaluation, predictions.
@Suite struct ClassifierInputTests {
  private static let network = smallClassifier(
    """
    batch=8
    width=16
    height=16
    channels=3
    learning_rate=.05
    max_batches=100
    pad=2
    """, classes: 2)

  /// Wide pictures whose middle is red or blue; what is left and right of it has the other colour.
  private static func write(to folder: URL) throws {
    try folder.write("net.cfg", network)
    for (name, isRed) in [("blue", false), ("red", true)] {
      for split in ["train", "val"] {
        for number in 0..<8 {
          var image = noise(72, 24, seed: UInt64(number + (isRed ? 100 : 0)))
          for y in 0..<24 {
            for x in 0..<72 {
              let light = image[x, y].red / 2 + 120
              let dim = image[x, y].green / 4
              let shown = (24..<48).contains(x) == isRed
              image[x, y] = shown ? (light, dim, dim) : (dim, dim, light)
            }
          }
          let place = folder.appending(path: "data/\(split)/\(name)")
          try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
          try image.writePNG(to: place.appending(path: "\(number).png"))
        }
      }
    }
  }

  private static var quiet: Console { Console(ProgressOutput(write: { _ in }, width: { nil })) }

  private static func start(
    _ folder: URL, _ name: String, _ change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> TrainingSession<ClassificationTask> {
    var plan = TrainingPlan(
      data: DataChoice(other: [folder.appending(path: "data").path]),
      model: folder.appending(path: "net.cfg").path)
    plan.epochs = 30
    plan.evaluationEpochs = 30
    change(&plan)
    let session = try TrainingStart.new(
      plan, loss: nil, seed: 4, folder: folder.appending(path: name).path, opening: .new,
      version: "test", backend: CPUBackend(pool: try ThreadPool(threadCount: 2)), quiet)
    return try #require(session as? TrainingSession<ClassificationTask>)
  }

  @Test func theMiddleIsSeenEverywhere() throws {
    try withTemporaryFolder { folder in
      try Self.write(to: folder)
      let session = try Self.start(folder, "run")
      let outcome = try session.trainer.run(log: session.log)
      #expect(outcome.lastScore == 1)
      let kept = try RunConfiguration(contentsOf: session.folder.configuration)
      #expect(kept.options.resizeMode == .crop && kept.options.augmentation.resizeMode == .crop)
      #expect(kept.options.augmentation.pad == 2 && kept.options.augmentation.view == nil)

      let backend = CPUBackend(pool: try ThreadPool(threadCount: 2))
      let choice = ModelChoice(.run(session.folder.path, .last))
      let classifier = try Classifier(choice, backend: backend, Self.quiet)
      #expect(classifier.input.resizeMode == .crop)
      #expect(classifier.introduction.hasSuffix("input 16x16, crop"))
      let report = try ClassifierEvaluation().run(
        choice, on: DataChoice(other: [folder.appending(path: "data").path + ":val"]),
        backend: backend, Self.quiet)
      #expect(report.figures.first?.estimate.value == 1)
      #expect(report.settings.contains { $0.name == "resize" && $0.value == "crop" })
      // Picture by picture, and what a batch says of the same.
      let picture = try Image.read(folder.appending(path: "data/val/red/3.png"))
      let alone = try classifier.prediction(of: picture)
      #expect(alone.probabilities[1] > 0.5)
      let source = ImageSource.file(folder.appending(path: "data/val/red/3.png"))
      let judged = try classifier.classified(
        [Sample(id: "3", image: source, target: 1)], batchSize: 4)
      expectClose(judged.images[0].probabilities, alone.probabilities, relative: 1e-6)

      // With the sides in sight the other colour has more of the picture.
      var whole = choice
      whole.resize = .stretch
      let other = try Classifier(whole, backend: backend, Self.quiet).prediction(of: picture)
      #expect(abs(other.probabilities[1] - alone.probabilities[1]) > 0.05)
    }
  }

  /// The cfg may ask for another rule, and a user too; a run keeps its own.
  @Test func othersCanBeAskedFor() throws {
    try withTemporaryFolder { folder in
      try Self.write(to: folder)
      let asked = try Self.start(folder, "asked") { $0.resize = .stretch }
      #expect(asked.trainer.input.resizeMode == .stretch)
      try folder.write(
        "net.cfg", Self.network.replacing("pad=2", with: "letter_box=1\nmin_crop=12\nangle=5"))
      let boxed = try Self.start(folder, "boxed")
      #expect(boxed.trainer.input.resizeMode == .letterbox)
      let view = try #require(boxed.trainer.options.augmentation.view)
      #expect(
        view == RandomView(smallestSide: 12, largestSide: 32, angle: 5, aspect: 1, ownWidth: 16))
      let error = #expect(throws: UsageError.self) {
        try Self.start(folder, "jittered") { $0.jitter = 0.1 }
      }
      #expect(error?.description.contains("--jitter 0.1 says what is cut") == true)
    }
  }

  @Test func objectsAreNotCropped() throws {
    try SmallWorld.use { world in
      var choice = world.model()
      choice.resize = .crop
      let error = #expect(throws: UsageError.self) { try choice.load(world.backend) }
      #expect(error?.description.hasPrefix("--resize crop shows the middle") == true)
      var plan = world.plan()
      plan.resize = .crop
      #expect(throws: UsageError.self) {
        try TrainingStart.new(
          plan, loss: nil, seed: 1, folder: world.path("run"), opening: .new, version: "test",
          backend: world.backend, world.console())
      }
      #expect(!world.exists("run"))
    }
  }

  @Test func firstPicturesWithTheirClasses() throws {
    try withTemporaryFolder { folder in
      try Self.write(to: folder)
      let session = try Self.start(folder, "run") {
        $0.cutMix = true
        $0.mixup = true
      }
      let batch = try #require(try session.trainer.firstImages(16))
      #expect(batch.targets.contains { !$0.isPlain } && batch.targets.contains(where: \.isPlain))
      try RunPictures.write(batch, classNames: ["blue", "red"], to: session.folder)
      let sheet = try Image.read(URL(filePath: session.folder.plot("batch.png")))
      // Inputs of 16 pixels, 14 times as large, in two rows of four with captions.
      #expect(sheet.width == 4 * (224 + 8) + 8 && sheet.height == 2 * (224 + 16 + 16) + 8)
      let mixed = ClassShares.joined([
        (
          ClassShares(0),
          Pane(
            rectangle: .init(x: 0, y: 0, width: 2, height: 3), sourceX: 0, sourceY: 0,
            inputWidth: 4, inputHeight: 4)
        ),
        (
          ClassShares(1),
          Pane(
            rectangle: .init(x: 0, y: 0, width: 2, height: 5), sourceX: 0, sourceY: 0,
            inputWidth: 4, inputHeight: 4)
        ),
      ])
      #expect(RunPictures.caption(mixed, ["blue", "red"]) == "63% red, 38% blue")
      #expect(RunPictures.caption(ClassShares(1), ["blue", "red"]) == "red")
    }
  }
}
