import Compute
import Darknet
import Datasets
import Foundation
import Geometry
import Layers
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Tasks

/// A small classifier with a branch, whose `[softmax]` a test chooses.
private struct SmallClassifier {
  /// One hidden layer on pictures of one pixel: three values, four, five classes.
  static let text = """
    [net]
    width=1
    height=1
    channels=3
    [convolutional]
    filters=4
    size=1
    activation=leaky
    [convBayes]
    filters=5
    samples=0
    [route]
    layers=-2
    [convolutional]
    filters=5
    size=1
    activation=linear
    [softmax]
    """

  let network: Network
  let task: ClassificationTask

  init(_ keys: String = "", hasBranch: Bool = true, net: String = "", threads: Int = 1) throws {
    var text = Self.text
    if !hasBranch {
      text = text.replacing(
        "[convBayes]\nfilters=5\nsamples=0\n[route]\nlayers=-2\n", with: "")
    }
    text = text.replacing("channels=3\n", with: "channels=3\n" + net)
    let branch = hasBranch ? "\nuncertainty=-3" : ""
    let file = try ConfigurationFile(
      text: text + branch + "\n" + keys.replacing(" ", with: "\n") + "\n", fileName: "small.cfg")
    network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: threads)))
    task = try ClassificationTask(network)
  }

  /// Parameters by the names of the golden file, in layer order.
  var parameters: [(name: String, parameter: Parameter)] {
    network.nodes.flatMap { node in
      let names =
        node.layer is ConvBayes ? ["k", "kb"] : node.inputs[0] < 0 ? ["w1", "b1"] : ["w", "b"]
      return zip(
        names, node.layer.parameters.sorted { $0.values.count > $1.values.count }
      ).map { ($0, $1) }
    }
  }

  func fill(_ golden: GoldenCase) throws {
    for (name, parameter) in parameters {
      parameter.values.update(from: try golden.array(name))
    }
    network.parametersDidChange()
  }

  /// Runs a batch forward.
  func forward(_ input: [Float]) throws -> NetworkPlan {
    let plan = try network.makePlan(
      input: network.inputShape(batch: input.count / 3), mode: .training)
    plan.input.update(from: input)
    plan.forward()
    return plan
  }
}

@Suite struct ClassifierLossTests {
  private static let late = LossStep(iteration: 1 << 20, epoch: 1 << 20)

  private func golden() throws -> GoldenCase {
    try #require(try goldenCases("class_losses").first { $0.name == "task" })
  }

  /// Loss, and gradients of all layers, as PyTorch gives them.
  @Test(arguments: [
    ("crossEntropy", ""), ("bce", "loss=bce"), ("ohem", "loss=ohem ratio=.7"),
    ("focal", "loss=focal"), ("focalSoftmax", "loss=focal gamma=1.5 probability=softmax"),
    ("anchor.sigmoid.background", "loss=anchor"),
    ("anchor.sigmoid.target", "loss=anchor anchor=target gamma=2"),
    ("anchor.softmax.background", "loss=anchor probability=softmax"),
    ("anchor.softmax.target", "loss=anchor anchor=target gamma=2 probability=softmax"),
    ("shared.crossEntropy", ""), ("shared.bce", "loss=bce"), ("shared.ohem", "loss=ohem ratio=.7"),
    (
      "meanField.raw.sigmoid",
      "loss=uncertainty uncertainty_measure=meanField branch_weight=.5"
    ),
    (
      "meanField.meanOne.raw",
      "loss=uncertainty uncertainty_measure=meanField branch_weight=.5 uncertainty_map=raw "
        + "difficulty_weight=meanOne cls_normalizer=2"
    ),
    (
      "marginPair.double.raw",
      "loss=uncertainty uncertainty_measure=marginPair branch_weight=.5 uncertainty_map=raw "
        + "difficulty_weight=double"
    ),
    (
      "predictedOneVsRest.onePlus.sigmoid",
      "loss=uncertainty uncertainty_measure=predictedOneVsRest branch_weight=.5 "
        + "difficulty_weight=onePlus cls_normalizer=.5"
    ),
  ])
  func agreesWithPyTorch(name: String, keys: String) throws {
    let golden = try golden()
    let isShared = name.hasPrefix("shared")
    let classifier = try SmallClassifier(
      keys, hasBranch: keys.contains("uncertainty"),
      net: isShared ? "label_smooth_eps=.125\n" : "")
    try classifier.fill(golden)
    let plan = try classifier.forward(try golden.array("x"))
    let shares = try golden.array("shares")
    let targets = try golden.array("labels").enumerated().map { image, label in
      isShared ? Self.target(Array(shares[image * 5..<(image + 1) * 5])) : ClassShares(Int(label))
    }
    let value = try classifier.task.loss(plan, targets: targets, step: Self.late)
    let expected = try #require(golden.numbers[name])
    #expect(abs(value.outputs[0][0] - expected) < 2e-6 * expected)
    if let auxiliary = golden.numbers[name + "Auxiliary"] {
      #expect(abs(value.outputs[0][1] - auxiliary) < 2e-6 * auxiliary)
    }
    plan.backward()
    for (key, parameter) in classifier.parameters {
      expectClose(
        try #require(parameter.gradient).values, try golden.array("\(name).\(key)"),
        relative: 2e-5, absolute: 2e-5, "\(name).\(key)")
    }
  }

  /// A mixture of pictures with these shares.
  private static func target(_ shares: [Float]) -> ClassShares {
    let parts = shares.enumerated().filter { $0.element > 0 }
    return .joined(
      parts.map { label, share in
        var pane = Pane(
          rectangle: PixelRectangle(x: 0, y: 0, width: 1, height: 1), sourceX: 0, sourceY: 0,
          inputWidth: 1, inputHeight: 1)
        pane.share = share
        return (target: ClassShares(label), pane: pane)
      })
  }

  /// Through a whole network, with what the gradient takes for constant held constant: the anchor
  /// probability by a slack of 1, the difficulty by a constant uncertainty.
  @Test(arguments: [
    "", "loss=bce", "loss=ohem", "loss=ohem ratio=.4", "loss=focal gamma=1.5",
    "loss=focal probability=softmax", "loss=anchor slack=1",
    "loss=anchor slack=1 anchor=target gamma=2",
    "loss=anchor slack=1 probability=softmax cls_normalizer=3",
    "loss=anchor slack=1 anchor=target probability=softmax",
    "loss=uncertainty difficulty_control=constant",
    "loss=uncertainty difficulty_control=constant constant_uncertainty=.3 difficulty_weight=meanOne",
    "loss=uncertainty difficulty_control=constant difficulty_weight=double branch_weight=2",
  ])
  func gradientAgreesWithDifferences(keys: String) throws {
    let classifier = try SmallClassifier(keys)
    classifier.network.initializeWeights(RandomStream(seed: 6))
    let plan = try classifier.forward(randomValues(18, seed: 2))
    let targets: [ClassShares] = [0, 3, 1, 4, 2, 2]
    func loss() -> Double {
      plan.forward()
      return (try? classifier.task.loss(plan, targets: targets, step: Self.late).total) ?? .nan
    }
    _ = loss()
    plan.backward()
    for (name, parameter) in classifier.parameters {
      let (gradient, values) = (try #require(parameter.gradient).values, parameter.values)
      let start = values.values
      expectGradient(
        at: start, gradient, step: 2e-3, tolerance: 1e-2, directional: 1e-2, "\(keys): \(name)"
      ) {
        values.update(from: $0)
        defer { values.update(from: start) }
        return loss()
      }
    }
  }

  /// D of every image by hand, with the mutual information of the branch's own moments.
  @Test(arguments: ["sigmoid", "raw"]) func difficultyOfEachImage(map: String) throws {
    let classifier = try SmallClassifier("loss=uncertainty uncertainty_map=\(map)")
    try classifier.fill(golden())
    let plan = try classifier.forward(try golden().array("x"))
    let labels = try golden().array("labels").map { Int($0) }
    _ = try classifier.task.loss(plan, targets: labels.map { ClassShares($0) }, step: Self.late)
    let branch = try #require(classifier.network.classifier?.branch?.layer)
    let moments = try #require(plan.moments(of: branch))
    let (means, variances) = (moments.mean.values, moments.variance.values)
    let information = MutualInformation(classCount: 5)
    let logits = plan.output(of: 3).values
    let gradient = try #require(plan.gradient(of: 3)).values
    var rightCount = 0
    for (image, label) in labels.enumerated() {
      let row = image * 5..<(image + 1) * 5
      let bits = try information.bits(means: means[row], variances: variances[row])
      #expect(bits > 0)
      let u = map == "raw" ? bits / log2(5) : 1 / (1 + exp(-bits))
      let z = Array(logits[row])
      let isRight = z.firstIndex(of: z.max() ?? 0) == label
      if isRight { rightCount += 1 }
      let difficulty = isRight ? u / 2 : (1 - u) / 2 + 0.5
      let powers = z.map { exp($0) }
      let sum = powers.reduce(0, +)
      expectClose(
        Array(gradient[row]),
        powers.enumerated().map { difficulty * ($1 / sum - ($0 == label ? 1 : 0)) },
        relative: 1e-5, absolute: 1e-6, "image \(image)")
    }
    #expect(rightCount == 4)
  }

  /// The values of U stay in their group of right or wrong images, in another order.
  @Test func shuffledUncertainty() throws {
    func scales(_ keys: String, seed: UInt64) throws -> [Float] {
      let classifier = try SmallClassifier("loss=uncertainty uncertainty_map=raw " + keys)
      try classifier.fill(golden())
      let plan = try classifier.forward(try golden().array("x"))
      let labels = try golden().array("labels").map { Int($0) }
      var step = Self.late
      step.random = RandomStream(seed: seed)
      _ = try classifier.task.loss(plan, targets: labels.map { ClassShares($0) }, step: step)
      let gradient = try #require(plan.gradient(of: 3)).values
      let probabilities = plan.output(of: 4).values
      return labels.enumerated().map { image, label in
        gradient[image * 5 + label] / (probabilities[image * 5 + label] - 1)
      }
    }
    let plain = try scales("", seed: 1)
    let shuffled = try scales("difficulty_control=shuffled", seed: 1)
    #expect(try shuffled != scales("difficulty_control=shuffled", seed: 2))
    #expect(plain != shuffled)
    // Below ½ are right ones, above wrong ones: the same numbers in either group.
    expectClose(shuffled.sorted(), plain.sorted(), relative: 1e-3, absolute: 1e-4)
  }

  @Test func lossBeginsAfterTheWarmUp() throws {
    func loss(_ keys: String, _ step: LossStep) throws -> Double {
      let classifier = try SmallClassifier(keys)
      try classifier.fill(golden())
      let plan = try classifier.forward(try golden().array("x"))
      return try classifier.task.loss(
        plan, targets: [3, 0, 0, 2, 3, 4, 4, 3], step: step
      ).outputs[0][0]
    }
    let plain = try loss("", LossStep())
    // Anchor loss: five epochs, or so many iterations.
    #expect(try loss("loss=anchor", LossStep(iteration: 900, epoch: 4)) == plain)
    #expect(try loss("loss=anchor", LossStep(iteration: 900, epoch: 5)) > 1.1 * plain)
    #expect(try loss("loss=anchor warm_up=0", LossStep()) > 1.1 * plain)
    #expect(try loss("loss=anchor warm_up=7", LossStep(iteration: 6, epoch: 9)) == plain)
    #expect(try loss("loss=anchor warm_up=7", LossStep(iteration: 7)) > 1.1 * plain)
    for other in ["bce", "ohem", "focal", "uncertainty"] {
      #expect(try loss("loss=\(other)", LossStep()) != plain, "\(other)")
      #expect(try loss("loss=\(other) warm_up=3", LossStep(iteration: 2)) == plain, "\(other)")
    }
  }

  /// A branch that does not weigh leaves the main loss what it is without one.
  @Test func theClassifierIsTheSameBesideABranch() throws {
    func gradient(hasBranch: Bool, threads: Int) throws -> [Float] {
      let classifier = try SmallClassifier("", hasBranch: hasBranch, threads: threads)
      try classifier.fill(golden())
      let plan = try classifier.forward(try golden().array("x"))
      _ = try classifier.task.loss(plan, targets: [3, 0, 0, 2, 3, 4, 4, 3], step: LossStep())
      return try #require(plan.gradient(of: hasBranch ? 3 : 1)).values
    }
    let plain = try gradient(hasBranch: false, threads: 1)
    #expect(try gradient(hasBranch: true, threads: 1) == plain)
    #expect(try gradient(hasBranch: true, threads: 2) == plain)
  }

  /// What is not a number comes out as a loss that is none, of which training tells with the images.
  @Test(arguments: [
    "", "loss=bce", "loss=ohem ratio=.2", "loss=focal", "loss=anchor",
    "loss=anchor probability=softmax", "loss=anchor anchor=target probability=softmax",
    "loss=uncertainty", "loss=uncertainty uncertainty_map=raw",
  ])
  func notANumberShows(keys: String) throws {
    let classifier = try SmallClassifier(keys)
    try classifier.fill(golden())
    var input = try golden().array("x")
    input[4] = .nan
    let plan = try classifier.forward(input)
    let value = try classifier.task.loss(
      plan, targets: [3, 0, 0, 2, 3, 4, 4, 3], step: Self.late)
    #expect(!value.total.isFinite)
  }

  @Test func mixedPicturesNeedALossOfSharedTargets() throws {
    for (keys, takes) in [
      ("", true), ("loss=bce", true), ("loss=ohem", true), ("loss=uncertainty", true),
      ("loss=focal", false), ("loss=anchor", false),
    ] {
      let task = try SmallClassifier(keys).task
      #expect(task.problem(with: PictureMixing()) == nil)
      let problem = task.problem(with: PictureMixing(mixup: true, cutMix: true))
      #expect((problem == nil) == takes, "\(keys)")
      if let problem { #expect(problem.contains("mixup and cutmix gives pictures several")) }
    }
  }
}
