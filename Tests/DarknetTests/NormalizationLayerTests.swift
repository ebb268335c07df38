import Compute
import Foundation
import Layers
import Losses
import TestSupport
import Testing

@testable import Darknet
@testable import Networks

/// `[batchnorm]`, `[activation]`, `[crop]` and `[logistic]`: what they make of a network and a file.
@Suite struct NormalizationLayerTests {
  /// Pre-activation blocks: normalisations with an activation of their own, one whose output others
  /// read too, and one at the end.
  private static let text =
    "[net]\nwidth=12\nheight=12\nchannels=3\n"
    + convolution(6)  // 0
    + "[batchnorm]\n[activation]\nactivation=relu\n"  // 1, 2: joined
    + convolution(6)  // 3
    + "[batchnorm]\n[activation]\nactivation=mish\n"  // 4, 5: layer 4 is read again
    + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 6
    + "[activation]\nactivation=leaky\n"  // 7: of a sum
    + "[batchnorm]\n[activation]\nactivation=swish\n"  // 8, 9: joined, read twice
    + convolution(6) + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 10, 11
    + "[avgpool]\n" + convolution(4, size: 1)  // 12, 13
    + "[batchnorm]\n[activation]\nactivation=tanh\n"  // 14, 15: the last

  private static func convolution(_ filters: Int, size: Int = 3) -> String {
    "[convolutional]\nfilters=\(filters)\nsize=\(size)\npad=1\nactivation=linear\n"
  }

  private func network(_ text: String) throws -> Network {
    let network = try Network(
      parse(text), backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 3))
    for (i, parameter) in network.parameters.map(\.parameter).enumerated() where !parameter.decays {
      parameter.values.update(
        from: randomValues(parameter.values.count, in: 0.5...1.5, seed: UInt64(i)))
    }
    network.parametersDidChange()
    return network
  }

  @Test func joinsWhatNobodyElseReads() throws {
    let nodes = try network(Self.text).nodes
    #expect(nodes.indices.filter { nodes[$0].isAbsorbed } == [2, 9])
    #expect(
      nodes.compactMap { ($0.layer as? BatchNormalization)?.activation }
        == [.relu, .linear, .swish, .linear])
    for mode in [Mode.training, .inference] {
      let structure = PlanStructure(
        nodes, outputs: try network(Self.text).outputs, mode: mode, keepsMoments: false)
      #expect(
        nodes.indices.filter { !structure.runs[$0] }.filter { [2, 9].contains($0) } == [2, 9])
      #expect(structure.inputs[3] == [1] && structure.inputs[11].contains(8))
    }
    // A layer whose input learns nothing in the first iterations is left alone.
    let held = Self.text.with(
      "[activation]\nactivation=relu", "[activation]\nstopbackward=5\nactivation=relu")
    #expect(
      try network(held).nodes.indices.filter { try network(held).nodes[$0].isAbsorbed } == [2, 9])
    let closed = Self.text.with(
      "[batchnorm]\n[activation]\nactivation=relu",
      "[batchnorm]\nstopbackward=5\n[activation]\nactivation=relu")
    #expect(
      try network(closed).nodes.indices.filter { try network(closed).nodes[$0].isAbsorbed } == [9])
  }

  /// Another reader of each normalisation keeps the layers apart and changes no number.
  @Test(arguments: [Mode.training, .inference])
  func joinedIsTheSame(_ mode: Mode) throws {
    let joined = try network(Self.text)
    // Reads layers 1 and 8, and its own readers none.
    let apart = try network(Self.text)
    var nodes = apart.nodes
    for (index, activation) in [(1, Activation.linear), (8, .linear)] {
      (nodes[index].layer as? BatchNormalization)?.takeOver(activation)
      nodes[index + 1].isAbsorbed = false
    }
    let separate = Network(
      name: "x.cfg", text: "", nodes: nodes, outputs: apart.outputs, ownInput: apart.ownInput,
      backend: apart.backend)
    let plans = try [joined, separate].map { network in
      let plan = try network.makePlan(input: network.inputShape(batch: 3), mode: mode)
      plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
      plan.forward()
      return plan
    }
    let last = nodes.count - 1
    #expect(plans[0].output(of: last).values == plans[1].output(of: last).values)
    guard mode == .training else { return }
    #expect(plans[0].arenaBytes < plans[1].arenaBytes)
    let weights = randomValues(plans[0].output(of: last).count, seed: 9)
    for plan in plans {
      try #require(plan.gradient(of: last)).update(from: weights)
      plan.backward()
    }
    for (a, b) in zip(joined.parameters, separate.parameters) {
      guard let first = a.parameter.gradient, let second = b.parameter.gradient else { continue }
      expectClose(first.values, second.values, relative: 1e-5, absolute: 1e-6, a.name)
      #expect(first.values.contains { $0 != 0 }, "\(a.name)")
    }
  }

  @Test func wholeNetworkGradients() throws {
    // Without kinks.
    let smooth = Self.text.replacing("relu", with: "swish").replacing("leaky", with: "swish")
    let network = try network(smooth)
    let plan = try network.makePlan(input: network.inputShape(batch: 8), mode: .training)
    // Images that differ in their means, or the last normalisation, of a value an image, would divide by
    // next to nothing and drown the differences in rounding.
    let each = plan.input.count / 8
    plan.input.update(
      from: randomValues(plan.input.count, in: -1...1, seed: 6).enumerated().map { index, value in
        value + Float(index / each * 5 % 8) / 2
      })
    let last = network.nodes.count - 1
    let weights = randomValues(plan.output(of: last).count, seed: 9)
    func loss() -> Double {
      plan.forward()
      return weightedSum(plan.output(of: last).values, weights)
    }
    plan.forward()
    plan.gradient(of: last)?.update(from: weights)
    plan.backward()
    for named in network.parameters {
      guard let gradient = named.parameter.gradient?.values else { continue }
      if named.name.hasSuffix("convolutional.biases") {
        // Normalisation takes them out again.
        #expect(gradient.allSatisfy { abs($0) < 1e-3 }, "\(named.name)")
        continue
      }
      let values = named.parameter.values
      let start = values.values
      expectGradient(
        at: start, gradient, step: 4e-3, tolerance: 2e-2, directional: 2e-2, coordinates: 6,
        named.name
      ) {
        values.update(from: $0)
        defer { values.update(from: start) }
        return loss()
      }
    }
  }

  /// From m to m + s · (b − m) in one update: b is known from s = 1, in each layer that normalises.
  @Test func rollingStatisticsMoveByTheKeysShare() throws {
    func statistics(_ keys: String) throws -> [String: [Float]] {
      let text =
        "[net]\nwidth=12\nheight=12\nchannels=3\n\(keys)\n"
        + "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\nactivation=leaky\n[batchnorm]\n"
        + "[connected]\nbatch_normalize=1\noutput=5\nactivation=linear\n"
      let network = try network(text)
      let plan = try network.makePlan(input: network.inputShape(batch: 3), mode: .training)
      plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
      plan.forward()
      return Dictionary(
        uniqueKeysWithValues: network.parameters.filter { $0.name.contains("rolling") }
          .map { ($0.name, $0.parameter.values.values) })
    }
    // Started by network(_:) at the same values.
    let (whole, half) = try (statistics("bn_momentum=1"), statistics("bn_momentum=.5"))
    let (quarter, darknet) = try (statistics("bn_momentum=.25"), statistics(""))
    #expect(whole.count == 6)
    for (name, batch) in whole {
      let halfway = try #require(half[name])
      let start = zip(halfway, batch).map { 2 * $0 - $1 }
      for (share, moved) in [(Float(0.25), quarter[name]), (0.01, darknet[name])] {
        let expected = zip(start, batch).map { $0 + share * ($1 - $0) }
        expectClose(try #require(moved), expected, relative: 1e-4, absolute: 1e-4, name)
      }
      #expect(zip(start, batch).contains { abs($0 - $1) > 0.1 }, "\(name)")
    }
  }

  /// AlexeyAB's order: biases, scales, means, variances.
  @Test func weightsFiles() throws {
    try withTemporaryFolder { folder in
      let text = """
        [net]
        width=4
        height=4
        channels=3
        [batchnorm]
        [activation]
        activation=relu
        [convolutional]
        filters=2
        size=1
        activation=linear

        """
      let file = folder.appending(path: "x.weights")
      let first = try network(text)
      let normalization = try #require(first.nodes[0].layer as? BatchNormalization)
      for (index, parameter) in normalization.parameters.enumerated() {
        parameter.values.update(from: (0..<3).map { Float(10 * (index + 1) + $0) })
      }
      try WeightsFile.write(first.nodes, to: file)
      let bytes = try Data(contentsOf: file)
      #expect(bytes.count == 20 + 4 * (12 + 8))
      let floats = bytes.dropFirst(20).withUnsafeBytes { raw in
        (0..<12).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
      #expect(floats == [10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42])
      let second = try network(text)
      let report = try WeightsFile.read(file, into: second.nodes)
      #expect(report.isComplete && report.layerCount == 3)
      #expect(
        second.parameters.map(\.parameter.values.values)
          == first.parameters.map(\.parameter.values.values))
      #expect(
        second.parameters.map(\.name).prefix(4)
          == [
            "0.batchnorm.biases", "0.batchnorm.scales", "0.batchnorm.rolling_mean",
            "0.batchnorm.rolling_variance",
          ])

      // pjreddie's has no biases.
      try (bytes.prefix(20) + bytes.dropFirst(32)).write(to: file)
      for allowPartial in [false, true] {
        #expect(
          message {
            try WeightsFile.read(file, into: second.nodes, allowPartial: allowPartial)
          }.contains(
            "is as long as pjreddie's Darknet makes it, which leaves out the 3 biases of [batchnorm]"
          )
        )
      }
    }
  }

  @Test func cropComesFirst() throws {
    let text = """
      [net]
      width=8
      height=8
      channels=3
      [crop]
      crop_width=6
      crop_height=5
      flip=1
      angle=0
      saturation=1
      exposure=1
      [convolutional]
      filters=2
      size=1
      activation=linear
      """
    let file = try parse(text)
    #expect(file.ignoredKeys.isEmpty)
    let network = try NetworkBuilder.build(file)
    #expect(network.nodes[1].outputShape == Shape(height: 5, width: 6, channels: 2))
    let crop = try #require(network.nodes[0].layer as? Crop)
    #expect(crop.flips && !crop.keepsValues)
    #expect(network.parameterCount == 8)
    #expect(
      message { try build(text.with("crop_width=6", "crop_width=9")) }
        == "x.cfg:5: [crop], layer 0: crop_width=9 and crop_height=5 are more than the input's 8x8")
    #expect(
      message { try build(text.with("[crop]", "[dropout]\n[crop]")) }
        == "x.cfg:6: [crop] cuts the network's input and can be the first layer only")
    #expect(try parse(text.with("angle=0", "angle=7")).ignoredKeysSummary.count == 1)
  }

  @Test func logisticClassifies() throws {
    let text = """
      [net]
      width=8
      height=8
      channels=3
      [avgpool]
      [convolutional]
      filters=5
      size=1
      activation=linear
      [logistic]
      """
    let network = try build(text)
    let classifier = try #require(network.outputs.classifier)
    #expect(!classifier.isExclusive && classifier.classCount == 5)
    #expect(classifier.logits == 1 && classifier.probabilities == 2)
    #expect(classifier.training.loss == .binaryCrossEntropy)
    #expect(try parse(text).settingClassCount(7) == parse(text.with("filters=5", "filters=7")))
    #expect(
      message { try build(text.with("filters=5", "filters=1")) }
        == "x.cfg:10: [logistic] at the end needs two classes")
    var plan = BranchPlan()
    #expect(try parse(text).adding(plan) == parse(text))
    plan.loss = .bce
    #expect(try parse(text).adding(plan) == parse(text))
    plan.loss = .focal
    #expect(
      message { try parse(text).adding(plan) }
        == "x.cfg:10: [logistic] is trained with bce of every class by itself; other losses and "
        + "branches are for [softmax]")
    // Elsewhere it is a layer like any other.
    let between = try build(text.with("[avgpool]", "[logistic]\n[avgpool]"))
    #expect(between.outputs.classifier?.logits == 2)
  }
}
