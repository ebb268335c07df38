import Compute
import Darknet
import Detection
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct EditingTests {
  @Test func classCount() throws {
    let file = try parse(tinyNetwork.with("[yolo]", "# a head\n[yolo]"))
    let changed = try file.settingClassCount(7)
    #expect(changed.text.contains("# a head\n[yolo]"))
    let network = try NetworkBuilder.build(changed)
    #expect(network.heads.first?.head.classCount == 7)
    #expect(network.nodes[2].outputShape.channels == 2 * 12)
    #expect(try changed.settingClassCount(2) == file)
  }

  @Test func allHeadsOfAllModels() throws {
    for name in ["yolov3-voc", "yolov3-tiny", "small-voc"] {
      let url = packageRoot.appending(path: "Models/\(name).cfg")
      let file = try ConfigurationFile(contentsOf: url).settingClassCount(3)
      let filters = file.sections.indices.filter { file.sections[$0].name == "yolo" }
        .map { file.sections[$0 - 1]["filters"]?.value }
      #expect(!filters.isEmpty && filters.allSatisfy { $0 == "24" })
    }
  }

  @Test func keysThatWereAbsent() throws {
    let file = try parse(
      tinyNetwork.with("num=2\nclasses=2", "num=2").with("filters=14", "filters=50"))
    let changed = try file.settingClassCount(2).setting("batch", to: "8")
    #expect(changed.sections[0]["batch"]?.value == "8")
    #expect(try NetworkBuilder.build(changed).heads.first?.head.classCount == 2)
  }

  @Test func inputSize() throws {
    let changed = try parse(tinyNetwork).settingInputSize(width: 64, height: 96)
    let network = try NetworkBuilder.build(changed)
    #expect(network.net.width == 64 && network.net.height == 96)
  }

  @Test func refused() {
    #expect(
      message { try parse("[net]\n[conv]").settingClassCount(3) }
        == "x.cfg: has no [yolo] or [region] head")
    #expect(
      message { try parse("[net]\n[dropout]\n[yolo]").settingClassCount(3) }
        == "x.cfg:3: the classes of [yolo] cannot be changed: it does not follow [convolutional]")
    #expect(
      message { try parse(tinyNetwork).setting("widht", to: "3") }
        == "x.cfg:2: unknown key widht= in [net]; did you mean width=?")
  }
}
