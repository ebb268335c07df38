import Compute
import Darknet
import Foundation
import Keypoints
import Layers
import Networks
import TestSupport
import Testing

@Suite struct ModelsTests {
  private func network(_ name: String) throws -> NetworkDefinition {
    let url = packageRoot.appending(path: "Models/\(name).cfg")
    let file = try ConfigurationFile(contentsOf: url)
    #expect(file.ignoredKeys.isEmpty && file.warnings.isEmpty)
    return try NetworkBuilder.build(file)
  }

  @Test(arguments: [
    ("yolov3", 62_001_757), ("yolov3-voc", 61_678_657), ("yolov3-tiny", 8_858_734),
    ("yolov3-tiny-voc", 8_720_134), ("yolov4-tiny", 6_062_814), ("darknet53", 41_645_640),
    ("small-voc", 401_222), ("small-tinyimagenet", 336_312), ("quick-voc", 1_518_726),
    ("quick-tinyimagenet", 1_311_032),
    ("resnet20-cifar", 271_098), ("resnet50-cifar", 23_573_962), ("resnet110-cifar", 1_736_058),
    ("resnet56-cifar", 857_082), ("hourglass-1", 3_438_672), ("hourglass-2", 6_593_632),
    ("hourglass-8", 25_523_392), ("small-hourglass", 346_574), ("small-simple", 2_187_518),
    ("small-centers", 124_353),
  ])
  func floats(_ name: String, _ floats: Int) throws {
    #expect(try network(name).parameterCount == floats)
  }

  /// Layer by layer: what is read, shapes, activations, head.
  @Test(
    .needsShared("datasets/darknet-samples"),
    arguments: ["yolov3", "yolov3-voc", "yolov3-tiny", "darknet53"])
  func layersAgreeWithPublishedFiles(_ name: String) throws {
    let url = try sharedData("datasets/darknet-samples/cfg/\(name).cfg")
    let ours = try network(name)
    let theirs = try NetworkBuilder.build(
      ConfigurationFile(contentsOf: url).settingInputSize(
        width: ours.net.width, height: ours.net.height))
    #expect(ours.nodes.count == theirs.nodes.count)
    for (index, (a, b)) in zip(ours.nodes, theirs.nodes).enumerated() {
      #expect(a.layer.kind == b.layer.kind, "layer \(index)")
      #expect(a.inputs == b.inputs && a.outputShape == b.outputShape, "layer \(index)")
      #expect(a.storedParameterCount == b.storedParameterCount, "layer \(index)")
    }
    let keys = ["batch_normalize", "activation", "size", "stride", "pad"]
    for (a, b) in zip(ours.file.sections.dropFirst(), theirs.file.sections.dropFirst()) {
      for key in keys { #expect(a[key]?.value == b[key]?.value, "[\(a.name)] line \(a.line)") }
    }
  }

  /// What PyTorch counts as parameters: rolling statistics are none.
  @Test(arguments: [
    ("resnet20-cifar", 20, 269_722), ("resnet50-cifar", 50, 23_520_842),
    ("resnet110-cifar", 110, 1_727_962), ("resnet56-cifar", 56, 853_018),
  ])
  func residualNetworks(_ name: String, _ depth: Int, _ learned: Int) throws {
    let nodes = try network(name).nodes
    let parameters = nodes.flatMap(\.layer.parameters).filter { $0.gradient != nil }
    #expect(parameters.reduce(0) { $0 + $1.values.count } == learned)
    // The projections of shortcuts, each after a route, do not count towards the depth.
    let convolutions = nodes.count { $0.layer is Convolution }
    #expect(convolutions - nodes.count { $0.layer is Route } == depth)
    // A block gives the shape of its convolutions, whatever the shortcut's is.
    for (index, node) in nodes.enumerated() where node.layer is Shortcut {
      #expect(node.inputs[0] == index - 1 && node.outputShape == node.inputShapes[0])
    }
    #expect(nodes.map(\.outputShape.width).filter { $0 > 1 }.min() == 32 / (depth == 50 ? 8 : 4))
    #expect(nodes.last?.layer is Softmax && nodes.last?.outputShape.count == 10)
  }

  /// Counted by hand from the papers: convolutions with biases, a normalisation before each of a block.
  @Test(arguments: [
    ("hourglass-1", 1, 16, 64, 3_422_032), ("hourglass-2", 2, 16, 64, 6_562_144),
    ("hourglass-8", 8, 16, 64, 25_402_816), ("small-hourglass", 1, 14, 32, 341_454),
    ("small-simple", 1, 14, 32, 2_184_222),
  ])
  func keypointNetworks(
    _ name: String, _ stacks: Int, _ joints: Int, _ side: Int, _ learned: Int
  ) throws {
    let network = try network(name)
    let parameters = network.nodes.flatMap(\.layer.parameters).filter { $0.gradient != nil }
    #expect(parameters.reduce(0) { $0 + $1.values.count } == learned)
    let maps = network.outputs.heatmaps
    #expect(maps.count == stacks && maps.last?.layer == network.nodes.count - 1)
    for output in maps {
      let shape = network.nodes[output.layer].outputShape
      #expect(shape.width == side && shape.height == side && shape.channels == joints)
      #expect(output.isNamed && output.layout.count == joints)
      // A joint and its partner are called alike but for the side.
      for (name, partner) in zip(output.layout.names, output.layout.partners) {
        let other = output.layout.names[partner]
        let swapped = [("left", "right"), ("right", "left")].first { name.hasPrefix($0.0) }
        #expect(swapped.map { name.replacing($0.0, with: $0.1) } ?? name == other)
      }
    }
    #expect(network.net.turn != nil && network.net.flips)
  }

  private static let hasPython = {
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return paths.contains { FileManager.default.isExecutableFile(atPath: $0 + "/python3") }
  }()

  /// The files are what the script beside them writes.
  @Test(.enabled(if: hasPython, "python3 is absent"))
  func scriptOfKeypointNetworks() throws {
    try withTemporaryFolder { folder in
      let script = packageRoot.appending(path: "Models/pose.py")
      let copy = folder.appending(path: "pose.py")
      try FileManager.default.copyItem(at: script, to: copy)
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", copy.path]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
      let models = packageRoot.appending(path: "Models")
      func configurations(_ folder: URL) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
          .filter { $0.hasSuffix(".cfg") }
        return try Dictionary(
          uniqueKeysWithValues: names.map {
            ($0, try Data(contentsOf: folder.appending(path: $0)))
          }
        ).filter { String(decoding: $0.value, as: UTF8.self).contains("# Written by pose.py.\n") }
      }
      let (written, kept) = (try configurations(folder), try configurations(models))
      #expect(written.keys.sorted() == kept.keys.sorted() && written.count >= 6)
      for (name, text) in written { #expect(kept[name] == text, "\(name)") }
    }
  }

  /// What lies beside a cfg to start from fits its first layers, and those of the classifier it comes from.
  @Test(arguments: [
    ("small-voc", "small-tinyimagenet", 8), ("quick-voc", "quick-tinyimagenet", 22),
  ])
  func backbonesFitTheirDetectors(_ detector: String, _ classifier: String, _ count: Int) throws {
    let url = packageRoot.appending(path: "Models/\(detector).conv.\(count)")
    for name in [detector, classifier] {
      let network = try Network(
        ConfigurationFile(contentsOf: packageRoot.appending(path: "Models/\(name).cfg")),
        backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      let report = try WeightsFile.read(
        url, into: network.nodes, outputs: network.outputs, allowPartial: true)
      // The classifier's next layer, its average, has no weights to miss.
      #expect(report.layerCount == count + (name == classifier ? 1 : 0))
    }
  }

  @Test func theSmallOneIsSmall() throws {
    let small = try network("small-voc")
    #expect(small.parameterCount < 500_000)
    #expect(small.heads.count == 2)
  }
}
