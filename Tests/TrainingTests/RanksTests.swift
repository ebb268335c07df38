import Compute
import Darknet
import Datasets
import Detection
import Foundation
import Geometry
import Images
import Layers
import Networks
import Tasks
import TestSupport
import Testing

@testable import Training

/// Several ranks, threads here, train one network.
@Suite struct RanksTests {
  private static let network = """
    [net]
    width=32
    height=32
    channels=3
    [convolutional]
    batch_normalize=1
    filters=6
    size=3
    stride=2
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    stride=4
    pad=1
    activation=leaky
    [convolutional]
    filters=16
    activation=linear
    [yolo]
    mask=0,1
    anchors=6,6, 14,14
    classes=3

    """

  /// How a run is disturbed, and how it is trained.
  private struct Plan: Sendable {
    var iterations = 6
    var batch = 6
    var synchronizes = false
    var seed: UInt64 = 5
    var resumes = false
    /// The rank that is asked to stop in this iteration.
    var stop: (rank: Int, iteration: Int)?
    /// The rank whose folder cannot be written to.
    var hasFullDisk = false
    /// The rank that has another annotation.
    var otherData: Int?
  }

  /// What a rank ends with.
  private struct End: Sendable {
    let weights: [Float]
    let loss: Double
    let score: Double?
    let iterations: Int
    let wasInterrupted: Bool
  }

  /// Pictures of 40 x 40, made once.
  private static func samples(_ folder: URL) throws -> SampleSet<[GroundTruth]> {
    let data = folder.appending(path: "data")
    if !FileManager.default.fileExists(atPath: data.path) {
      var synthesizer = Synthesizer()
      synthesizer.imageCount = 18
      synthesizer.width = 40
      synthesizer.height = 40
      try synthesizer.write(to: data, pool: try ThreadPool(threadCount: 1))
    }
    return try SampleSet(voc: [DataArgument(data)], split: "all")
  }

  private static func train(
    _ group: any ProcessGroup, _ plan: Plan, in folder: URL, run name: String
  ) throws -> End {
    let set = try samples(folder)
    let file = try ConfigurationFile(text: network, fileName: "x.cfg")
      .settingClassCount(set.classNames.count)
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
    let network = try Network(file, backend: backend)
    // Only rank 0 knows the weights: the others must get them.
    if group.isFirst { network.initializeWeights(RandomStream(seed: 3)) }
    var options = try TrainingOptions(NetConfiguration(file), seed: plan.seed)
    options.iterations = plan.iterations
    options.batch = plan.batch
    options.subdivisions = 1
    options.averageDecay = 0.9
    options.evaluationInterval = 3
    options.checkpointInterval = 2
    options.synchronizesNorm = plan.synchronizes ? true : nil
    var training = Array(set.samples.prefix(12))
    if plan.otherData == group.rank {
      var target = training[4].target
      target[0].box.left += 1
      training[4] = Sample(id: training[4].id, image: training[4].image, target: target)
    }
    let run = RunFolder(path: folder.appending(path: name).path)
    let trainer = try Trainer<DetectionTask>(
      network: network,
      data: .init(
        training: training, validation: Array(set.samples.suffix(6)), classNames: set.classNames),
      options: options, schedule: LearningRateSchedule(base: 1e-3, burnIn: 0, policy: .constant),
      folder: run, toolVersion: "test")
    let log: RunLog
    if group.isFirst {
      _ = try RunFolder.open(run.path, as: plan.resumes ? .resume : .overwrite)
      if plan.resumes { try trainer.resume() }
      log = try RunLog.create(run.log, columns: trainer.columns)
    } else {
      log = try RunLog.discarded(columns: trainer.columns)
    }
    try trainer.join(group)
    if plan.hasFullDisk, group.isFirst {
      try FileManager.default.removeItem(atPath: run.path)
    }
    let outcome = try trainer.run(
      log: log,
      isInterrupted: {
        plan.stop.map { $0.rank == group.rank && trainer.iteration + 1 >= $0.iteration } ?? false
      })
    return End(
      weights: network.parameters.flatMap { $0.parameter.values.values },
      loss: outcome.loss ?? .nan, score: outcome.lastScore, iterations: outcome.iterations,
      wasInterrupted: outcome.wasInterrupted)
  }

  private static func run(
    _ count: Int, _ plan: Plan, in folder: URL, as name: String = "run"
  ) throws -> [Result<End, any Error>] {
    // The ranks would all begin to draw the pictures.
    _ = try samples(folder)
    return ThreadRanks.run(count) { try train($0, plan, in: folder, run: name) }
  }

  private static func ends(
    _ count: Int, _ plan: Plan, in folder: URL, as name: String = "run"
  ) throws -> [End] {
    try run(count, plan, in: folder, as: name).map { try $0.get() }
  }

  /// One process, the reference.
  private static func alone(_ plan: Plan, in folder: URL) throws -> End {
    try train(SingleProcess(), plan, in: folder, run: "alone")
  }

  @Test(arguments: [2, 3, 4])
  func withSharedNormalisationRanksLearnWhatOneProcessDoes(_ count: Int) throws {
    try withTemporaryFolder { folder in
      let plan = Plan(synchronizes: true)
      let alone = try Self.alone(plan, in: folder)
      let ends = try Self.ends(count, plan, in: folder)
      for end in ends {
        // Sums are rounded in another order; six updates enlarge that.
        expectClose(end.weights, alone.weights, relative: 1e-3, absolute: 2e-4)
        #expect(end.weights == ends[0].weights)
        #expect(abs(end.loss - alone.loss) < 1e-3 * alone.loss)
        #expect(end.score == ends[0].score)
      }
    }
  }

  @Test func ranksOfTheirOwnNormalisationHaveTheSameWeightsAndBytes() throws {
    try withTemporaryFolder { folder in
      let plan = Plan()
      let ends = try Self.ends(3, plan, in: folder)
      let again = try Self.ends(3, plan, in: folder, as: "again")
      for end in ends + again { #expect(end.weights == ends[0].weights) }
      for name in ["last", "best"] {
        let files = try ["run", "again"].map {
          try Data(contentsOf: folder.appending(path: "\($0)/\(name).safetensors"))
        }
        #expect(files[0] == files[1])
      }
      // Other shares are normalised together.
      #expect(try Self.alone(plan, in: folder).weights != ends[0].weights)
    }
  }

  @Test func theScoresOfRanksAreThoseOfOneProcess() throws {
    try withTemporaryFolder { folder in
      _ = try Self.ends(2, Plan(), in: folder)
      // The same weights, judged by one process.
      @Sendable func judged(_ group: any ProcessGroup) throws -> [[Float]] {
        let set = try Self.samples(folder)
        let file = try ConfigurationFile(text: Self.network, fileName: "x.cfg")
          .settingClassCount(set.classNames.count)
        let backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
        let trainer = try Trainer<DetectionTask>(
          network: try Network(file, backend: backend),
          data: .init(
            training: set.samples, validation: set.samples, classNames: set.classNames),
          options: TrainingOptions(NetConfiguration(file)),
          schedule: LearningRateSchedule(base: 1e-3, burnIn: 0, policy: .constant),
          folder: RunFolder(path: folder.appending(path: "run").path), toolVersion: "test")
        try Checkpoint.restoreModel(
          trainer.network.parameters.map { NamedTensor($0.name, $0.parameter.values) },
          from: trainer.folder.last)
        trainer.group = group
        let judged = try trainer.judged(by: trainer.task)
        #expect(judged.indices == Array(0..<18))
        return judged.images.map { $0.prediction.flatMap { [$0.box.left, $0.confidence] } }
      }
      let alone = try judged(SingleProcess())
      #expect(alone.contains { !$0.isEmpty })
      // 18 images are three batches: of four ranks one has none.
      for count in [2, 4] {
        for result in ThreadRanks.run(count, { try judged($0) }) {
          #expect(try result.get() == alone)
        }
      }
    }
  }

  @Test func resumingWithTheSameRanksEndsWithTheSameBytes() throws {
    try withTemporaryFolder { folder in
      let whole = try Self.ends(2, Plan(), in: folder, as: "whole")
      var first = Plan()
      first.stop = (rank: 1, iteration: 3)
      let stopped = try Self.ends(2, first, in: folder)
      // Rank 1 alone was asked to; both stop after the same update.
      for end in stopped {
        #expect(end.wasInterrupted)
        #expect(end.iterations == 3)
      }
      let ends = try Self.ends(2, Plan(resumes: true), in: folder)
      #expect(ends[0].weights == whole[0].weights)
      #expect(ends[1].weights == whole[0].weights)
      let files = try ["whole", "run"].map {
        try Data(contentsOf: folder.appending(path: "\($0)/last.safetensors"))
      }
      #expect(files[0] == files[1])
      // One process goes on as well.
      let saved = try Checkpoint.metadata(of: folder.appending(path: "run/last.safetensors").path)
      #expect(saved.ranks == 2)
      var longer = Plan(resumes: true)
      longer.iterations = 8
      #expect(try Self.train(SingleProcess(), longer, in: folder, run: "run").iterations == 8)
    }
  }

  @Test func aDiskThatFailsEndsAllRanksWithItsMessage() throws {
    try withTemporaryFolder { folder in
      var plan = Plan()
      plan.hasFullDisk = true
      let results = try Self.run(3, plan, in: folder)
      #expect(results.count == 3)
      for result in results {
        #expect {
          try result.get()
        } throws: {
          "\($0)".hasPrefix("rank 0 on host0: \(folder.path)/run/last.safetensors")
        }
      }
    }
  }

  @Test func aRankWithOtherDataIsNamedBeforeItTrains() throws {
    try withTemporaryFolder { folder in
      var plan = Plan()
      plan.otherData = 1
      for result in try Self.run(2, plan, in: folder) {
        #expect {
          try result.get()
        } throws: {
          "\($0)".hasPrefix(
            "rank 1 on host1: sees other images or annotations than rank 0 on host0")
        }
      }
    }
  }

  @Test func aBatchNeedsAnImageForEveryRank() throws {
    try withTemporaryFolder { folder in
      var plan = Plan()
      plan.batch = 2
      for result in try Self.run(3, plan, in: folder) {
        #expect(throws: TrainingError.self) { try result.get() }
      }
    }
  }
}
