import Compute
import Darknet
import Datasets
import Evaluation
import Foundation
import Geometry
import Keypoints
import Networks
import Tasks
import TestSupport
import Testing

@testable import Training

/// The whole pipeline of keypoints on eight photographs: it must learn them by heart.
@Suite struct PoseOverfitTests {
  @Test(.needsShared("datasets/lspet-mini"))
  func eightPhotographs() throws {
    try withTemporaryFolder { folder in
      let pool = try ThreadPool(threadCount: 2)
      let photographs = try sharedData("datasets/lspet-mini")
      let read = try [RecognizedDataset(recognizing: DataArgument(photographs))].keypoints(
        split: "all")
      // Of all joints, none of them hidden, in the order of the set.
      let samples = Array(
        read.samples.lazy.filter { sample in
          sample.target.points.count == 14 && !sample.target.points.contains(where: \.isOccluded)
        }.prefix(8))
      try #require(samples.count == 8)

      let url = packageRoot.appending(path: "Models/small-simple.cfg")
      let text = try String(contentsOf: url, encoding: .utf8)
      // Larger bumps are learnt sooner.
      let file = try ConfigurationFile(
        text: text.replacing("sigma=1\n", with: "sigma=2\n"), fileName: "small-simple.cfg")
      let network = try Network(file, backend: CPUBackend(pool: pool))
      network.initializeWeights(RandomStream(seed: 4))
      var options = try TrainingOptions(NetConfiguration(file))
      options.iterations = 800
      options.batch = 8
      options.subdivisions = 1
      options.augmentation = .none(.letterbox)
      options.evaluationInterval = 0
      let run = try RunFolder.open(folder.appending(path: "run").path, as: .new)
      let trainer = try Trainer<KeypointTask>(
        network: network,
        data: .init(training: samples, validation: samples, classNames: read.classNames),
        options: options,
        schedule: LearningRateSchedule(
          base: 2e-3, burnIn: 0, policy: .steps([.init(iteration: 640, scale: 0.1)])),
        folder: run, toolVersion: "test")
      let log = try RunLog.create(run.log, columns: trainer.columns)
      let outcome = try trainer.run(log: log, isInterrupted: { false })
      let judged = try trainer.judged(by: trainer.task).images
      let scores = try trainer.task.scores(judged, classNames: read.classNames)
      let loss = try #require(outcome.loss)
      let value = try #require(scores.first)
      #expect(value == 1, "PCK \(value) after a loss of \(loss)")
    }
  }
}
