import Compute
import Darknet
import Foundation
import Layers
import Networks
import TestSupport
import Testing

/// The structures of Darknet's classifiers: sizes as published, and every one of them learns.
@Suite struct ClassifierZooTests {
  /// Layers and floats of the files that Darknet's authors publish for these networks.
  @Test func publishedSizes() throws {
    let networks: [(zoo: ClassifierZoo, layers: Int, floats: Int)] = [
      (.residual(blocks: [3, 4, 6, 3], width: 64, expansion: 4), 69, 22_825_896),
      (.residual(blocks: [3, 4, 6, 3], width: 128, expansion: 2, groups: 32), 69, 22_312_872),
      (.dense(blocks: [6, 12, 48, 32], joints: [128, 256, 512], growth: 32), 305, 17_206_440),
    ]
    for (zoo, layers, floats) in networks {
      let file = try parse(zoo.text)
      #expect(file.ignoredKeys.isEmpty && file.warnings.isEmpty)
      let summary = try NetworkSummary(NetworkBuilder.build(file))
      #expect(summary.layers.count == layers && zoo.layers == layers)
      #expect(summary.parameters == floats)
      #expect(summary.text.contains("Total:"))
    }
  }

  /// VGG-16 of an eighth of the width: 13 convolutions and 3 connected layers, weights and biases.
  @Test func connectedLayers() throws {
    let zoo = ClassifierZoo.vgg(width: 8, hidden: 512, size: 256, crop: 224, classes: 1000)
    let network = try build(zoo.text)
    #expect(network.nodes.count == 25 && network.notes.count == 1)
    #expect(network.nodes[0].outputShape == Shape(height: 224, width: 224, channels: 3))
    let channels = [3, 8, 8, 16, 16, 32, 32, 32, 64, 64, 64, 64, 64, 64]
    let convolutions = zip(channels, channels.dropFirst()).reduce(0) { $0 + (9 * $1.0 + 1) * $1.1 }
    let connected = (7 * 7 * 64 + 1) * 512 + (512 + 1) * 512 + (512 + 1) * 1000
    #expect(network.parameterCount == convolutions + connected)
  }

  /// Small ones of every kind, with the layers that only they have.
  private static let small: [(name: String, zoo: ClassifierZoo)] = [
    (
      "resnext",
      .residual(
        blocks: [1, 2], width: 8, expansion: 2, groups: 4, stem: 8, size: 32, classes: 4)
    ),
    ("densenet", .dense(blocks: [2, 2], joints: [8], growth: 4, stem: 8, size: 32, classes: 4)),
    (
      "preactivated densenet",
      .dense(
        blocks: [2, 2], joints: [8], growth: 4, stem: 8, size: 32, classes: 4, isPreactivated: true)
    ),
    ("vgg", .vgg(width: 4, hidden: 16, size: 40, crop: 32, classes: 4)),
    (
      "efficientnet",
      .efficient(
        [(8, 3, 1, 1), (12, 5, 2, 2)], stem: 8, size: 32, classes: 4)
    ),
  ]

  @Test(arguments: 0..<small.count)
  func gradientsReachEveryWeight(_ index: Int) throws {
    let (name, zoo) = Self.small[index]
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 2))
    let network = try Network(parse(zoo.text), backend: backend)
    network.initializeWeights(RandomStream(seed: 2))
    let classifier = try #require(network.outputs.classifier)
    let plan = try network.makePlan(input: network.inputShape(batch: 4), mode: .training)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 5))
    let weights = randomValues(plan.output(of: classifier.logits).count, seed: 7)
    plan.forward(random: RandomStream(seed: 9))
    try #require(plan.gradient(of: classifier.logits)).update(from: weights)
    plan.backward()
    for named in network.parameters {
      guard let gradient = named.parameter.gradient?.values else { continue }
      #expect(
        gradient.allSatisfy(\.isFinite) && gradient.contains { $0 != 0 }, "\(name) \(named.name)")
    }
    let inference = try network.makePlan(input: network.inputShape(batch: 4), mode: .inference)
    inference.input.update(from: plan.input.values)
    inference.forward()
    let probabilities = inference.output(of: classifier.probabilities).values
    for image in 0..<4 {
      #expect(abs(probabilities[4 * image..<4 * image + 4].reduce(0, +) - 1) < 1e-5)
    }
  }

  /// Darknet's own cfgs, where their folder is named: `DARKNET_CFG=darknet/cfg`.
  private static let folder = ProcessInfo.processInfo.environment["DARKNET_CFG"]
  private static let published: [(name: String, layers: Int, floats: Int)] = [
    ("darknet", 16, 7_323_480), ("darknet19", 26, 20_856_776), ("darknet19_448", 26, 20_856_776),
    ("darknet53", 78, 41_645_640), ("darknet53_448", 78, 41_645_640), ("tiny", 22, 1_046_488),
    ("extraction", 27, 23_455_400), ("alexnet", 14, 62_378_344), ("vgg-16", 25, 138_357_544),
    ("resnet18", 29, 11_523_496), ("resnet34", 53, 21_639_080), ("resnet50", 69, 22_825_896),
    ("resnet101", 137, 41_870_248), ("resnet152", 205, 57_559_976),
    ("resnext50", 69, 22_312_872), ("resnext101-32x4d", 137, 41_639_208),
    ("resnext152-32x4d", 205, 56_730_920), ("densenet201", 305, 17_206_440),
    ("efficientnet_b0", 136, 4_890_040),
  ]

  @Test(.enabled(if: folder != nil, "DARKNET_CFG names no folder of Darknet's cfgs"))
  func darknetsOwn() throws {
    let folder = URL(filePath: try #require(Self.folder))
    var found = 0
    for (name, layers, floats) in Self.published {
      let url = folder.appending(path: name + ".cfg")
      guard FileManager.default.fileExists(atPath: url.path) else { continue }
      found += 1
      let summary = try NetworkSummary(NetworkBuilder.build(ConfigurationFile(contentsOf: url)))
      #expect(summary.layers.count == layers && summary.parameters == floats, "\(name)")
    }
    #expect(found > 0, "\(folder.path) holds none of Darknet's classifiers")
  }
}
