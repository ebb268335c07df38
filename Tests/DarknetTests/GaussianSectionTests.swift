import Darknet
import Detection
import Testing

/// What a `[Gaussian_yolo]` section may say.
@Suite struct GaussianSectionTests {
  private func text(_ keys: String, filters: Int = 12) -> String {
    """
    [net]
    width=4
    height=4
    channels=3
    [convolutional]
    filters=\(filters)
    activation=linear
    [Gaussian_yolo]
    anchors=1,2
    classes=3
    """ + keys
  }

  private func head(_ keys: String) throws -> DetectionHead? {
    try build(text(keys)).heads.first?.head
  }

  @Test func defaultsAreDarknets() throws {
    var expected = GaussianHead(
      boxes: YOLOHead(anchors: [AnchorBox(width: 1, height: 2)], mask: [0], classCount: 3))
    #expect(try head("") == .gaussian(expected))
    expected.point = .rightBottom
    expected.boxes.scaleXY = 1.2
    expected.boxes.suppression = .distance(exponent: 0.7)
    let keys = "\nyolo_point=right_bottom\nscale_x_y=1.2\nnms_kind=diounms\nbeta_nms=.7"
    #expect(try head(keys) == .gaussian(expected))
  }

  @Test func keysOfDarknetsTrainingAreKnownAndOthersAreNot() throws {
    let keys = """

      uc_normalizer=.5
      iou_normalizer=.25
      iou_loss=giou
      obj_normalizer=.4
      cls_normalizer=1
      delta_normalizer=1
      max_delta=2
      iou_thresh=.2
      iou_thresh_kind=giou
      label_smooth_eps=.1
      counters_per_class=1,2,3
      objectness_smooth=1
      jitter=.3
      resize=1.5
      random=1
      ignore_thresh=.7
      truth_thresh=1
      max=90
      """
    #expect(try head(keys)?.classCount == 3)
    // What changes results of [yolo] and is nothing to this head is not passed over.
    for key in ["new_coords=1", "expected_iou=-2", "uncertainty=-2", "sigma_const=.3"] {
      #expect(message { try head("\n" + key) }.contains("x.cfg:11: "), "\(key)")
    }
    #expect(message { try head("\nuc_normalizer=-1") }.contains("uc_normalizer=-1"))
    #expect(message { try head("\nyolo_point=middle") }.contains("left_top"))
    #expect(message { try head("\niou_loss=l1") }.contains("iou_loss=l1"))
  }

  @Test func channelsAreNineAndTheClasses() throws {
    #expect(
      message { try build(text("", filters: 8)) }
        == "x.cfg:8: [Gaussian_yolo] needs 12 channels, 1 anchors x (3 classes + 9), and the layer before "
        + "it gives 8; set filters=12 in [convolutional] at line 5")
    let other = try NetworkBuilder.build(try build(text("")).file.settingClassCount(5))
    #expect(other.heads.first?.head.channelCount == 14)
  }

  @Test func itIsNotTrained() throws {
    let refusal = message { try build(text("")).file.checkTrainable() }
    #expect(refusal.hasPrefix("x.cfg:8: [Gaussian_yolo] is read to detect and is not trained: "))
    #expect(refusal.contains("--place gaussian") && refusal.contains("filters=8"))
    try build(tinyNetwork).file.checkTrainable()
  }
}
