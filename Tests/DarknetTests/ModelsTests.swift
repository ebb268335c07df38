import Darknet
import Foundation
import Layers
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
    ("yolov3-tiny-voc", 8_720_134), ("darknet53", 41_645_640), ("small-voc", 401_222),
  ])
  func floats(_ name: String, _ floats: Int) throws {
    #expect(try network(name).parameterCount == floats)
  }

  /// Layer by layer: what is read, shapes, activations, head.
  @Test(arguments: ["yolov3", "yolov3-voc", "yolov3-tiny", "darknet53"])
  func layersAgreeWithPublishedFiles(_ name: String) throws {
    guard let url = sharedData("datasets/darknet-samples/cfg/\(name).cfg") else { return }
    let ours = try network(name)
    let theirs = try NetworkBuilder.build(
      ConfigurationFile(contentsOf: url).settingInputSize(
        width: ours.net.width, height: ours.net.height))
    #expect(ours.nodes.count == theirs.nodes.count)
    for (index, (a, b)) in zip(ours.nodes, theirs.nodes).enumerated() {
      #expect(a.layer.kind == b.layer.kind, "layer \(index)")
      #expect(a.inputs == b.inputs && a.outputShape == b.outputShape, "layer \(index)")
      #expect(a.head == b.head && a.parameterCount == b.parameterCount, "layer \(index)")
    }
    let keys = ["batch_normalize", "activation", "size", "stride", "pad"]
    for (a, b) in zip(ours.file.sections.dropFirst(), theirs.file.sections.dropFirst()) {
      for key in keys { #expect(a[key]?.value == b[key]?.value, "[\(a.name)] line \(a.line)") }
    }
  }

  @Test func theSmallOneIsSmall() throws {
    let small = try network("small-voc")
    #expect(small.parameterCount < 500_000)
    #expect(small.nodes.count { $0.head != nil } == 2)
  }
}
