import Compute
import Detection
import Geometry
import Layers
import Losses
import Networks
import Testing

@testable import Darknet

/// The keys that AlexeyAB's Darknet added to `[yolo]`.
@Suite struct HeadTermsTests {
  private func output(_ keys: String, activation: String = "linear") throws -> DetectionOutput {
    let definition = try build(
      """
      [net]
      width=2
      height=2
      [conv]
      filters=8
      activation=\(activation)
      [yolo]
      anchors=1,2
      classes=3
      \(keys)
      """)
    return try #require(definition.heads.first)
  }

  private func yolo(_ keys: String, activation: String = "linear") throws -> YOLOHead {
    guard case .yolo(let head) = try output(keys, activation: activation).head else {
      Issue.record("no [yolo] head")
      return YOLOHead(anchors: [], mask: [], classCount: 0)
    }
    return head
  }

  @Test func boxesAreYOLOv3sUnlessTheCfgSaysOtherwise() throws {
    #expect(try output("").terms == YOLOTerms())
    #expect(try output("iou_normalizer=.5").terms.boxWeight == 0.5)
    let squared = try output("iou_loss=mse").terms
    #expect(squared.overlap == nil && squared.boxWeight == 0.75 && squared.sumsTruths)
    for measure in OverlapMeasure.allCases {
      let terms = try output("iou_loss=\(measure.rawValue)").terms
      #expect(terms.overlap == measure && terms.boxWeight == 0.75 && terms.sumsTruths)
    }
    #expect(try output("iou_loss=ciou\niou_normalizer=.07").terms.boxWeight == 0.07)
    let several = try output("iou_thresh=.213").terms
    #expect(several.overlap == nil && several.boxWeight == 1 && several.sumsTruths)
  }

  @Test func values() throws {
    let terms = try output(
      """
      cls_normalizer=.5
      delta_normalizer=2
      max_delta=5
      label_smooth_eps=.1
      counters_per_class=100,10,400
      """
    ).terms
    #expect(terms.classWeight == 0.5 && terms.gain == 2 && terms.largestBoxDerivative == 5)
    #expect(terms.labelSmoothing == 0.1 && terms.classFactors == [4, 5, 1])
    #expect(try output("focal_loss=1").terms.isFocal)
    let head = try yolo("iou_thresh=.2\niou_thresh_kind=giou\nobjectness_smooth=1")
    #expect(head.shapeThreshold == 0.2 && head.shapeMeasure == .giou && head.smoothsObjectness)
  }

  @Test(arguments: [
    ("", SuppressionMeasure.overlap), ("nms_kind=greedynms\nbeta_nms=.6", .overlap),
    ("nms_kind=cornersnms", .overlap), ("nms_kind=default", .overlap),
    ("nms_kind=diounms", .distance(exponent: 0.6)),
    ("nms_kind=diounms\nbeta_nms=1", .distance(exponent: 1)),
  ])
  func suppression(_ keys: String, _ expected: SuppressionMeasure) throws {
    #expect(try yolo(keys).suppression == expected)
  }

  @Test(arguments: [
    (
      "iou_loss=eiou",
      "x.cfg:10: iou_loss=eiou in [yolo]: unknown; use one of mse, iou, giou, "
        + "diou, ciou"
    ),
    ("iou_normalizer=-1", "x.cfg:10: iou_normalizer=-1 in [yolo]: must be in 0.0...1000000.0"),
    ("iou_thresh=1.5", "x.cfg:10: iou_thresh=1.5 in [yolo]: must be in 0.0...1.0"),
    ("max_delta=0", "x.cfg:10: max_delta=0 in [yolo]: must be in 1e-06...1e+09"),
    (
      "iou_thresh_kind=mse",
      "x.cfg:10: iou_thresh_kind=mse in [yolo]: unknown; use one of iou, "
        + "giou, diou, ciou"
    ),
    (
      "nms_kind=softnms",
      "x.cfg:10: nms_kind=softnms in [yolo]: unknown; use one of default, "
        + "greedynms, diounms, cornersnms"
    ),
    ("label_smooth_eps=2", "x.cfg:10: label_smooth_eps=2 in [yolo]: must be in 0.0...1.0"),
    (
      "focal_loss=1\nlabel_smooth_eps=.1",
      "x.cfg:11: focal_loss=1 in [yolo] has targets of 0 and 1 "
        + "alone; remove it or label_smooth_eps="
    ),
    (
      "counters_per_class=1,2",
      "x.cfg:10: counters_per_class= has 2 numbers, classes=3 needs as "
        + "many; correct or remove it"
    ),
    ("new_coords=2", "x.cfg:10: new_coords=2 in [yolo]: must be in 0...1"),
    (
      "new_coords=1",
      "x.cfg:10: new_coords=1 in [yolo] needs a [convolutional] with "
        + "activation=logistic before it"
    ),
  ])
  func refused(_ keys: String, _ expected: String) {
    #expect(message { try output(keys) } == expected)
  }

  @Test func theHeadTakesOverTheLogisticFunction() throws {
    let text = """
      [net]
      width=2
      height=2
      [conv]
      filters=8
      activation=logistic
      [conv]
      filters=8
      activation=logistic
      [yolo]
      anchors=1,2
      classes=3
      new_coords=1
      """
    let nodes = try build(text).nodes
    #expect(nodes.compactMap { ($0.layer as? Convolution)?.activation } == [.logistic, .linear])
    #expect(try yolo("new_coords=1", activation: "logistic").sizeCode == .squared)
    // Darknet's default, which a convolution before a plain head must not lose.
    let plain = text.with("activation=logistic\n[yolo]", "\n[yolo]").with("new_coords=1", "")
    #expect((try build(plain).nodes[1].layer as? Convolution)?.activation == .logistic)
    #expect(
      message { try build(text + "\n[route]\nlayers=-2\n[conv]\nfilters=2") }
        == "x.cfg:14: [route] reads layer 1, whose activation=logistic is that of the [yolo] with "
        + "new_coords=1 at line 10; let it read another layer")
  }

  /// A branch is put before the convolution, and the head still finds its logistic function there.
  @Test func branchesGoBesideIt() throws {
    let file = try parse(
      tinyNetwork.with("filters=14\nactivation=linear", "filters=14\nactivation=logistic")
        + "\nnew_coords=1\nscale_x_y=2")
    for mode in UncertaintyBranch.Mode.allCases {
      var plan = BranchPlan()
      plan.loss = .uncertainty
      plan.mode = mode
      let branched = try file.adding(plan)
      let definition = try NetworkBuilder.build(branched)
      #expect(definition.heads.first?.objectness.branch?.mode == mode)
      let convolutions = definition.nodes.compactMap { $0.layer as? Convolution }
      #expect(convolutions.last?.activation == .linear)
      // In series the layer stays, as a plain convolution.
      if mode != .series { #expect(try branched.removingBranches() == file) }
    }
  }
}
