import Compute
import Darknet
import Datasets
import Detection
import Foundation
import Networks
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

/// What is chosen for users who choose nothing.
@Suite struct RecipeTests {
  private func recipe(images: Int, sides: [Float] = [0.1, 0.2, 0.3], stride: Int = 32)
    -> AutomaticRecipe
  {
    AutomaticRecipe(traits: DataTraits(imageCount: images, objectSides: sides), stride: stride)
  }

  private var plan: TrainingPlan {
    var plan = TrainingPlan(data: DataChoice(), model: "m.cfg")
    plan.recipe = .auto
    return plan
  }

  @Test func nothingIsLeftOpen() {
    let full = recipe(images: 300).completing(plan)
    #expect(full.epochs == 100 && full.batch == 8 && full.subdivisions == 1)
    #expect(full.isCosine && full.learningRate == 0.01 && full.isMultiScale == false)
    #expect(full.evaluationEpochs == 7 && full.maximumGradientNorm == 20)
    // 3,750 updates.
    #expect(full.burnIn == 188 && full.averageDecay == 1 - 1 / 75.0 && full.averageRamp == 187.5)
  }

  @Test func whatTheUserSaysStays() {
    var asked = plan
    asked.epochs = 3
    asked.inputSize = 64
    asked.batch = 2
    asked.learningRate = 0.5
    asked.burnIn = 7
    asked.rateSteps = "0.5"
    asked.jitter = 0
    asked.isMultiScale = true
    asked.averageDecay = 0
    asked.maximumGradientNorm = 1
    asked.evaluationEpochs = 0
    var full = recipe(images: 300).completing(asked)
    full.averageRamp = asked.averageRamp
    #expect(full == asked)
  }

  @Test(arguments: [(3, 150), (200, 150), (500, 60), (5000, 30), (100_000, 30)])
  func epochsFollowTheNumberOfImages(images: Int, epochs: Int) {
    #expect(recipe(images: images).completing(plan).epochs == epochs)
    #expect(recipe(images: images).completing(plan).batch == (images < 2000 ? 8 : 16))
  }

  @Test(
    arguments: [
      ([0.9], 32, 192), ([0.1], 32, 224), ([0.0625], 32, 320), ([0.0625], 64, 320),
      ([0.001], 32, 416),
      ([], 32, 192), ([0.09], 64, 256),
    ] as [([Float], Int, Int)])
  func smallObjectsNeedLargerInputs(sides: [Float], stride: Int, size: Int) {
    #expect(recipe(images: 9, sides: sides, stride: stride).completing(plan).inputSize == size)
  }

  @Test func smallObjectsAreSpokenOf() {
    let small = recipe(images: 100, sides: [0.01, 0.02, 0.3])
    #expect(small.advice(onSize: 416)?.contains("fewer than 8 pixels a side at 416") == true)
    #expect(small.advice(onSize: 800) == nil)
    #expect(recipe(images: 100, sides: []).advice(onSize: 416) == nil)
  }

  @Test func weightsToStartFromAreChangedGently() {
    var asked = plan
    asked.weights = "w"
    #expect(recipe(images: 300).completing(asked).learningRate == 0.005)
  }

  /// Steps of Adam are as long as its rate, those of SGD as long as gradients are.
  @Test func ratesAreThoseOfTheOptimizer() {
    let rates: [(name: OptimizerRule.Name, rate: Double)] = [
      (.sgd, 0.01), (.nesterov, 0.01), (.adam, 0.003), (.adamw, 0.003), (.rmsprop, 0.002),
    ]
    #expect(rates.map(\.name) == OptimizerRule.Name.allCases)
    for (name, rate) in rates {
      var chosen = recipe(images: 300)
      chosen.optimizer = name
      #expect(chosen.completing(plan).learningRate == rate)
      var started = plan
      started.weights = "w"
      #expect(chosen.completing(started).learningRate == rate / 2)
    }
  }

  @Test func anchorsOfTheDataTakeThePlaceOfBadOnes() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.recipe = .auto
      let read = try world.material(plan)
      let bad = try read.file.settingAnchors([
        .init(width: 1, height: 1), .init(width: 2, height: 2), .init(width: 2, height: 3),
      ])
      var material = read
      material.file = bad
      let pool = world.backend.pool
      let own = try NetworkBuilder.build(
        material.following(plan, pool: pool, world.console()).material.file)
      #expect(own.anchors.allSatisfy { $0.width > 4 })
      #expect(world.heard.lines.last?.hasPrefix("anchors from the data: mean IoU with the") == true)
      plan.anchors = .cfg
      let kept = try material.following(plan, pool: pool, world.console())
      #expect(try NetworkBuilder.build(kept.material.file).anchors.allSatisfy { $0.width <= 2 })
      #expect(kept.recipe != nil)
      plan.recipe = .darknet
      #expect(try material.following(plan, pool: pool, world.console()).recipe == nil)
    }
  }
}

/// The time that a training takes, before it starts.
@Suite struct TrainingForecastTests {
  private let forecast = TrainingForecast(secondsPerUpdate: 0.5, secondsPerEvaluation: 4)

  private func options(iterations: Int, interval: Int) throws -> TrainingOptions {
    let file = try ConfigurationFile(text: "[net]\nwidth=32\nheight=32\nbatch=8\n", fileName: "n")
    var options = TrainingOptions(try NetConfiguration(file))
    options.iterations = iterations
    options.evaluationInterval = interval
    return options
  }

  @Test(arguments: [
    (100, 0, []), (100, 50, [50, 100]), (103, 26, [26, 52, 78, 103]), (105, 26, [26, 52, 78, 105]),
    (120, 26, [26, 52, 78, 104, 120]), (5, 9, [5]),
  ])
  func evaluationsAreNotCrowdedAtTheEnd(iterations: Int, interval: Int, at: [Int]) throws {
    let options = try options(iterations: iterations, interval: interval)
    #expect((1...iterations).filter(options.isEvaluated) == at)
    #expect(options.evaluationCount == at.count)
    #expect(forecast.seconds(of: options) == Double(iterations) / 2 + 4 * Double(at.count))
  }

  @Test func timeBecomesEpochs() throws {
    // 25 updates of half a second; two evaluations.
    let options = try options(iterations: 100, interval: 50)
    #expect(try forecast.epochs(in: 1, imageCount: 200, options) == 4)
    #expect(try forecast.epochs(in: 10, imageCount: 200, options) == 47)
    let error = #expect(throws: UsageError.self) {
      try forecast.epochs(in: 0.1, imageCount: 200, options)
    }
    #expect(
      error?.description
        == "--minutes 0.1 is too short for one epoch, which takes about 17 s;"
        + " a smaller --size or another --model is faster")
  }

  @Test(arguments: [
    (0.2, "1 s"), (89, "89 s"), (100, "2 min"), (5000, "83 min"), (9000, "2.5 h"),
    (700_000, "8 days"),
  ])
  func timesAreSaidInTheirLargestUnit(seconds: Double, text: String) {
    #expect(TrainingSummary.duration(seconds) == text)
  }
}

/// Models that come with the program.
@Suite struct ModelLibraryTests {
  @Test func modelsAreFoundByName() throws {
    try withTemporaryFolder { folder in
      try folder.write("Models/a.cfg", "")
      try folder.write("Models/b.cfg", "")
      let library = ModelLibrary(folders: [folder.appending(path: "Models")])
      for name in ["a", "a.cfg"] {
        #expect(try library.configuration(name).lastPathComponent == "a.cfg")
      }
      // What the path of a file would be is one.
      #expect(try library.configuration("x/a").relativePath == "x/a")
      let unknown = #expect(throws: (any Error).self) { try library.configuration("c") }
      #expect(
        unknown.map { "\($0)" }
          == "c: neither a file nor one of the program's models: a, b")
      let place = folder.appending(path: "Models").path
      let isFolder = #expect(throws: (any Error).self) { try library.configuration(place) }
      #expect(
        isFolder.map { "\($0)" }?.hasSuffix("is a folder; give one of its cfg files: a, b") == true)
    }
  }

  @Test func weightsBesideAModelAreFound() throws {
    try withTemporaryFolder { folder in
      let cfg = folder.appending(path: "a.cfg")
      #expect(ModelLibrary.pretrained(for: cfg) == nil)
      for name in ["a.conv.9", "a.conv.15", "ab.conv.20", "a.conv.x"] { try folder.write(name, "") }
      #expect(ModelLibrary.pretrained(for: cfg)?.lastPathComponent == "a.conv.15")
      #expect(
        ModelLibrary.published(for: URL(filePath: "x/yolov3-tiny-voc.cfg")) == "yolov3-tiny.conv.15"
      )
      #expect(ModelLibrary.published(for: URL(filePath: "yolov3-voc.cfg")) == "darknet53.conv.74")
      #expect(ModelLibrary.published(for: cfg) == nil)
    }
  }

  @Test func theStandardModelIsThere() throws {
    let models = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Models")
    let url = try ModelLibrary(folders: [models]).configuration(ModelLibrary.standard)
    let definition = try NetworkBuilder.build(ConfigurationFile(contentsOf: url))
    #expect(definition.stride == 32 && definition.parameterCount * 4 < 8 << 20)
    // What it starts from lies beside it and fits.
    let weights = try #require(ModelLibrary.pretrained(for: url))
    let plain = try ConfigurationFile(contentsOf: url)
    var branch = BranchPlan()
    branch.branch = .convBayes
    for file in [plain, try plain.adding(branch)] {
      let network = try Network(file, backend: CPUBackend(pool: ThreadPool(threadCount: 1)))
      let report = try WeightsFile.read(
        weights, into: network.nodes, outputs: network.outputs, allowPartial: true)
      // A branch behind them has nothing of the file.
      #expect(report.layerCount == 22)
    }
  }
}
