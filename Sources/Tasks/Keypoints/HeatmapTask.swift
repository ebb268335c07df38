package import Compute
import Darknet
package import Datasets
package import Evaluation
package import Geometry
import Images
package import Keypoints
package import Networks
import Uncertainty

/// What networks with `[heatmap]` look for: joints of persons, or centres of objects.
package protocol HeatmapTarget: Sendable {
  /// What the task is called.
  static var name: String { get }
  /// What its scores measure.
  static var measure: ScoreMeasure { get }
  /// Whether each keypoint is there once.
  static var isPerson: Bool { get }
  /// One value by each rule of ``measure``.
  ///
  /// - Throws: `EvaluationError` for predictions that cannot be judged.
  static func scores(_ samples: [JudgedKeypoints]) throws -> Scores
}

/// The joints of persons, each once: the task of `kind=joints`.
package typealias KeypointTask = HeatmapTask<PersonJoints>
/// The centres of objects: the task of `kind=centers`.
package typealias CenterTask = HeatmapTask<ObjectCenters>

/// Maps of keypoints: the task of networks with `[heatmap]`.
///
/// Each `[heatmap]` has its loss, and they add up; the last one predicts. A Bayesian branch beside one has
/// binary cross-entropy of its own, times its weight.
package struct HeatmapTask<Kind: HeatmapTarget>: LearningTask {
  /// Of `keypoints` or `centers`.
  package static var name: String { Kind.name }
  /// PCK, or F1.
  package static var measure: ScoreMeasure { Kind.measure }

  let outputs: [HeatmapOutput]
  let branchLayers: [ConvBayes]
  /// How maps are read.
  package var settings: HeatmapSettings

  /// The task of a network with `[heatmap]`, reading its maps once.
  package init(_ network: Network) throws {
    try self.init(network, settings: HeatmapSettings())
  }

  /// The task of a network with `[heatmap]`.
  ///
  /// - Throws: ``TaskError`` if its outputs mean something else.
  package init(_ network: Network, settings: HeatmapSettings) throws {
    outputs = network.heatmaps
    guard let last = outputs.last else { throw TaskError.noTask(network: network.name) }
    let isPerson = last.kind == .joints
    guard isPerson == Kind.isPerson else {
      throw TaskError.otherTask(
        network: network.name, task: isPerson ? PersonJoints.name : ObjectCenters.name,
        needed: Kind.name)
    }
    let nodes = network.nodes
    branchLayers = outputs.compactMap(\.training.branch)
      .flatMap { BranchStructure.chain(endingAt: $0.layer, nodes) }
      .compactMap { nodes[$0].layer as? ConvBayes }
    self.settings = settings
  }

  /// The one that predicts.
  var output: HeatmapOutput { outputs[outputs.count - 1] }

  /// What the keypoints are.
  package var layout: KeypointLayout { output.layout }
  /// Whether the network names its keypoints.
  package var isNamed: Bool { output.isNamed }
  /// How places are read off the maps, for people.
  package var decoding: String {
    let sigma = "sigma \(output.training.standardDeviation) of the maps' pixels"
    return "\(output.decoder.refinement.rawValue), \(sigma)"
  }

  /// Annotated keypoints of any format that has them.
  ///
  /// - Throws: `DataError`; for persons also where a keypoint is there several times, as centres are.
  package static func read(
    _ sets: [RecognizedDataset], split: String, classNames: [String]?, rules: ReadingRules
  ) throws -> SampleSet<KeypointTruth> {
    let found = try sets.keypoints(split: split, layoutNames: classNames, rules: rules)
    guard Kind.isPerson else { return found }
    for sample in found.samples {
      var seen = Set<Int>()
      guard let twice = sample.target.points.first(where: { !seen.insert($0.index).inserted })
      else { continue }
      throw DataError.otherTarget(
        sample.image.path, format: "'\(sample.id)'",
        has: "several centres of '\(found.classNames[twice.index])'",
        needs:
          "keypoints that are there once each ([heatmap] kind=centers finds centres of objects)")
    }
    return found
  }

  /// The loss of the maps, and that of the branches.
  package var lossParts: [String] { ["maps"] + (branchLayers.isEmpty ? [] : ["auxiliary"]) }
  /// One for each `[heatmap]`.
  package var lossCount: Int { outputs.count }
  /// K.
  package var classCount: Int { layout.count }
  /// Where the maps that predict have a branch.
  package var needsMoments: Bool { output.training.branch != nil }

  /// A person's joints in another's picture would be unlabelled.
  package func problem(with mixing: PictureMixing) -> String? {
    guard Kind.isPerson, !mixing.isEmpty else { return nil }
    return "pictures of one person each cannot be mixed; leave out mosaic, mixup and cutmix"
  }

  /// The scores of ``measure``.
  package func scores(
    _ judged: [JudgedImage<KeypointTruth, KeypointPrediction>], classNames: [String]
  ) throws -> Scores {
    guard judged.contains(where: { !$0.target.points.isEmpty }) else {
      return Scores(
        Self.measure, values: Self.measure.rules.map { _ in nil },
        details: Self.measure.details.map { _ in nil })
    }
    return try Kind.scores(judged.map { JudgedKeypoints($0) })
  }

  /// Keypoints at random, each once.
  package func randomTarget(_ random: inout RandomStream) -> KeypointTruth {
    KeypointTruth(
      layout: layout,
      points: (0..<layout.count).map { index in
        LabelledKeypoint(
          index: index,
          position: Point(
            Double(random.uniform(0.01...0.99)), Double(random.uniform(0.01...0.99))),
          extent: Point(0.1, 0.1))
      })
  }
}

/// How maps are read.
package struct HeatmapSettings: Sendable, Hashable {
  /// Whether the mirrored input is looked at, too, and the mean of both taken: the flip test.
  package var mirrors = false
  /// How high the peak of an object must be.
  package var threshold: Float = 0.05

  /// Once, peaks above 0.05.
  package init() {}
}
