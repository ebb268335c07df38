import Compute
import Datasets
import Detection
import Foundation
import Geometry
import Layers
import Networks
import TestSupport
import Testing

@testable import Darknet
@testable import Tasks

/// What a branch for the expected IoU does to the network beside it, and to its detections.
@Suite struct ExpectedIoUBranchTests {
  private static let truths: [[GroundTruth]] = [
    [GroundTruth(box: Box(left: 0.1, top: 0.2, right: 0.5, bottom: 0.7), classIndex: 3)],
    [
      GroundTruth(box: Box(left: 0.3, top: 0.3, right: 0.9, bottom: 0.8), classIndex: 0),
      GroundTruth(box: Box(left: 0, top: 0.1, right: 0.2, bottom: 0.3), classIndex: 7),
    ],
  ]

  private static func network(_ place: PlacePlan, isBayesian: Bool = false) throws -> Network {
    var file = try ConfigurationFile(
      contentsOf: packageRoot.appending(path: "Models/small-voc.cfg"))
    if isBayesian {
      var plan = BranchPlan()
      plan.branch = .convBayes
      plan.mode = .accompanyDetached
      file = try file.adding(plan)
    }
    let network = try Network(
      file.adding(place), backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 4))
    network.parametersDidChange()
    return network
  }

  private func plan(
    _ network: Network, _ mode: Mode = .inference, keepsMoments: Bool = false
  ) throws -> NetworkPlan {
    let plan = try network.makePlan(
      input: network.inputShape(batch: 2, width: 96, height: 64), mode: mode,
      keepsMoments: keepsMoments)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
    plan.forward(random: RandomStream(seed: 9))
    return plan
  }

  /// Loss and gradients of a batch; those of layers that a weights file has.
  private func gradients(_ network: Network) throws -> (value: [[Double]], main: [[Float]]) {
    let plan = try plan(network, .training)
    let value = try DetectionTask(network).loss(
      plan, targets: Self.truths,
      step: LossStep(iteration: 5, seenImages: 10, random: RandomStream(seed: 2)))
    plan.backward()
    return (
      value.outputs,
      network.nodes.filter { !$0.isOptional }.flatMap {
        $0.layer.parameters.compactMap { $0.gradient?.values }
      }
    )
  }

  @Test(arguments: [false, true])
  func aDetachedBranchLeavesTheDetectorAlone(isBayesian: Bool) throws {
    let plain = try Self.network(.none, isBayesian: isBayesian)
    let branched = try Self.network(.iou, isBayesian: isBayesian)
    let expected = try plan(plain)
    let found = try plan(branched)
    for (a, b) in zip(plain.heads, branched.heads) {
      #expect(expected.output(of: a.layer).values == found.output(of: b.layer).values)
    }
    #expect(found.arenaBytes <= expected.arenaBytes + 64 * branched.nodes.count)
    let (without, with) = (try gradients(plain), try gradients(branched))
    #expect(without.main == with.main)
    #expect(without.value == with.value.map { Array($0.dropLast()) })
    #expect(with.value.allSatisfy { ($0.last ?? 0) > 0 })
    #expect(try DetectionTask(branched).lossParts.last == "place")
    let learned = branched.heads.compactMap(\.expectedIoU).map { branched.nodes[$0.layer].layer }
    for parameter in learned.flatMap(\.parameters) {
      #expect(parameter.gradient?.values.contains { $0 != 0 } == true)
    }
    // Trained together it moves what it shares.
    #expect(try gradients(Self.network(.iouJoint, isBayesian: isBayesian)).main != without.main)
  }

  @Test func weightsFilesAreThoseOfThePlainNetwork() throws {
    try withTemporaryFolder { folder in
      let (plain, branched) = (folder.appending(path: "a"), folder.appending(path: "b"))
      try WeightsFile.write(Self.network(.none).nodes, to: plain)
      let network = try Self.network(.iou, isBayesian: true)
      try WeightsFile.write(network.nodes, to: branched)
      #expect(try Data(contentsOf: plain) == Data(contentsOf: branched))
      #expect(try WeightsFile.read(plain, into: network.nodes).isComplete)
    }
  }

  private func found(
    _ network: Network, _ ranking: RankingScore = .confidence, keeps: Bool = true
  ) throws -> [Detection] {
    var settings = DetectionSettings(confidenceThreshold: 0.1, suppressionThreshold: 1)
    settings.keepsPlace = keeps
    settings.ranking = ranking
    let task = try DetectionTask(network, settings: settings)
    let placement = ImagePlacement(
      imageWidth: 96, imageHeight: 64, inputWidth: 96, inputHeight: 64, mode: .stretch)
    return try task.predictions(
      plan(network, keepsMoments: task.needsMoments), placements: [placement, placement])[1]
  }

  @Test func detectionsSayHowWellTheyArePlaced() throws {
    let network = try Self.network(.iou)
    let layers = Set(network.heads.compactMap(\.expectedIoU?.layer))
    let telling = try plan(network, keepsMoments: true)
    let expected = Set(
      layers.flatMap { telling.output(of: $0).values.map { logistic($0) } })
    let detections = try found(network)
    try #require(detections.count > 10)
    #expect(detections.allSatisfy { $0.expectedIoU.map(expected.contains) ?? false })
    #expect(Set(detections.map(\.expectedIoU)).count > 5)
    #expect(try found(network, keeps: false).allSatisfy { $0.expectedIoU == nil })
    // Ranked by it, the confidence is the product, and the order is its.
    let ranked = try found(network, .expectedIoU)
    #expect(ranked.count < detections.count && !ranked.isEmpty)
    #expect(ranked.map(\.confidence) == ranked.map(\.confidence).sorted(by: >))
    let products = Set(detections.map { $0.confidence * ($0.expectedIoU ?? 0) })
    #expect(ranked.allSatisfy { products.contains($0.confidence) && $0.confidence > 0.1 })
  }

  @Test(arguments: [PlacePlan.iou, .gaussian], [Float.nan, .infinity, -.infinity])
  func aBranchThatIsNotFiniteIsNamed(place: PlacePlan, value: Float) throws {
    let network = try Self.network(place)
    let head = try #require(network.heads.first)
    let layer = try #require(head.expectedIoU?.layer ?? head.boxVariance?.layer)
    network.nodes[layer].layer.parameters.first { $0.name == "biases" }?.values
      .withMutableHostValues { $0[place == .iou ? 1 : 6] = value }
    network.parametersDidChange()
    #expect(throws: DetectionError.placeNotFinite(image: 0, row: 0, column: 0, anchor: 1)) {
      try found(network)
    }
    // Whoever does not ask is not told.
    #expect(try !found(network, keeps: false).isEmpty)
  }

  @Test func whatIsMergedDoesNotDependOnTheClassesThatAreReported() throws {
    let network = try Self.network(.none)
    func found(_ classes: BoxDecoder.ClassRule, keeps: Bool = true) throws -> [Detection] {
      var settings = DetectionSettings(confidenceThreshold: 0.05, suppressionThreshold: 0.3)
      settings.keepsMerged = keeps
      settings.classes = classes
      let placement = ImagePlacement(
        imageWidth: 96, imageHeight: 64, inputWidth: 96, inputHeight: 64, mode: .stretch)
      return try DetectionTask(network, settings: settings).predictions(
        plan(network), placements: [placement, placement])[0]
    }
    let (all, best) = (try found(.all), try found(.best))
    let both = all.filter { detection in
      best.contains { $0.box == detection.box && $0.classIndex == detection.classIndex }
    }
    try #require(both.count > 3)
    #expect(both.contains { $0.merged?.count ?? 0 > 0 })
    #expect(both.allSatisfy { best.contains($0) })
    #expect(try found(.all, keeps: false).allSatisfy { $0.merged == nil })
  }
}
