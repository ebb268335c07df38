import Compute
import Darknet
import Datasets
import Evaluation
import Files
import Foundation
import Layers
import Networks
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

/// A classifier goes the way of a detector: the same plan, trainer, loader, log, checkpoint and resume.
@Suite struct ClassificationRunTests {
  private static let network = smallClassifier(
    """
    batch=20
    width=32
    height=32
    channels=3
    learning_rate=.05
    momentum=.9
    max_batches=1000
    """, classes: 10)

  /// CIFAR-10's binary files of two kinds of pictures: red ones, class 3, and blue ones, class 7.
  private static func writeData(to folder: URL) throws {
    func file(_ name: String, count: Int, seed: UInt64) throws {
      var random = RandomStream(seed: seed)
      var bytes: [UInt8] = []
      for number in 0..<count {
        let isRed = number % 2 == 0
        bytes.append(isRed ? 3 : 7)
        for plane in 0..<3 {
          let level = plane == (isRed ? 0 : 2) ? 150...255 : 0...120
          bytes += (0..<1024).map { _ in UInt8(random.integer(in: level)) }
        }
      }
      try Data(bytes).write(to: folder.appending(path: name))
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try file("data_batch_1.bin", count: 60, seed: 1)
    try file("data_batch_2.bin", count: 40, seed: 2)
    try file("test_batch.bin", count: 20, seed: 3)
    let names = (0..<10).map { "kind\($0)" }.joined(separator: "\n")
    try folder.write("batches.meta.txt", names + "\n")
  }

  private static func plan(_ folder: URL) throws -> TrainingPlan {
    let data = folder.appending(path: "cifar")
    try writeData(to: data)
    try folder.write("net.cfg", network)
    var plan = TrainingPlan(
      data: DataChoice(other: [data.path]), model: folder.appending(path: "net.cfg").path)
    plan.epochs = 6
    plan.evaluationEpochs = 2
    plan.saveInterval = 5
    return plan
  }

  private static func start(
    _ plan: TrainingPlan, _ folder: URL, _ name: String, loss: LossChoice? = nil
  ) throws -> TrainingSession<ClassificationTask> {
    let session = try TrainingStart.new(
      plan, loss: loss, seed: 4, folder: folder.appending(path: name).path, opening: .new,
      version: "test", backend: CPUBackend(pool: try ThreadPool(threadCount: 2)), quiet)
    return try #require(session as? TrainingSession<ClassificationTask>)
  }

  private static var quiet: Console { Console(ProgressOutput(write: { _ in }, width: { nil })) }

  @Test func learnsAndSaysItsAccuracy() throws {
    try withTemporaryFolder { folder in
      let session = try Self.start(Self.plan(folder), folder, "run")
      let outcome = try session.trainer.run(log: session.log)
      #expect(try #require(outcome.lastScore) > 0.9 && outcome.measure.name == "accuracy")
      let records = try RunLog.read(session.folder.log).records
      let losses = records.filter { $0.kind == .training }.compactMap { $0.values["class_1"] }
      #expect(try #require(losses.last) < 0.5 * (try #require(losses.first)))
      let scores = records.filter { $0.kind == .evaluation }
      #expect(scores.last?.values["accuracy_top1"] == outcome.lastScore)
      #expect(scores.last?.values["accuracy_top5"] == 1)
      // The model is used like any other.
      let model = try TrainedModel(
        run: session.folder, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      #expect(model.classNames?[7] == "kind7")
      #expect(throws: TaskError.self) { try model.detectedClassNames(Self.quiet) }
      let page = RunsPage(
        runs: [session.folder.path],
        data: DataChoice(other: [folder.appending(path: "cifar").path]))
      let backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
      #expect(try page.html(backend: backend, Self.quiet).text.contains("Classification report"))
    }
  }

  @Test(arguments: [false, true])
  func goesOnToTheSameBytes(mixed: Bool) throws {
    try withTemporaryFolder { folder in
      var plan = try Self.plan(folder)
      if mixed { (plan.mosaic, plan.cutMix, plan.mixup) = (true, true, true) }
      let whole = try Self.start(plan, folder, "whole")
      _ = try whole.trainer.run(log: whole.log)
      let parts = try Self.start(plan, folder, "parts")
      var count = 0
      _ = try parts.trainer.run(
        log: parts.log,
        isInterrupted: {
          count += 1
          return count == 7
        })
      #expect(parts.trainer.iteration == 7)
      let resumed = try #require(
        try TrainingStart.resumed(
          parts.folder.path, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)), Self.quiet)
          as? TrainingSession<ClassificationTask>)
      #expect(resumed.trainer.iteration == 7)
      _ = try resumed.trainer.run(log: resumed.log)
      let files = try [whole, parts].map {
        try Data(contentsOf: URL(filePath: $0.folder.last))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func mixedPicturesTrainOtherWeights() throws {
    try withTemporaryFolder { folder in
      var plan = try Self.plan(folder)
      var weights: [Data] = []
      for name in ["plain", "mosaic", "mixup", "cutmix"] {
        (plan.mosaic, plan.mixup, plan.cutMix) =
          (name == "mosaic", name == "mixup", name == "cutmix")
        let session = try Self.start(plan, folder, name)
        _ = try session.trainer.run(log: session.log)
        // Behind the header, which tells of the score.
        weights.append(try Data(contentsOf: URL(filePath: session.folder.last)).suffix(2000))
      }
      #expect(Set(weights).count == 4)
    }
  }

  @Test func aBranchTrainsBesideIt() throws {
    try withTemporaryFolder { folder in
      var branch = BranchPlan()
      branch.branch = .convBayes
      let session = try Self.start(
        Self.plan(folder), folder, "bayes", loss: LossChoice(branch))
      let outcome = try session.trainer.run(log: session.log)
      #expect(outcome.lossParts.keys.sorted() == ["auxiliary", "class"])
      #expect(try #require(outcome.lastScore) > 0.9)
      let judged = try session.trainer.judged(by: session.trainer.task).images
      #expect(!judged.isEmpty && judged.allSatisfy { ($0.prediction.mutualInformation ?? 0) > 0 })
    }
  }

  @Test(arguments: ["bce", "ohem", "focal", "anchor", "uncertainty"])
  func learnsByEveryLoss(_ name: String) throws {
    try withTemporaryFolder { folder in
      var plan = try Self.plan(folder)
      if name == "anchor" { plan.settings = [.init("softmax", "warm_up", "5")] }
      var loss = BranchPlan()
      loss.loss = LossKind(rawValue: name)
      func trained(_ folderName: String, threads: Int) throws -> (Data, Double?) {
        let session = try TrainingStart.new(
          plan, loss: LossChoice(loss), seed: 4, folder: folder.appending(path: folderName).path,
          opening: .new, version: "test",
          backend: CPUBackend(pool: try ThreadPool(threadCount: threads)), Self.quiet)
        let own = try #require(session as? TrainingSession<ClassificationTask>)
        let outcome = try own.trainer.run(log: own.log)
        return (try Data(contentsOf: URL(filePath: own.folder.last)), outcome.lastScore)
      }
      let (bytes, score) = try trained("two", threads: 2)
      #expect(try #require(score) > 0.9, "\(name)")
      #expect(try trained("one", threads: 1).0 == bytes)
    }
  }

  /// A run whose loss is no number stops with the names of its images; what was saved can be used.
  @Test func aLossThatIsNoNumberNamesItsImages() throws {
    try withTemporaryFolder { folder in
      var plan = try Self.plan(folder)
      plan.learningRate = 1e13
      plan.saveInterval = 100
      plan.settings = [.init("softmax", "warm_up", "0")]
      var loss = BranchPlan()
      loss.loss = .anchor
      let session = try Self.start(plan, folder, "run", loss: LossChoice(loss))
      let error = #expect(throws: TrainingError.self) {
        try session.trainer.run(log: session.log)
      }
      guard case .notFinite(let quantity, let iteration, let images) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(["the loss", "the gradient"].contains(quantity) && iteration > 1)
      #expect(images.count == 20 && images.allSatisfy { $0.contains("data_batch_") }, "\(images)")
      let model = try TrainedModel(
        run: session.folder, backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      #expect(
        model.network.parameters.allSatisfy { named in
          named.parameter.values.values.allSatisfy(\.isFinite)
        })
    }
  }

  /// Five epochs of cross-entropy are all of a short run.
  @Test func aLossThatNeverBeginsIsSaid() throws {
    try withTemporaryFolder { folder in
      func heard(epochs: Int, warmUp: String? = nil) throws -> String {
        var text = ""
        var plan = try Self.plan(folder)
        plan.epochs = epochs
        plan.settings = warmUp.map { [.init("softmax", "warm_up", $0)] } ?? []
        var loss = BranchPlan()
        loss.loss = .anchor
        _ = try TrainingStart.new(
          plan, loss: LossChoice(loss), seed: 4,
          folder: folder.appending(path: "\(epochs)\(warmUp ?? "")").path, opening: .new,
          version: "test", backend: CPUBackend(pool: try ThreadPool(threadCount: 1)),
          Console(ProgressOutput(write: { text += $0 }, width: { nil })))
        return text
      }
      let note = "have plain cross-entropy, and the run ends before"
      let texts = try [
        heard(epochs: 5), heard(epochs: 6), heard(epochs: 5, warmUp: "4"),
        heard(epochs: 1, warmUp: "9"),
      ]
      #expect(texts[0].contains("the first 5 epochs " + note))
      #expect(!texts[1].contains(note) && !texts[2].contains(note))
      #expect(texts[3].contains("the first 9 iterations " + note))
    }
  }

  /// A comparison says it of the row, whose loss cannot be set for all rows.
  @Test func aRowThatNeverBeginsIsNamed() throws {
    try withTemporaryFolder { folder in
      var text = ""
      var training = try Self.plan(folder)
      training.epochs = 2
      let plan = ComparisonPlan(
        training: training, rows: try ComparisonPlan.rows(named: "baseline,bce,anchor"),
        seeds: [1, 2])
      _ = try plan.comparison(
        in: folder.appending(path: "c").path, version: "test",
        pool: try ThreadPool(threadCount: 1),
        Console(ProgressOutput(write: { text += $0 }, width: { nil })))
      let notes = text.split(separator: "\n").filter { $0.contains("note: row") }
      #expect(notes.count == 1)
      #expect(notes[0].hasPrefix("note: row anchor: the first 5 epochs"))
      #expect(notes[0].hasSuffix("give more epochs"))
    }
  }

  @Test func lossesOfOneClassRefuseMixedPictures() throws {
    try withTemporaryFolder { folder in
      var plan = try Self.plan(folder)
      plan.mixup = true
      for name in ["focal", "anchor"] {
        var loss = BranchPlan()
        loss.loss = LossKind(rawValue: name)
        let error = #expect(throws: TrainingError.self) {
          try Self.start(plan, folder, name, loss: LossChoice(loss))
        }
        #expect(error?.description.contains("mixup gives pictures several") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: name).path))
      }
      var loss = BranchPlan()
      loss.loss = .bce
      let session = try Self.start(plan, folder, "bce", loss: LossChoice(loss))
      _ = try session.trainer.run(log: session.log)
    }
  }

  @Test func runsAreCompared() throws {
    try withTemporaryFolder { folder in
      var training = try Self.plan(folder)
      training.epochs = 2
      training.evaluationEpochs = 0
      let plan = ComparisonPlan(
        training: training,
        rows: try ComparisonPlan.rows(named: "baseline,baseline+convBayes"), seeds: [1])
      let path = folder.appending(path: "c").path
      let backend = CPUBackend(pool: try ThreadPool(threadCount: 2))
      let comparison = try plan.comparison(
        in: path, version: "test", pool: backend.pool, Self.quiet)
      try comparison.check()
      try comparison.trainAll(
        backend, sharedBy: SingleProcess(), until: InterruptFlag(), Self.quiet)
      let table = try comparison.table(bootstrap: Bootstrap(draws: 100), pool: nil)
      #expect(table.metrics == ["top1", "top5"] && table.missingRuns == 0)
      #expect(table.rows.map(\.name) == ["baseline", "baseline+convBayes"])
      let score = try #require(table.rows[1].scores["top1"])
      #expect(score.spread.mean > 0.5 && score.difference != nil && score.interval != nil)
      let files = try table.write(to: path)
      #expect(files.contains(path + "/comparison-top1.png"))
      let text = try String(contentsOfFile: path + "/comparison.txt", encoding: .utf8)
      #expect(text.hasPrefix("accuracy of the last weights in %"))
      // Beside it, how far probabilities can be trusted.
      #expect(text.contains("smaller is better; ece15 in %, nll in nats"))
      for name in ["ece15", "nll"] {
        let own = try #require(table.rows[1].scores[name])
        #expect(own.spread.mean > 0 && own.difference != nil && own.interval != nil)
      }
      let header = try String(contentsOfFile: path + "/comparison.csv", encoding: .utf8)
      #expect(header.prefix { $0 != "\n" }.hasSuffix("aurocUncertainty_both_upper"))
      // Finished runs are taken as they are, and changed predictions are noticed.
      let again = try plan.comparison(
        in: path, version: "test", pool: backend.pool, Self.quiet)
      try again.check()
      let kept = path + "/baseline/seed-1/predictions.json"
      let predictions = try String(contentsOfFile: kept, encoding: .utf8)
      try predictions.replacing("\"probabilities\":[0", with: "\"probabilities\":[9")
        .write(toFile: kept, atomically: true, encoding: .utf8)
      let error = #expect(throws: FileError.self) {
        try again.table(bootstrap: Bootstrap(draws: 10), pool: nil)
      }
      #expect(error?.path == kept)
    }
  }

  @Test func objectsAreNoClasses() throws {
    try SmallWorld.use { world in
      try world.folder.write("net.cfg", Self.network)
      let error = #expect(throws: DataError.self) {
        try TrainingStart.new(
          world.plan(), loss: nil, seed: 1, folder: world.path("run"), opening: .new,
          version: "test", backend: world.backend, world.console())
      }
      #expect(error?.description.contains("objects with boxes") == true)
    }
  }
}
