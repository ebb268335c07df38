import Compute
import Detection
import Foundation
import Layers
import Losses
import Networks
import TestSupport
import Testing

@testable import Darknet

/// Branches for the variance of boxes: read from cfgs, put into them, and taken out.
@Suite struct BoxVarianceTests {
  private func gaussian(_ plan: PlacePlan = .gaussian) throws -> ConfigurationFile {
    try parse(tinyNetwork).adding(plan)
  }

  @Test func isAddedBesideTheHeadAndRemovedAgain() throws {
    let plain = try build(tinyNetwork)
    for plan in [PlacePlan.gaussian, .gaussianJoint] {
      let network = try NetworkBuilder.build(gaussian(plan))
      let branch = try #require(network.heads.first?.boxVariance)
      #expect(branch.mode == (plan == .gaussian ? .accompanyDetached : .accompany))
      #expect(branch.weight == 1 && branch.score == .likelihood)
      let node = network.nodes[branch.layer]
      // Two anchors.
      #expect(node.outputShape.channels == 8 && node.isOptional)
      #expect(node.isDetached == (plan == .gaussian))
      #expect(network.parameterCount == plain.parameterCount)
    }
    let removed = try NetworkBuilder.build(gaussian().removingBranches())
    #expect(removed.nodes.count == plain.nodes.count && removed.heads[0].boxVariance == nil)
  }

  @Test func anotherShapeIsRefusedWithItsLine() throws {
    let text = try gaussian().text
    func refusal(_ old: String, _ new: String) -> String {
      message { try build(text.with(old, new)) }
    }
    let place = "box_variance=-3 in [yolo] names layer 2, [convolutional] at line "
    #expect(
      refusal("filters=8\n", "filters=7\n").hasSuffix(
        "which gives 16x16x7; the head needs 4 values for each of its anchors, 16x16x8"))
    #expect(refusal("filters=8\n", "filters=7\n").contains(place))
    #expect(
      refusal("filters=8\nsize=1\nstride=1", "filters=8\nsize=1\nstride=2").hasSuffix(
        "which gives 8x8x8; the head needs 4 values for each of its anchors, 16x16x8"))
    #expect(
      refusal(
        "filters=8\nsize=1\nstride=1\nactivation=linear",
        "filters=8\nsize=1\nstride=1\nactivation=leaky"
      ).hasSuffix("it must be a [convolutional] with activation=linear"))
    #expect(refusal("box_variance=-3", "box_variance=-3,-4").hasSuffix("names one layer"))
    #expect(refusal("box_variance=-3", "box_variance=9").contains("names layer 9; before it there"))
    #expect(
      refusal("box_variance=-3", "box_variance_loss=energy").hasSuffix(
        "box_variance_loss= in [yolo] needs box_variance="))
    #expect(
      refusal("box_variance=-3", "box_variance=-3\nbox_variance_loss=crps").contains("energy"))
    #expect(
      message { try gaussian().adding(.gaussian) }.hasSuffix(
        "[yolo] has a branch of box_variance= already"))
  }
}
