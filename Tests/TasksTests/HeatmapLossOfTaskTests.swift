import Compute
import Darknet
import Datasets
import Foundation
import Geometry
import Keypoints
import Layers
import Losses
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Tasks

/// The loss of maps and their branch, through whole networks.
@Suite struct HeatmapLossOfTaskTests {
  private static let late = LossStep(iteration: 1 << 20, epoch: 1 << 20)

  /// Two images, the second of one keypoint.
  private static func truths() throws -> [KeypointTruth] {
    [
      try keypoints([
        LabelledKeypoint(index: 0, position: Point(0.3, 0.3)),
        LabelledKeypoint(index: 1, position: Point(0.8, 0.6)),
        LabelledKeypoint(index: 2, position: Point(0.1, 0.9), isOccluded: true),
      ]), try keypoints([LabelledKeypoint(index: 2, position: Point(0.6, 0.4))]),
    ]
  }

  private static let losses = [
    "", "loss=bce", "loss=ohkm top=1", "loss=ohkm top=2 normalize=map", "loss=focal",
    "loss=focal alpha=1.5 normalize=image", "loss=distanceAware", "loss=distanceAware beta=2",
    "loss=anchor slack=1", "loss=anchor slack=1 gamma=.5", "loss=bce normalize=batch",
    "loss=mse balance=1 subpixel=0", "loss=bce balance=1 target=pixel",
    "loss=bce map_normalizer=3 occluded=ignore",
    "loss=bce branch_weight=2", "loss=mse map_normalizer=.5 branch_weight=.25",
    "loss=uncertainty difficulty_control=constant",
    "loss=uncertainty difficulty_control=constant constant_uncertainty=.3 branch_weight=2 "
      + "map_normalizer=3",
    "loss=uncertainty difficulty_control=constant difficulty_weight=double",
    "loss=uncertainty difficulty_control=constant difficulty_weight=onePlus normalize=image",
    "loss=uncertainty difficulty_control=constant difficulty_weight=meanOne",
  ]

  /// With what the gradient takes for constant held constant: the anchor probability by a slack of 1,
  /// the difficulty by a constant uncertainty.
  @Test(arguments: losses, [false, true])
  func gradientAgreesWithDifferences(keys: String, hasBranch: Bool) throws {
    let needsBranch = keys.contains("uncertainty") || keys.contains("branch")
    let small = try SmallHeatmaps<PersonJoints>(
      keys, hasBranch: hasBranch || needsBranch, hidden: 2)
    small.network.initializeWeights(RandomStream(seed: 6))
    let plan = try small.forward(randomValues(2 * 48, seed: 2))
    let truths = try Self.truths()
    func loss() -> Double {
      plan.forward()
      return (try? small.task.loss(plan, targets: truths, step: Self.late).total) ?? .nan
    }
    #expect(loss() > 0)
    plan.backward()
    for named in small.network.parameters {
      guard let gradient = named.parameter.gradient?.values else { continue }
      let values = named.parameter.values
      let start = values.values
      expectGradient(
        at: start, gradient, step: 2e-3, tolerance: 1e-2, directional: 1e-2,
        "\(keys): \(named.name)"
      ) {
        values.update(from: $0)
        defer { values.update(from: start) }
        return loss()
      }
    }
  }

  /// The value is that of `HeatmapLoss` on the targets, the branch's that of cross-entropy.
  @Test(arguments: losses.filter { !$0.contains("loss=uncertainty") })
  func valueIsThatOfTheLoss(keys: String) throws {
    let small = try SmallHeatmaps<PersonJoints>(keys, hasBranch: true)
    let input = randomValues(2 * 48, in: -3...3, seed: 4)
    let plan = try small.forward(input)
    let truths = try Self.truths()
    let value = try small.task.loss(plan, targets: truths, step: Self.late)
    let shape = plan.output(of: small.logits).shape
    let training = small.task.output.training
    let targets = try small.task.targets(of: small.task.output, shape: shape, truths: truths)
    let gradient = try Tensor(shape)
    let expected = training.loss.evaluate(
      logits: try Tensor(shape, values: input), targets: targets, gradient: gradient)
    #expect(value.parts == ["maps", "auxiliary"])
    #expect(value.outputs[0][0] == Double(training.gain) * expected)
    expectClose(
      try #require(plan.gradient(of: small.logits)).values,
      gradient.values.map { training.gain * $0 }, relative: 1e-6, absolute: 1e-8)
    let branch = try #require(training.branch)
    let plain = HeatmapLoss(.crossEntropy, normalization: training.loss.normalization)
    let auxiliary = plain.evaluate(
      logits: try Tensor(shape, values: input.map { $0 / 2 }), targets: targets,
      gradient: gradient)
    #expect(abs(value.outputs[0][1] - Double(branch.weight) * auxiliary) < 1e-9)
    expectClose(
      try #require(plan.gradient(of: branch.layer)).values,
      gradient.values.map { branch.weight * $0 }, relative: 1e-6, absolute: 1e-8)
    // Joints that are not labelled have no gradient.
    let own = try #require(plan.gradient(of: small.logits)).values
    for index in 48..<96 where index % 3 != 2 { #expect(own[index] == 0) }
    #expect(own.contains { $0 != 0 })
  }

  /// D by hand on one map of four pixels: bits of the branch's own moments, right where map and target are
  /// on the same side of ½.
  @Test(arguments: ["sigmoid", "raw"], ["raw", "double", "onePlus", "meanOne"])
  func difficultyOfEachPixel(map: String, weighting: String) throws {
    let small = try SmallHeatmaps<PersonJoints>(
      "loss=uncertainty uncertainty_map=\(map) difficulty_weight=\(weighting) sigma=.5 subpixel=0",
      hasBranch: true, size: (2, 2))
    // Of keypoint 1; its place is the pixel at the upper right.
    let logits: [Float] = [1.5, 0.25, -1, -2]
    let input = (0..<12).map { $0 % 3 == 1 ? logits[$0 / 3] : 0.5 }
    let plan = try small.forward(input)
    let truth = try keypoints([LabelledKeypoint(index: 1, position: Point(0.75, 0.25))])
    let value = try small.task.loss(plan, targets: [truth], step: Self.late)
    let branch = try #require(small.task.output.training.branch)
    let moments = try #require(plan.moments(of: branch.layer))
    let near = Float(exp(-2.0))
    let targets: [Float] = [near, 1, Float(exp(-4.0)), near]
    // 1.5 is a false peak; the others are on their targets' side.
    let isRight = [false, true, true, true]
    var weights: [Float] = []
    for pixel in 0..<4 {
      let index = 3 * pixel + 1
      let variance = moments.variance.values[index]
      #expect(abs(moments.mean.values[index] - logits[pixel] / 2) < 1e-6 && variance > 0)
      let bits = try BALD().uncertainty(
        LogitMoments(mean: logits[pixel] / 2, variance: variance))
      #expect(bits > 0)
      let u = map == "raw" ? bits : 1 / (1 + exp(-bits))
      weights.append(isRight[pixel] ? u / 2 : (1 - u) / 2 + 0.5)
    }
    let mean = weights.reduce(0, +) / 4
    weights = weights.map { d in
      ["raw": d, "double": 2 * d, "onePlus": 1 + d, "meanOne": d / mean][weighting] ?? .nan
    }
    let gradient = try #require(plan.gradient(of: small.logits)).values
    var loss = 0.0
    for pixel in 0..<4 {
      let q = 1 / (1 + exp(-logits[pixel]))
      let expected = weights[pixel] * (q - targets[pixel]) / 12
      #expect(abs(gradient[3 * pixel + 1] - expected) < 1e-6)
      #expect(gradient[3 * pixel] == 0 && gradient[3 * pixel + 2] == 0)
      let entropy = -targets[pixel] * log(q) - (1 - targets[pixel]) * log(1 - q)
      loss += Double(weights[pixel] * entropy) / 12
    }
    #expect(abs(value.outputs[0][0] - loss) < 1e-6)
  }

  @Test func lossBeginsAfterTheWarmUp() throws {
    func loss(_ keys: String, _ iteration: Int) throws -> Double {
      let small = try SmallHeatmaps<PersonJoints>(
        keys + " subpixel=0 sigma=.5 window=1", hasBranch: true)
      let plan = try small.forward(randomValues(96, in: -3...3, seed: 4))
      return try small.task.loss(
        plan, targets: Self.truths(), step: LossStep(iteration: iteration)
      ).outputs[0][0]
    }
    let plain = try loss("loss=bce", 0)
    for other in ["focal", "anchor", "distanceAware", "uncertainty"] {
      let keys = "loss=\(other) normalize=pixels"
      #expect(try loss(keys + " warm_up=3", 2) == plain, "\(other)")
      #expect(try loss(keys + " warm_up=3", 3) != plain, "\(other)")
      #expect(try loss(keys + " warm_up=3", 3) == loss(keys, 0), "\(other)")
    }
  }

  /// The losses of stacks add up, each with its own targets.
  @Test func severalStacks() throws {
    let text = """
      [net]
      width=4
      height=4
      [convolutional]
      filters=3
      activation=linear
      [heatmap]
      loss=bce
      sigma=1
      [route]
      layers=0
      [convolutional]
      filters=3
      activation=linear
      [heatmap]
      loss=bce
      """
    func value(_ end: String) throws -> ([[Double]], HeatmapTask<PersonJoints>) {
      let network = try Network(
        ConfigurationFile(text: text + "\n" + end, fileName: "two.cfg"),
        backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      for parameter in network.nodes.flatMap(\.layer.parameters) where parameter.values.count == 9 {
        parameter.values.update(from: [1, 0, 0, 0, 1, 0, 0, 0, 1])
      }
      network.parametersDidChange()
      let task = try HeatmapTask<PersonJoints>(network)
      let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
      plan.input.update(from: randomValues(96, in: -3...3, seed: 4))
      plan.forward()
      return (try task.loss(plan, targets: Self.truths(), step: Self.late).outputs, task)
    }
    func single(_ keys: String) throws -> Double {
      let small = try SmallHeatmaps<PersonJoints>(keys)
      let plan = try small.forward(randomValues(96, in: -3...3, seed: 4))
      return try small.task.loss(plan, targets: Self.truths(), step: Self.late).outputs[0][0]
    }
    let (alike, task) = try value("sigma=1\n")
    #expect(task.lossCount == 2 && task.lossParts == ["maps"])
    #expect(task.output.layer == 4)
    let one = try single("loss=bce sigma=1")
    #expect(alike == [[one], [one]])
    // What draws other maps gets them.
    for keys in ["sigma=2", "sigma=1\nwindow=1", "sigma=1\nsubpixel=0", "sigma=1\noccluded=ignore"]
    {
      let other = try single("loss=bce " + keys.replacing("\n", with: " "))
      #expect(other != one)
      #expect(try value(keys + "\n").0 == [[one], [other]], "\(keys)")
    }
  }

  /// Without a labelled joint there is nothing to learn, and nothing that is no number.
  @Test(arguments: losses)
  func batchesWithoutLabels(keys: String) throws {
    let small = try SmallHeatmaps<PersonJoints>(keys, hasBranch: true)
    let plan = try small.forward(randomValues(96, in: -3...3, seed: 4))
    let value = try small.task.loss(
      plan, targets: [try keypoints([]), try keypoints([])], step: Self.late)
    #expect(value.total == 0)
    #expect(try #require(plan.gradient(of: small.logits)).values.allSatisfy { $0 == 0 })
    // Of centres the maps are trained to be empty.
    let centers = try SmallHeatmaps<ObjectCenters>(
      keys.replacing(" occluded=ignore", with: ""), hasBranch: true)
    let other = try centers.forward(randomValues(96, in: -3...3, seed: 4))
    let empty = try centers.task.loss(
      other, targets: [try keypoints([]), try keypoints([])], step: Self.late)
    #expect(empty.total.isFinite && empty.total > 0)
    #expect(try #require(other.gradient(of: small.logits)).values.allSatisfy { $0 >= -1e3 })
  }

  /// What is not a number comes out as a loss that is none, of which training tells with the images.
  @Test(arguments: losses, [0, 1, 2])
  func notANumberShows(keys: String, map: Int) throws {
    let small = try SmallHeatmaps<PersonJoints>(keys, hasBranch: true)
    var input = randomValues(96, in: -3...3, seed: 4)
    input[15 + map] = .nan
    let plan = try small.forward(input)
    let value = try? small.task.loss(plan, targets: Self.truths(), step: Self.late)
    // Identity layers mix channels: 0 · NaN is NaN, so that all maps are.
    #expect(value.map { !$0.total.isFinite } ?? true)
  }

  /// A branch that does not weigh leaves the maps' loss what it is without one.
  @Test func mapsAreTheSameBesideABranch() throws {
    func gradient(hasBranch: Bool, threads: Int) throws -> [Float] {
      let small = try SmallHeatmaps<PersonJoints>(
        "loss=bce", hasBranch: hasBranch, threads: threads)
      let plan = try small.forward(randomValues(96, in: -3...3, seed: 4))
      _ = try small.task.loss(plan, targets: Self.truths(), step: LossStep())
      return try #require(plan.gradient(of: small.logits)).values
    }
    let plain = try gradient(hasBranch: false, threads: 1)
    #expect(try gradient(hasBranch: true, threads: 1) == plain)
    #expect(try gradient(hasBranch: true, threads: 2) == plain)
  }

  @Test func otherTasksAndMixing() throws {
    let small = try SmallHeatmaps<PersonJoints>("")
    #expect(
      message { _ = try HeatmapTask<ObjectCenters>(small.network) }
        == "small.cfg is made for keypoints; centers is needed here")
    #expect(small.task.problem(with: PictureMixing()) == nil)
    #expect(small.task.problem(with: PictureMixing(mixup: true)) != nil)
    #expect(
      try SmallHeatmaps<ObjectCenters>().task.problem(with: PictureMixing(mixup: true)) == nil)
    var random = RandomStream(seed: 1)
    let target = small.task.randomTarget(&random)
    #expect(target.points.map(\.index) == [0, 1, 2])
  }
}
