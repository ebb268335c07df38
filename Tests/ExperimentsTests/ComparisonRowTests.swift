import Compute
import Darknet
import Experiments
import Foundation
import Layers
import Losses
import Networks
import TestSupport
import Testing
import Training
import Uncertainty

@Suite struct ComparisonRowTests {
  private let file: ConfigurationFile
  private let backend: CPUBackend

  init() throws {
    file = try ConfigurationFile(
      contentsOf: packageRoot.appending(path: "Models/yolov3-tiny-voc.cfg")
    ).settingClassCount(3).settingInputSize(width: 96, height: 96)
    backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
  }

  private func network(
    _ name: String, settings: [ConfigurationSetting] = []
  ) throws -> Network {
    let row = try #require(ComparisonRows.detection.all.first { $0.name == name })
    return try Network(
      row.applied(to: file, settings: settings, imageCount: 200), backend: backend)
  }

  private func branches(_ network: Network) -> [ConvBayes] {
    network.nodes.compactMap { $0.layer as? ConvBayes }
  }

  @Test(arguments: ComparisonRows.detection.all) func headsAreTrainedAsTheRowSays(
    _ row: ComparisonRow
  ) throws {
    let network = try network(row.name)
    var expected = ObjectnessTraining()
    var layersBesideEachHead = 1
    switch row.name {
    case "baseline", "iou", "iou-joint", "gaussian", "gaussian-joint", "iou-objectness":
      layersBesideEachHead = 0
    case "focal":
      expected.loss = .focal()
      layersBesideEachHead = 0
    case "anchor":
      expected.loss = .anchor()
      layersBesideEachHead = 0
    case "gain-.25":
      expected.gain = 0.25
      layersBesideEachHead = 0
    case "baseline+convBayes", "baseline+conv": break
    default: expected.isWeighted = true
    }
    switch row.name {
    case "constant-u": expected.difficulty.control = .constant(0.5)
    case "shuffled-u": expected.difficulty.control = .shuffled
    case "raw-u": expected.difficulty.map = .raw
    case "mean-one": expected.difficulty.weighting = .meanOne
    case "same-loss": expected.difficulty.weighting = .sameLoss
    case "scaled-u": expected.difficulty.map = .sigmoidScaled
    case "rank-u": expected.difficulty.map = .rank
    case "detection-u": expected.measure = .detection
    case "iou-u": expected.measure = .expectedIoU
    case "multi-layer": layersBesideEachHead = 2
    default: break
    }
    let heads = network.heads.map(\.objectness)
    #expect(heads.count == 2)
    for head in heads {
      var training = head
      let branch = training.branch
      training.branch = nil
      #expect(training == expected)
      #expect((branch != nil) == (layersBesideEachHead > 0))
      guard let branch else { continue }
      #expect(branch.mode == .accompany && branch.weight == 1)
      #expect(branch.varianceWeight == (row.name == "enlarge-variance" ? 1 : 0))
      #expect(network.nodes[branch.layer].outputShape.channels == 3)
    }
    let branches = branches(network)
    #expect(branches.count == 2 * layersBesideEachHead)
    for branch in branches {
      switch row.name {
      case "baseline+conv":
        #expect(branch.relativeVariance == .fixed(0) && branch.sampleCount == 0)
      case "learned-variance":
        #expect(
          branch.relativeVariance == .learned(initial: 0.25, divergenceWeight: 1 / 200)
            && branch.sampleCount == 10)
      default:
        #expect(branch.relativeVariance == .fixed(0.25) && branch.sampleCount == 10)
      }
    }
  }

  /// The layers that all rows have start from the same bits, with and without a branch before them.
  @Test func rowsOfASeedStartFromTheSameWeights() throws {
    func plainBits(_ network: Network) -> [[UInt32]] {
      network.nodes.filter { !$0.isOptional }.flatMap { $0.layer.parameters }.map { parameter in
        parameter.values.withHostValues { $0.map(\.bitPattern) }
      }
    }
    var first: [[UInt32]]?
    try #require(ComparisonRows.detection.all.count == 24)
    for row in ComparisonRows.detection.all {
      let network = try network(row.name)
      network.initializeWeights(RandomStream(seed: 5).split(1))
      let bits = plainBits(network)
      #expect(bits.contains { $0.contains { $0 != 0 } })
      if let first { #expect(bits == first, "\(row.name)") }
      first = bits
      let other = try self.network(row.name)
      other.initializeWeights(RandomStream(seed: 6).split(1))
      #expect(plainBits(other) != bits)
    }
  }

  @Test func settingsOfAllRowsComeBeforeTheRowsOwn() throws {
    let settings = [
      ConfigurationSetting("yolo", "obj_normalizer", "2"),
      ConfigurationSetting("yolo", "objectness_loss", "focal"),
      ConfigurationSetting("convBayes", "relative_variance", "1"),
    ]
    func objectness(_ name: String) throws -> [ObjectnessTraining] {
      let network = try network(name, settings: settings)
      return network.heads.map(\.objectness)
    }
    #expect(try objectness("uncertainty").allSatisfy { $0.gain == 2 && $0.isWeighted })
    #expect(
      try objectness("baseline").allSatisfy { $0.gain == 2 && $0.loss == .binaryCrossEntropy })
    #expect(try objectness("gain-.25").allSatisfy { $0.gain == 0.25 })
    func variances(_ name: String) throws -> Set<RelativeVariance> {
      Set(branches(try network(name, settings: settings)).map(\.relativeVariance))
    }
    #expect(try variances("uncertainty") == [.fixed(1)])
    #expect(try variances("baseline+conv") == [.fixed(0)])
    #expect(try variances("baseline").isEmpty)
  }

  @Test func cfgsWithABranchAreRefused() throws {
    let row = try #require(ComparisonRows.detection.all.first { $0.name == "baseline" })
    let branched = try file.adding(
      {
        var plan = BranchPlan()
        plan.branch = .convBayes
        return plan
      }())
    #expect(throws: DarknetError.self) { try row.applied(to: branched, imageCount: 1) }
    #expect(throws: DarknetError.self) {
      try row.applied(to: file, settings: [.init("yolo", "nonsense", "1")], imageCount: 1)
    }
    #expect(throws: DarknetError.self) {
      try row.applied(to: file, settings: [.init("region", "classes", "1")], imageCount: 1)
    }
  }

  @Test func rowsByName() throws {
    #expect(try ComparisonRows.detection.named(["paper", "controls"]).count == 12)
    #expect(Set(ComparisonRows.detection.all.map(\.name)).count == 24)
    #expect(
      try ComparisonRows.detection.named(["gain-.25", "baseline", "paper"]).map(\.name) == [
        "gain-.25", "baseline", "focal", "anchor", "uncertainty", "baseline+convBayes",
        "baseline+conv",
      ])
    #expect(throws: TrainingError.self) { try ComparisonRows.detection.named(["bayesline"]) }
  }

  private static let classifier = """
    [net]
    width=8
    height=8
    [avgpool]
    [convolutional]
    filters=4
    activation=leaky
    [convolutional]
    filters=3
    activation=linear
    [softmax]
    """

  /// Classifiers have rows of their own, in the same groups.
  @Test(arguments: ComparisonRows.classification.all)
  func classifiersAreTrainedAsTheRowSays(_ row: ComparisonRow) throws {
    let file = try ConfigurationFile(text: Self.classifier, fileName: "c.cfg")
    let network = try Network(row.applied(to: file, imageCount: 100), backend: backend)
    var training = try #require(network.classifier).training
    let branch = training.branch
    training.branch = nil
    var expected = ClassifierTraining()
    switch row.name {
    case "baseline", "baseline+convBayes", "baseline+conv": break
    case "bce": expected.loss = .binaryCrossEntropy
    case "ohem": expected.loss = .hardExamples(OnlineHardExampleMining(keptShare: 0.9))
    case "focal": expected.loss = .focal(FocalLoss(focusingExponent: 2))
    case "anchor": expected.loss = .anchor(AnchorLoss(exponent: 0.5, slack: 0.05))
    default: expected.isWeighted = true
    }
    switch row.name {
    case "one-vs-rest": expected.measure = .predictedOneVsRest
    case "mean-field": expected.measure = .meanField
    case "margin-pair":
      expected.measure = .marginPair
      expected.difficulty.bald.logitScale = .logistic
    case "shuffled-u": expected.difficulty.control = .shuffled
    case "constant-u": expected.difficulty.control = .constant(0.5)
    case "mean-one": expected.difficulty.weighting = .meanOne
    case "raw-u": expected.difficulty.map = .raw
    default: break
    }
    #expect(training == expected)
    #expect((branch != nil) == (expected.isWeighted || row.name.hasPrefix("baseline+")))
    for layer in branches(network) {
      #expect(layer.relativeVariance == .fixed(row.name == "baseline+conv" ? 0 : 0.25))
    }
  }

  @Test func rowsOfATask() throws {
    let classes = ComparisonRows.classification
    #expect(try classes.named(["paper", "controls"]).count == 12)
    #expect(Set(classes.all.map(\.name)).count == 15)
    #expect(classes.all[0].name == "baseline")
    // Before the task is known, a name of any task will do.
    #expect(try ComparisonPlan.rows(named: "ohem,gain-.25,all") == ["ohem", "gain-.25", "all"])
    #expect(throws: UsageError.self) { try ComparisonPlan.rows(named: "ohm") }
    #expect(throws: UsageError.self) { try ComparisonPlan.rows(named: "") }
    #expect(throws: TrainingError.self) { try classes.named(["gain-.25"]) }
    #expect(throws: TrainingError.self) { try ComparisonRows.detection.named(["ohem"]) }
  }

  @Test func settingsAreRead() {
    #expect(ConfigurationSetting("a.b=c=d") == ConfigurationSetting("a", "b", "c=d"))
    for text in ["a.b", "a=b", "a.b=", ".b=c", "a.=c", "a.b.c=d", "a.b=c\nd", ""] {
      #expect(ConfigurationSetting(text) == nil, "\(text)")
    }
  }
}
