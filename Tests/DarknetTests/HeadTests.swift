import Darknet
import Detection
import Testing

@Suite struct HeadTests {
  private func head(_ section: String, channels: Int) throws -> DetectionHead? {
    try build("[net]\nwidth=2\nheight=2\n[conv]\nfilters=\(channels)\n\(section)").heads.first?.head
  }

  @Test func yoloDefaultsAreDarknets() throws {
    let expected = YOLOHead(
      anchors: [AnchorBox(width: 1, height: 2)], mask: [0], classCount: 20, ignoreThreshold: 0.5,
      truthThreshold: 1, scaleXY: 1)
    #expect(try head("[yolo]\nanchors=1,2", channels: 25) == .yolo(expected))
  }

  @Test func yoloValues() throws {
    let expected = YOLOHead(
      anchors: [AnchorBox(width: 1, height: 2), AnchorBox(width: 3, height: 4.5)], mask: [1],
      classCount: 3, ignoreThreshold: 0.7, truthThreshold: 0.9, scaleXY: 1.05)
    let section = """
      [yolo]
      mask=1
      anchors=1,2,3,4.5,
      num=2
      classes=3
      ignore_thresh=.7
      truth_thresh=.9
      scale_x_y=1.05
      """
    #expect(try head(section, channels: 8) == .yolo(expected))
  }

  @Test func regionValues() throws {
    let expected = RegionHead(
      anchors: [AnchorBox(width: 1.5, height: 2)], classCount: 3, softmax: true, biasMatch: true,
      rescore: true, objectScale: 5, noObjectScale: 2, classScale: 3, coordScale: 4,
      threshold: 0.6, absolute: true)
    let section = """
      [region]
      anchors=1.5,2
      classes=3
      softmax=1
      bias_match=1
      rescore=1
      object_scale=5
      noobject_scale=2
      class_scale=3
      coord_scale=4
      thresh=.6
      absolute=1
      """
    #expect(try head(section, channels: 8) == .region(expected))
    #expect(
      try head("[region]\nanchors=1,2", channels: 25)
        == .region(RegionHead(anchors: [AnchorBox(width: 1, height: 2)], classCount: 20)))
    #expect(
      message { try head("[region]\nanchors=1,2\ncoords=5", channels: 26) }
        == "x.cfg:8: coords=5 in [region]: must be in 4...4")
    #expect(
      message { try head("[region]\nanchors=1,2", channels: 30) }
        == "x.cfg:6: [region] needs 25 channels, 1 anchors x (20 classes + coords + 1), and the "
        + "layer before it gives 30; set filters=25 in [convolutional] at line 4")
  }
}
