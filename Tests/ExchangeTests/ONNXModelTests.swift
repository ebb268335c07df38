import Compute
import Darknet
import Detection
import Foundation
import Geometry
import Layers
import Networks
import SwiftProtobuf
import TestSupport
import Testing
import Uncertainty

@testable import Exchange

/// The graph that is written, computed by ONNX's rules, gives what the network gives.
@Suite struct ONNXModelTests {
  private static let limit = 2e-5

  /// A network with weights, biases and statistics that are all drawn.
  private func network(_ text: String) throws -> Network {
    let network = try Network(
      ConfigurationFile(text: text, fileName: "net.cfg"),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 3))
    for (index, entry) in network.parameters.enumerated() where !entry.parameter.decays {
      let values = entry.parameter.values
      values.update(
        from: randomValues(values.count, in: 0.3...0.9, seed: UInt64(index + 1)))
    }
    network.parametersDidChange()
    return network
  }

  private func net(_ width: Int, _ height: Int, _ channels: Int, _ body: String, more: String = "")
    -> String
  {
    "[net]\nwidth=\(width)\nheight=\(height)\nchannels=\(channels)\n\(more)\n\(body)"
  }

  private struct Both {
    let plan: NetworkPlan
    let outputs: [String: GraphValue]
    let model: Onnx_ModelProto
  }

  /// Runs a network and its file, read back, on the same two images.
  private func run(
    _ network: Network, _ change: (inout ONNXModel.Options) -> Void = { _ in },
    keepsMoments: Bool = false
  ) throws -> Both {
    var options = ONNXModel.Options()
    options.hasOpenBatch = true
    change(&options)
    let size = options.size
    let input = network.inputShape(batch: 2, width: size?.width, height: size?.height)
    let plan = try network.makePlan(input: input, mode: .inference, keepsMoments: keepsMoments)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 5))
    plan.forward()
    let model = try withTemporaryFolder { folder in
      let path = folder.appending(path: "net.onnx").path
      try ONNXModel(network, options: options, metadata: [("task", "test")]).write(to: path)
      return try Onnx_ModelProto(serializedBytes: Data(contentsOf: URL(filePath: path)))
    }
    let images = channelsFirst(plan.input)
    return Both(
      plan: plan, outputs: try GraphInterpreter(model: model).outputs(images), model: model)
  }

  private func channelsFirst(_ tensor: Tensor) -> GraphValue {
    let s = tensor.shape
    let rows = GraphValue(
      shape: [s.batch, s.height, s.width, s.channels], values: tensor.values.map(Double.init))
    let strides = rows.strides
    return rows.gathered([s.batch, s.channels, s.height, s.width]) { place in
      place[0] * strides[0] + place[2] * strides[1] + place[3] * strides[2] + place[1]
    }
  }

  private func expectEqual(
    _ found: GraphValue?, _ expected: GraphValue, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(found, "\(what)", sourceLocation: sourceLocation)
    #expect(found.shape == expected.shape, "\(what)", sourceLocation: sourceLocation)
    let scale = max(1, expected.values.map(abs).max() ?? 0)
    let apart = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
    #expect(apart <= Self.limit * scale, "\(what)", sourceLocation: sourceLocation)
    let spread = (expected.values.max() ?? 0) - (expected.values.min() ?? 0)
    #expect(spread > 1e-3, "\(what): all values alike", sourceLocation: sourceLocation)
  }

  private static let convolution = "[convolutional]\nfilters=8\nsize=3\nstride=1\npad=1\n"

  @Test(arguments: Activation.allCases.filter { $0 != .linear })
  func activationsAreThoseOfTheEngine(_ activation: Activation) throws {
    let network = try network(
      net(6, 5, 3, Self.convolution + "activation=\(activation.rawValue)\n"))
    let both = try run(network)
    try expectEqual(
      both.outputs["output"], channelsFirst(both.plan.output(of: 0)), activation.rawValue)
  }

  /// Bodies behind a convolution of 8 channels on an input of 12 x 8 with 3 channels.
  private static let bodies: [String] = [
    "[convolutional]\nbatch_normalize=1\nfilters=6\nsize=3\nstride=2\npad=1\nactivation=leaky",
    "[convolutional]\nfilters=8\nsize=3\nstride=1\npadding=2\ndilation=2\ngroups=4\n",
    "[maxpool]\nsize=2\nstride=1", "[maxpool]\nsize=3\nstride=2",
    "[maxpool]\nmaxpool_depth=1\nout_channels=4\nsize=1\nstride=1",
    "[local_avgpool]\nsize=3\nstride=2", "[avgpool]", "[upsample]\nstride=2\nscale=.5",
    "[route]\nlayers=-1\ngroups=2\ngroup_id=1", "[upsample]\nstride=1\n[route]\nlayers=-1,0",
    "[reorg]\nstride=2", "[dropout]\nprobability=.5", "[batchnorm]\n[activation]\nactivation=relu",
    "[convolutional]\nfilters=8\nsize=3\nstride=1\npad=1\n[shortcut]\nfrom=-2\nactivation=relu",
    // Fewer pixels and more channels, and the other way round.
    "[convolutional]\nfilters=12\nsize=3\nstride=2\npad=1\n[shortcut]\nfrom=0\nactivation=linear",
    """
    [convolutional]
    filters=12
    size=3
    stride=2
    pad=1
    [route]
    layers=0
    [shortcut]
    from=1
    activation=leaky
    """,
    """
    [avgpool]
    [convolutional]
    filters=8
    size=1
    stride=1
    activation=logistic
    [scale_channels]
    from=0
    """,
    "[convolutional]\nfilters=8\nsize=1\nstride=1\nactivation=logistic\n[sam]\nfrom=0",
    "[connected]\noutput=5\nactivation=leaky", "[connected]\noutput=5\nbatch_normalize=1",
    "[avgpool]\n[softmax]\ngroups=2",
  ]

  @Test(arguments: bodies) func layersAreThoseOfTheEngine(_ body: String) throws {
    let network = try network(net(12, 8, 3, Self.convolution + "activation=leaky\n" + body + "\n"))
    let both = try run(network)
    let last = network.nodes.count - 1
    try expectEqual(both.outputs["output"], channelsFirst(both.plan.output(of: last)), body)
  }

  @Test func oldNetworksAreCroppedAndClassify() throws {
    let network = try network(
      net(
        8, 8, 3,
        "[crop]\ncrop_width=6\ncrop_height=6\nflip=0\n" + Self.convolution
          + "[avgpool]\n[softmax]\n"))
    let both = try run(network)
    let classifier = try #require(network.classifier)
    for (name, node) in [
      ("probabilities", classifier.probabilities), ("logits", classifier.logits),
    ] {
      let expected = channelsFirst(both.plan.output(of: node))
      try expectEqual(
        both.outputs[name], GraphValue(shape: [2, 8], values: expected.values), name)
    }
  }

  @Test func inputsAreNormalizedInsideTheGraph() throws {
    let network = try network(
      net(6, 6, 3, Self.convolution, more: "mean=.4,.5,.6\nstd=.2,.3,.25"))
    let both = try run(network)
    try expectEqual(both.outputs["output"], channelsFirst(both.plan.output(of: 0)), "normalised")
  }

  @Test func mapsAreProbabilitiesOrHeights() throws {
    for loss in ["mse", "bce"] {
      let network = try network(
        net(8, 8, 3, Self.convolution + "[heatmap]\nkeypoints=8\nloss=\(loss)\n"))
      let both = try run(network)
      let logits = channelsFirst(both.plan.output(of: 1))
      try expectEqual(
        both.outputs["heatmaps"], loss == "mse" ? logits : logits.mapped { 1 / (1 + exp(-$0)) },
        loss)
    }
  }

  private static let heads = [
    "[yolo]\nmask=0,1\nanchors=3,4, 9,6, 20,20\nclasses=2\nnum=3\nscale_x_y=1.2\n",
    "[yolo]\nmask=2,0\nanchors=3,4, 9,6, 20,20\nclasses=2\nnum=3\nnew_coords=1\n",
    "[region]\nanchors=1,1.5, 2,3\nclasses=2\ncoords=4\nnum=2\nsoftmax=1\n",
  ]

  @Test(arguments: heads) func headsGiveTheBoxesOfTheDecoder(_ head: String) throws {
    let network = try network(
      net(
        32, 24, 3,
        "[convolutional]\nfilters=8\nsize=3\nstride=8\npad=1\n"
          + "[convolutional]\nfilters=14\nsize=1\nstride=1\n" + head))
    // Another size than the cfg's.
    let both = try run(network) { $0.size = (48, 32) }
    let output = try #require(network.heads.first)
    let decoder = BoxDecoder(head: output.head, inputWidth: 48, inputHeight: 32)
    let boxes = try #require(both.outputs["boxes"])
    let scores = try #require(both.outputs["scores"])
    #expect(boxes.shape == [2, 48, 4] && scores.shape == [2, 48, 2])
    for image in 0..<2 {
      let detections = try decoder.decode(
        both.plan.output(of: output.layer), image: image, confidenceThreshold: 0)
      #expect(detections.count == 96)
      for (place, detection) in detections.enumerated() {
        let anchor = image * 48 + place / 2
        let box = detection.box
        let expected = [box.left * 48, box.top * 32, box.right * 48, box.bottom * 32]
        for (side, value) in expected.enumerated() {
          #expect(abs(boxes.values[anchor * 4 + side] - Double(value)) < 1e-3)
        }
        #expect(
          abs(scores.values[anchor * 2 + detection.classIndex] - Double(detection.confidence))
            < 1e-5)
        let objectness = both.outputs["objectness"]?.values[anchor] ?? 0
        #expect(abs(objectness - Double(detection.objectness)) < 1e-5)
      }
    }
    let raw = try run(network) { $0.hasRawHeads = true }
    try expectEqual(
      raw.outputs["logits_0"], channelsFirst(raw.plan.output(of: output.layer)), "raw heads")
    #expect(raw.outputs.count == 1)
  }

  @Test func branchesSayHowSureEachAnchorIs() throws {
    let text = try String(
      contentsOf: packageRoot.appending(path: "Models/small-voc.cfg"), encoding: .utf8)
    var plan = BranchPlan()
    plan.loss = .uncertainty
    plan.mode = .accompany
    let file = try ConfigurationFile(text: text, fileName: "net.cfg").adding(plan)
    let network = try network(file.text)
    let both = try run(network, { $0.size = (64, 32) }, keepsMoments: true)
    let heads = network.heads
    var (means, variances, bits): ([Double], [Double], [Double]) = ([], [], [])
    for head in heads {
      let branch = try #require(head.objectness.branch)
      let moments = try #require(both.plan.moments(of: branch.layer))
      // The first image; channels are the anchors already.
      let count = moments.mean.count / 2
      means += moments.mean.values[..<count].map(Double.init)
      variances += moments.variance.values[..<count].map(Double.init)
    }
    for (mean, variance) in zip(means, variances) {
      bits.append(try BALD().uncertainty(LogitMoments(mean: mean, variance: variance)))
    }
    for (name, expected) in [("mean", means), ("variance", variances), ("bald", bits)] {
      let found = try #require(both.outputs[name])
      #expect(found.shape == [2, expected.count, 1])
      let half = GraphValue(
        shape: [expected.count], values: Array(found.values[..<expected.count]))
      try expectEqual(half, GraphValue(shape: [expected.count], values: expected), name)
    }
    let plain = try run(network) {
      $0.size = (64, 32)
      $0.leavesOutUncertainty = true
    }
    #expect(Set(plain.outputs.keys) == ["boxes", "scores", "objectness"])
  }

  @Test func branchesForThePlaceSayHowWellBoxesLie() throws {
    let text = try String(
      contentsOf: packageRoot.appending(path: "Models/small-voc.cfg"), encoding: .utf8)
    let file = try ConfigurationFile(text: text, fileName: "net.cfg").adding(PlacePlan.iou)
    let network = try network(file.text)
    let both = try run(network, { $0.size = (64, 32) }, keepsMoments: true)
    // The first image; channels are the anchors already.
    let expected = try network.heads.flatMap { head in
      let logits = both.plan.output(of: try #require(head.expectedIoU).layer)
      return logits.values[..<(logits.count / 2)].map { 1 / (1 + exp(-Double($0))) }
    }
    let found = try #require(both.outputs["expected_iou"])
    #expect(found.shape == [2, expected.count, 1])
    try expectEqual(
      GraphValue(shape: [expected.count], values: Array(found.values[..<expected.count])),
      GraphValue(shape: [expected.count], values: expected), "expected IoU")
    let plain = try run(network) { $0.leavesOutUncertainty = true }
    #expect(plain.outputs["expected_iou"] == nil)
  }

  @Test func fileSaysWhatItIs() throws {
    let network = try network(net(8, 6, 3, Self.convolution))
    let open = try run(network).model
    #expect(open.opsetImport.map(\.version) == [17] && open.producerName == "detector")
    #expect(open.metadataProps.map(\.key) == ["task"])
    #expect(open.graph.input[0].type.tensorType.shape.dim.map(\.dimValue) == [0, 3, 6, 8])
    #expect(open.graph.input[0].type.tensorType.shape.dim[0].dimParam == "N")
    let closed = try run(network) { $0.hasOpenBatch = false }.model
    #expect(closed.graph.output[0].type.tensorType.shape.dim.map(\.dimValue) == [1, 8, 6, 8])
  }

  @Test func chainsOfBayesianLayersAreNamedWithTheRemedy() throws {
    let text = try String(
      contentsOf: packageRoot.appending(path: "Models/small-voc.cfg"), encoding: .utf8)
    var plan = BranchPlan()
    plan.loss = .uncertainty
    plan.mode = .accompany
    plan.hiddenFilters = [8]
    let network = try network(
      ConfigurationFile(text: text, fileName: "net.cfg").adding(plan).text)
    let error = #expect(throws: ExchangeError.self) { try ONNXModel(network) }
    #expect(error?.description.contains("--without-uncertainty") == true)
    var options = ONNXModel.Options()
    options.leavesOutUncertainty = true
    #expect(try ONNXModel(network, options: options).outputs.count == 3)
  }
}
