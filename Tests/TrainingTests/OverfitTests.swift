import Compute
import Darknet
import Datasets
import Evaluation
import Foundation
import Geometry
import Networks
import Tasks
import TestSupport
import Testing

@testable import Training

/// The whole pipeline on eight drawn pictures: it must learn them by heart.
@Suite struct OverfitTests {
  @Test func eightPictures() throws {
    try withTemporaryFolder { folder in
      let pool = try ThreadPool(threadCount: 2)
      var synthesizer = Synthesizer()
      synthesizer.imageCount = 8
      synthesizer.width = 128
      synthesizer.height = 128
      synthesizer.objectCounts = 2...4
      synthesizer.occlusion = 0
      synthesizer.blur = 0
      let data = folder.appending(path: "data")
      try synthesizer.write(to: data, pool: pool)
      let set = try SampleSet(voc: [DataArgument(data)], split: "all")
      try #require(set.samples.count == 8)

      let cfg = packageRoot.appending(path: "Models/small-voc.cfg")
      let file = try ConfigurationFile(contentsOf: cfg)
        .settingClassCount(set.classNames.count).settingInputSize(width: 128, height: 128)
      let network = try Network(file, backend: CPUBackend(pool: pool))
      network.initializeWeights(RandomStream(seed: 4))
      var options = try TrainingOptions(NetConfiguration(file))
      options.iterations = 600
      options.batch = 8
      options.subdivisions = 1
      options.isMultiScale = false
      options.augmentation = .none(.letterbox)
      options.evaluationInterval = 0
      options.maximumGradientNorm = 20
      let run = try RunFolder.open(folder.appending(path: "run").path, as: .new)
      let trainer = try Trainer<DetectionTask>(
        network: network,
        data: .init(training: set.samples, validation: set.samples, classNames: set.classNames),
        options: options,
        schedule: LearningRateSchedule(
          base: 1e-2, burnIn: 20,
          policy: .steps([.init(iteration: 480, scale: 0.1)])), folder: run, toolVersion: "test")
      let log = try RunLog.create(run.log, columns: trainer.columns)
      let outcome = try trainer.run(log: log, isInterrupted: { false })
      // After the last update, as after any that is evaluated.
      let judged = try trainer.judged(by: trainer.task).images
      let value = try #require(
        try trainer.task.scores(judged, classNames: set.classNames).first)
      let loss = try #require(outcome.loss)
      #expect(value > 0.95, "mAP \(value) after a loss of \(loss)")
    }
  }
}
