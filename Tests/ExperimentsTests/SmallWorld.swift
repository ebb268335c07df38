import Compute
import Darknet
import Datasets
import Experiments
import Foundation
import Networks
import Tasks
import TestSupport
import Testing
import Training

/// Drawn images with their objects and a small network with random weights, in a folder of its own.
struct SmallWorld {
  let folder: URL
  let backend: CPUBackend
  let heard = HeardLines()

  /// Keeps what a console says.
  final class HeardLines {
    var text = ""
    var lines: [String] { text.split(separator: "\n").map(String.init) }
  }

  /// Twenty pictures of 64 x 64: twelve in `train`, four each in `val` and `test`.
  static func use(_ body: (SmallWorld) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let pool = try ThreadPool(threadCount: 2)
      // Messages name files without symbolic links.
      let world = SmallWorld(
        folder: folder.resolvingSymlinksInPath(), backend: CPUBackend(pool: pool))
      var synthesizer = Synthesizer()
      synthesizer.imageCount = 20
      synthesizer.width = 64
      synthesizer.height = 64
      try synthesizer.write(to: world.folder.appending(path: "data"), pool: pool)
      try world.folder.write("net.cfg", Self.network)
      try world.folder.write(
        "net.names", Synthesizer.classNames.joined(separator: "\n") + "\n")
      let network = try Network(
        ConfigurationFile(text: Self.network, fileName: "net.cfg"), backend: world.backend)
      network.initializeWeights(RandomStream(seed: 3))
      try WeightsFile.write(network.nodes, to: world.folder.appending(path: "net.weights"))
      try body(world)
    }
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.appending(path: name))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func console(isQuiet: Bool = false) -> Console {
    let heard = heard
    return Console(
      ProgressOutput(write: { heard.text += $0 }, width: { nil }), isQuiet: isQuiet)
  }

  /// Says nothing to anybody.
  static var silent: Console { Console(ProgressOutput(write: { _ in }, width: { nil })) }

  func data(_ split: String) -> DataChoice { DataChoice(voc: [path("data") + ":" + split]) }

  /// The network with its random weights; its objectness Bayesian if that is asked for.
  func model(isBayesian: Bool = false) -> ModelChoice {
    var files = ModelChoice.DarknetFiles(
      configuration: path("net.cfg"), weights: path("net.weights"))
    files.relativeVariance = isBayesian ? 0.25 : nil
    return ModelChoice(.darknet(files))
  }

  /// What a plan trains on.
  func material(_ plan: TrainingPlan) throws -> TrainingMaterial<DetectionTask> {
    try TrainingMaterial(plan, file: plan.network(console()).file, console())
  }

  func plan() -> TrainingPlan {
    var plan = TrainingPlan(data: DataChoice(voc: [path("data")]), model: path("net.cfg"))
    plan.epochs = 1
    return plan
  }

  /// The folder of a run that was trained for an epoch.
  func run(_ name: String, _ plan: TrainingPlan? = nil) throws -> String {
    let session = try TrainingStart.new(
      plan ?? self.plan(), loss: nil, seed: 1, folder: path(name), opening: .new, version: "test",
      backend: backend, console())
    let training = try #require(session as? TrainingSession<DetectionTask>)
    _ = try training.trainer.run(log: training.log)
    return path(name)
  }

  static let network = """
    [net]
    batch=4
    width=64
    height=64
    channels=3
    learning_rate=.001
    burn_in=2
    max_batches=100
    policy=constant

    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    stride=2
    pad=1
    activation=leaky

    [convolutional]
    batch_normalize=1
    filters=16
    size=3
    stride=4
    pad=1
    activation=leaky

    [convolutional]
    filters=33
    size=1
    activation=linear

    [yolo]
    mask=0,1,2
    anchors=8,8, 16,16, 28,28
    classes=6
    num=3
    ignore_thresh=.5

    """
}
