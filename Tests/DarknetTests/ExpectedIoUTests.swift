import Compute
import Detection
import Foundation
import Layers
import TestSupport
import Testing

@testable import Darknet
@testable import Networks

/// Branches for the expected IoU: read from cfgs, put into them, and taken out.
@Suite struct ExpectedIoUTests {
  private static func model(_ name: String) throws -> ConfigurationFile {
    try ConfigurationFile(contentsOf: packageRoot.appending(path: "Models/\(name).cfg"))
  }

  private static var bayesian: BranchPlan {
    var plan = BranchPlan()
    plan.branch = .convBayes
    return plan
  }

  @Test(arguments: ["small-voc", "quick-voc", "yolov3-tiny"], [false, true])
  func isAddedBesideEachHeadAndRemovedAgain(name: String, isBayesian: Bool) throws {
    let file = try Self.model(name)
    let plain = try NetworkBuilder.build(file)
    let start = isBayesian ? try file.adding(Self.bayesian) : file
    for plan in [PlacePlan.iou, .iouJoint] {
      let network = try NetworkBuilder.build(start.adding(plan))
      #expect(network.heads.count == plain.heads.count)
      #expect(network.parameterCount == plain.parameterCount)
      for head in network.heads {
        let branch = try #require(head.expectedIoU)
        #expect(branch.mode == (plan == .iou ? .accompanyDetached : .accompany))
        #expect(branch.weight == 1 && branch.floor == 0.03)
        let node = network.nodes[branch.layer]
        #expect(node.isOptional && node.isDetached == (plan == .iou))
        #expect(node.outputShape.channels == head.head.anchorCount)
        // It reads what the head's convolution reads.
        let roots = PlanStructure(
          network.nodes, outputs: network.outputs, mode: .training, keepsMoments: false
        ).roots
        let convolution = network.nodes[network.nodes[head.layer].inputs[0]]
        #expect(roots[node.inputs[0]] == roots[convolution.inputs[0]])
        #expect((head.objectness.branch != nil) == isBayesian)
      }
      #expect(try start.adding(plan).removingBranches() == file)
    }
    // In either order.
    if isBayesian {
      let other = try NetworkBuilder.build(file.adding(.iou).adding(Self.bayesian))
      #expect(other.heads.allSatisfy { $0.expectedIoU != nil && $0.objectness.branch != nil })
      #expect(try file.adding(.iou).adding(Self.bayesian).removingBranches() == file)
    }
  }

  @Test func objectnessGetsItsTargetAndLosesItAgain() throws {
    let file = try Self.model("small-voc")
    let network = try NetworkBuilder.build(file.adding(.iouObjectness))
    for case .yolo(let head) in network.heads.map(\.head) {
      let expects = head.expectsOverlap
      #expect(expects)
    }
    #expect(network.heads.allSatisfy { $0.expectedIoU == nil })
    #expect(try file.adding(.iouObjectness).removingBranches() == file)
    #expect(try file.adding(.none) == file)
  }

  @Test func keysAreRead() throws {
    let text = try parse(tinyNetwork).adding(.iou).text
    let network = try build(
      text.with(
        "expected_iou=-3",
        "expected_iou=-3\nexpected_iou_weight=.5\nexpected_iou_floor=.2\nexpected_iou_branch=accompany"
      ))
    let branch = try #require(network.heads.last?.expectedIoU)
    #expect(branch.weight == 0.5 && branch.floor == 0.2 && branch.mode == .accompany)
  }

  @Test func whatCannotBeIsSaidWithItsPlace() throws {
    let text = try parse(tinyNetwork).adding(.iou).text
    for (old, new, expected) in [
      ("expected_iou=-3", "expected_iou=-4", "layer 1"),
      ("expected_iou=-3", "expected_iou=-3,-2", "names one layer"),
      ("expected_iou=-3", "expected_iou_weight=2", "needs expected_iou="),
      ("expected_iou=-3", "expected_iou=-3\nexpected_iou_floor=2", "expected_iou_floor"),
      ("filters=2\nsize=1", "filters=3\nsize=1", "16x16x2"),
      (
        "filters=2\nsize=1\nstride=1\nactivation=linear",
        "filters=2\nsize=1\nstride=1\nactivation=leaky",
        "activation=linear"
      ),
      ("expected_iou=-3", "objectness_target=iou\nobjectness_smooth=1", "two targets"),
    ] {
      let error = message { try build(text.with(old, new)) }
      #expect(error.contains(expected), "\(new): \(error)")
      #expect(error.hasPrefix("x.cfg:"), "\(error)")
    }
    // Another layer that reads the branch would make it part of the detector.
    let shared = text.with(
      "[route]\nlayers=-2", "[route]\nlayers=-2\n\n[route]\nlayers=-2\n\n[route]\nlayers=-2"
    )
    .with("expected_iou=-3", "expected_iou=-5")
    let error = message {
      try build(
        shared.with(
          "[convolutional]\nfilters=14", "[route]\nlayers=2\n\n[convolutional]\nfilters=14"
        )
        .with("expected_iou=-5", "expected_iou=2"))
    }
    #expect(error.contains("which other layers read"), "\(error)")
    let twice = message { try parse(text).adding(.iou) }
    #expect(twice.contains("already"), "\(twice)")
    let none = message { try Self.model("resnet20-cifar").adding(.iou) }
    #expect(none.contains("no [yolo] head"), "\(none)")
  }
}
