import Compute
import Darknet
import Foundation
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
    ("small-voc", 401_222), ("quick-voc", 1_518_726), ("quick-tinyimagenet", 1_311_032),
    ("resnet20-cifar", 271_098), ("resnet50-cifar", 23_573_962), ("resnet110-cifar", 1_736_058),
    ("resnet56-cifar", 857_082),
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

  @Test func theSmallOneIsSmall() throws {
    let small = try network("small-voc")
    #expect(small.parameterCount < 500_000)
    #expect(small.heads.count == 2)
  }
}
