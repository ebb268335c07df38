import Compute
import Foundation
import Layers
import Networks
import TestSupport
import Testing

@testable import Darknet

/// Keys that any layer may have: what is trained, and what weights files have.
@Suite struct TrainingKeysTests {
  private func trainings(_ layer: Int, _ keys: String) throws -> [LayerTraining] {
    try build(Self.text(layer, keys)).nodes.map(\.training)
  }

  /// The tiny network with keys in one of its layers.
  private static func text(_ layer: Int, _ keys: String) -> String {
    tinyNetwork.with(
      ["size=3", "batch_normalize=1", "filters=14", "num=2"][layer],
      ["size=3", "batch_normalize=1", "filters=14", "num=2"][layer] + "\n" + keys)
  }

  @Test func plainLayersLearn() throws {
    let network = try build(tinyNetwork)
    #expect(network.nodes.allSatisfy { $0.training == LayerTraining() && !$0.isDetached })
    #expect(network.notes.isEmpty)
  }

  @Test func stopbackwardClosesWhatLiesBefore() throws {
    let forGood = try trainings(1, "stopbackward=1")
    #expect(forGood.map(\.closedIterations) == [.max, .max, 0, 0])
    #expect(forGood.map(\.isFrozen) == [true, true, false, false])
    let atFirst = try trainings(2, "stopbackward=800")
    #expect(atFirst.map(\.closedIterations) == [800, 800, 800, 0])
    #expect(!atFirst.contains { $0.isFrozen })
    #expect(atFirst[0].rateFactor(at: 799) == nil && atFirst[0].rateFactor(at: 800) == 1)
    #expect(forGood[0].rateFactor(at: LayerTraining.longRun) == nil)
    let statistics = try trainings(1, "train_only_bn=1")
    #expect(statistics.map(\.closedIterations) == [.max, .max, 0, 0])
    #expect(!statistics.contains { $0.isFrozen })
  }

  @Test func notesSayWhichLayers() throws {
    func notes(_ text: String) throws -> [String] { try build(text).notes }
    #expect(
      try notes(Self.text(1, "stopbackward=1"))
        == ["x.cfg: layers 0 to 1 are not trained (stopbackward=1)"])
    #expect(
      try notes(Self.text(0, "stopbackward=1").with("filters=14", "filters=14\nstopbackward=9"))
        == [
          "x.cfg: layer 0 is not trained (stopbackward=1)",
          "x.cfg: layers 1 to 2 are not trained in the first 9 iterations",
        ])
    #expect(
      try notes(Self.text(1, "train_only_bn=1"))
        == ["x.cfg: of layers 0 to 1 only rolling statistics are trained (train_only_bn=1)"])
  }

  @Test func ratesAndHolds() throws {
    let rate = try trainings(1, "learning_rate=0.25")
    #expect(rate.map(\.rateFactor) == [1, 0.25, 1, 1])
    let held = try trainings(0, "dont_update=3")[0]
    #expect(held.rateFactor(at: 2) == nil && held.rateFactor(at: 3) == 1)
    let burnIn = try build(
      Self.text(0, "burnin_update=2").with("height=32", "height=32\nburn_in=10"))
    #expect(burnIn.nodes[0].training.heldIterations == 20)
    let forward = try build(Self.text(1, "onlyforward=1")).nodes
    #expect(forward.map(\.isDetached) == [false, true, false, false])
    #expect(forward[1].training.rateFactor(at: LayerTraining.longRun) == nil)
  }

  @Test(arguments: [
    ("stopbackward=-1", "x.cfg:8: stopbackward=-1 in [convolutional]: must be in 0...1000000000"),
    (
      "learning_rate=-1", "x.cfg:8: learning_rate=-1 in [convolutional]: must be in 0.0...1000000.0"
    ),
    ("train_only_bn=2", "x.cfg:8: train_only_bn=2 in [convolutional]: must be in 0...1"),
    (
      "dontsave=1",
      "x.cfg:8: dontsave=1 in [convolutional] is not supported (the weights file would have another "
        + "layout); only dontsave=0 is"
    ),
  ])
  func refused(_ keys: String, _ expected: String) {
    let text = tinyNetwork.with("filters=4", "filters=4\n" + keys)
    #expect(message { try build(text) } == expected)
  }

  // MARK: - Weights files

  @Test func filesWithoutALayer() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.weights")
      let whole = try build(tinyNetwork).nodes
      try fill(whole)
      let network = try build(Self.text(1, "dontload=1"))
      // The file of a network without layer 1.
      try WeightsFile.write([whole[0], whole[2]], to: url)
      let report = try WeightsFile.read(url, into: network.nodes, allowPartial: true)
      #expect(report.skippedLayers == [1] && report.isComplete)
      #expect(values(network.nodes[0]) == values(whole[0]))
      #expect(values(network.nodes[1]) != values(whole[1]))
      #expect(values(network.nodes[2]) == values(whole[2]))
      #expect(
        message { try WeightsFile.read(url, into: network.nodes) }
          == "\(url.relativePath): has nothing for layer 1 ([convolutional], line 13 of the cfg), which "
          + "says dontload=1: it must be trained first")
      // What is written has all, and needs a cfg without the key.
      try WeightsFile.write(network.nodes, to: url)
      #expect(
        message { try WeightsFile.read(url, into: network.nodes, allowPartial: true) }
          .hasSuffix("or has the layers that dontload= or dontloadscales= leaves out"))
      let file = try network.file.loadingAllLayers()
      #expect(try file == parse(tinyNetwork))
      #expect(try WeightsFile.read(url, into: NetworkBuilder.build(file).nodes).isComplete)
    }
  }

  @Test func filesWithoutScales() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.weights")
      let plain = try build(tinyNetwork.with("batch_normalize=1\n", "")).nodes
      try fill(plain)
      try WeightsFile.write(plain, to: url)
      let nodes = try build(Self.text(1, "dontloadscales=1")).nodes
      #expect(try WeightsFile.read(url, into: nodes).isComplete)
      let loaded = nodes[1].layer.parameters
      #expect(loaded.map(\.name).first == "biases" && loaded.map(\.name).last == "weights")
      #expect(loaded.first?.values.values == plain[1].layer.parameters[0].values.values)
      #expect(loaded.last?.values.values == plain[1].layer.parameters[1].values.values)
      #expect(loaded[1].values.values == [Float](repeating: 1, count: 6))
    }
  }

  private func fill(_ nodes: [LayerNode]) throws {
    for (index, node) in nodes.enumerated() {
      for parameter in node.layer.parameters {
        parameter.values.update(
          from: randomValues(parameter.values.count, in: 0.1...1, seed: UInt64(index)))
      }
    }
  }

  private func values(_ node: LayerNode) -> [[Float]] {
    node.layer.parameters.map(\.values.values)
  }
}
