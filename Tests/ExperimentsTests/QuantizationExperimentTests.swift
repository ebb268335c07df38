import Compute
import Darknet
import Datasets
import Files
import Foundation
import Images
import Layers
import Networks
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

/// Models of 8-bit numbers, from Darknet's files and from runs, in a folder and back.
@Suite struct QuantizationExperimentTests {
  private func experiment(_ images: Int = 8) -> QuantizationExperiment {
    var experiment = QuantizationExperiment(kernels: .avx512vnni, version: "test")
    experiment.images = images
    return experiment
  }

  private func outputs(_ network: Network, seed: UInt64 = 4) throws -> [Float] {
    let plan = try network.makePlan(
      input: network.inputShape(batch: 1), mode: .inference)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: seed))
    plan.forward()
    return network.outputs.flatMap { plan.output(of: $0.node).values }
  }

  @Test func aFolderHoldsTheModel() throws {
    try SmallWorld.use { world in
      let outcome = try experiment().run(
        world.model(), on: world.data("train"), to: world.path("int8"), backend: world.backend,
        world.console())
      #expect(outcome.images == 8 && outcome.heldOut == 4)
      #expect(outcome.ruleErrors.count == 3)
      #expect(outcome.ruleErrors.values.min() == outcome.ruleErrors[outcome.rule.rawValue])
      #expect(outcome.error <= outcome.ruleErrors[outcome.rule.rawValue] ?? 0)
      #expect(outcome.layers.count + outcome.kept.count == 3)
      #expect(outcome.error > 0 && outcome.error < 0.05)
      #expect(try world.json("int8/quantization.json")["rule"] as? String == outcome.rule.rawValue)

      let plain = try world.model().load(world.backend)
      let loaded = try ModelChoice(.run(world.path("int8"))).load(world.backend)
      #expect(loaded.classNames?.count == 6 && loaded.network.quantization != nil)
      #expect(loaded.letterboxFill == plain.letterboxFill)
      let (found, expected) = (try outputs(loaded.network), try outputs(plain.network))
      let size = expected.map { $0 * $0 }.reduce(0, +)
      let error = zip(found, expected).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
      #expect(error > 0 && (error / size).squareRoot() < 0.05)
      let integers = try Benchmark.Integers(loaded.network)
      #expect(integers.convolutions == 3 && integers.quantized == outcome.layers.count)
      #expect(abs(integers.operationShare - outcome.operationShare) < 1e-9)
    }
  }

  /// The same model from the same images.
  @Test func theSameFolderTwice() throws {
    try SmallWorld.use { world in
      for name in ["a", "b"] {
        _ = try experiment().run(
          world.model(), on: world.data("train"), to: world.path(name), backend: world.backend,
          world.console())
      }
      let files = try ["a", "b"].map {
        try Data(contentsOf: world.folder.appending(path: "\($0)/best.safetensors"))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func layersAreKeptAsAsked() throws {
    try SmallWorld.use { world in
      var own = experiment()
      own.keptLayers = [1]
      own.rule = .percentile
      let outcome = try own.run(
        world.model(), on: world.data("train"), to: world.path("int8"), backend: world.backend,
        world.console())
      #expect(outcome.kept.contains { $0.layer == 1 && $0.reason == "as asked" })
      #expect(!outcome.layers.contains(1) && outcome.ruleErrors.keys.sorted() == ["percentile"])
    }
  }

  /// The branch beside a head reads the weights of the head's convolution, and knows its moments.
  @Test func uncertaintyStays() throws {
    try SmallWorld.use { world in
      let outcome = try experiment().run(
        world.model(isBayesian: true), on: world.data("train"), to: world.path("int8"),
        backend: world.backend, world.console())
      #expect(outcome.kept.contains { $0.reason.contains("Bayesian branch") })
      func moments(_ choice: ModelChoice) throws -> [Float] {
        let loaded = try choice.load(world.backend)
        #expect(loaded.knowsUncertainty)
        var settings = choice.settings(of: loaded, confidence: 0.1, suppression: 0.45)
        settings.detection.keepsUncertainty = true
        let predictor = try Predictor(network: loaded.network, settings: settings)
        let sample = try world.data("train").read(
          for: DetectionTask.self, split: "train", classNames: nil, world.console()
        ).samples[0]
        let found = try predictor.uncertainties(in: try sample.image.read())
        return found.moments.flatMap(\.variances)
      }
      let expected = try moments(world.model(isBayesian: true))
      expectClose(
        try moments(ModelChoice(.run(world.path("int8")))), expected, relative: 0.25,
        absolute: 0.1 * (expected.max() ?? 0))
    }
  }

  @Test func cannotBeTrainedConvertedOrQuantizedAgain() throws {
    try SmallWorld.use { world in
      _ = try experiment().run(
        world.model(), on: world.data("train"), to: world.path("int8"), backend: world.backend,
        world.console())
      let folder = RunFolder(path: world.path("int8"))
      #expect(throws: FileError.self) { try WeightsExport(run: folder, backend: world.backend) }
      #expect(throws: UsageError.self) {
        try experiment().run(
          ModelChoice(.run(folder.path)), on: world.data("train"), to: world.path("again"),
          backend: world.backend, world.console())
      }
      var plan = world.plan()
      plan.weights = folder.path
      #expect(throws: TrainingError.self) { _ = try world.run("trained", plan) }
      // Another model must not lie among its files.
      #expect(throws: TrainingError.self) {
        try experiment().run(
          world.model(), on: world.data("train"), to: folder.path, backend: world.backend,
          world.console())
      }
    }
  }

  /// A file that was changed is named with what is wrong.
  @Test(arguments: [
    ("\"zeroPoint\\\":", "\"zeroPoint\\\":9", "its quantisation is not that of its cfg"),
    ("quantized/1.scales", "quantized/1.scaled", "quantized/1.scales is missing"),
    ("\"dtype\":\"I8\"", "\"dtype\":\"U8\"", "has element type U8, expected I8"),
  ])
  func filesCanLie(_ old: String, new: String, expected: String) throws {
    try SmallWorld.use { world in
      _ = try experiment().run(
        world.model(), on: world.data("train"), to: world.path("int8"), backend: world.backend,
        world.console())
      let url = world.folder.appending(path: "int8/best.safetensors")
      var data = try Data(contentsOf: url)
      let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      var header = String(decoding: data[8..<8 + length], as: UTF8.self)
      try #require(header.contains(old))
      header = header.replacingOccurrences(of: old, with: new)
      while header.utf8.count % 8 != 0 { header += " " }
      let count = header.utf8.count
      data.replaceSubrange(
        0..<8 + length,
        with: (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8))
      try data.write(to: url)
      do {
        _ = try ModelChoice(.run(world.path("int8"))).load(world.backend)
        Issue.record("\(old) is read")
      } catch {
        #expect("\(error)".contains(expected), "\(error)")
        #expect("\(error)".contains("best.safetensors"))
      }
    }
  }
}
