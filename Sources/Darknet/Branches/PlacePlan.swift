import Detection
import Networks

/// What a plain cfg gets so that detections say how well their boxes are placed.
package enum PlacePlan: String, CaseIterable, Sendable, Codable {
  /// Nothing.
  case none
  /// A branch beside each head that learns the expected IoU and leaves the detector alone.
  case iou
  /// The same branch, trained together with the layers that it shares with the head.
  case iouJoint
  /// A branch beside each head that learns the variance of its boxes and leaves the detector alone.
  case gaussian
  /// The same branch, trained together with the layers that it shares with the head, and with the boxes.
  case gaussianJoint
  /// No branch: the target of a positive's objectness is its box's IoU.
  case iouObjectness

  /// What a new run of a detector gets if nothing is said.
  package static let standard = PlacePlan.none
}

extension ConfigurationFile {
  /// Whether there are `[yolo]` heads, none of which says how well its boxes are placed, and each could be
  /// given a branch for it.
  package var canLearnPlace: Bool {
    let heads = sections.indices.filter { sections[$0].name == "yolo" }
    return !heads.isEmpty
      && heads.allSatisfy { index in
        SectionSchema.placeKeys.allSatisfy { sections[index][$0] == nil }
          && index > 2 && sections[index - 1].name == "convolutional"
      }
  }

  /// The cfg with its `[yolo]` heads trained to know how well boxes are placed.
  ///
  /// A branch reads what the head's convolution reads, and is put before it:
  ///
  ///     [convolutional] filters=ANCHORS   [route] layers=-2   [convolutional]   [yolo] expected_iou=-3
  ///
  /// with four filters an anchor and `box_variance=-3` for the variance of boxes.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` if there is no `[yolo]` head, a head has such
  ///   a branch already, or it does not follow a layer that could share its input.
  package func adding(_ plan: PlacePlan) throws -> ConfigurationFile {
    guard plan != .none else { return self }
    var edit = LayerEdit(self)
    let heads = sections.indices.filter { sections[$0].name == "yolo" }
    guard !heads.isEmpty else {
      throw DarknetError.configuration(
        file: fileName, line: 0,
        reason: "has no [yolo] head, whose boxes could be said to be well placed")
    }
    for index in heads {
      let section = sections[index]
      guard plan != .iouObjectness else {
        edit.set("objectness_target", to: ObjectnessTarget.iou.rawValue, in: index)
        continue
      }
      let isGaussian = plan == .gaussian || plan == .gaussianJoint
      let key = isGaussian ? "box_variance" : "expected_iou"
      if let entry = section[key] {
        throw section.error("[yolo] has a branch of \(key)= already", line: entry.line)
      }
      guard index > 2, sections[index - 1].name == "convolutional" else {
        throw section.error(
          "[yolo] gets a branch beside its convolution, but does not follow one that reads a layer")
      }
      let count = try HeadReader(section).head().anchorCount * (isGaussian ? 4 : 1)
      edit.insert(
        """
        [convolutional]
        filters=\(count)
        size=1
        stride=1
        activation=linear

        [route]
        layers=-2


        """, layers: 2, before: index - 1)
      edit.set(key, to: "-3", in: index)
      if plan == .iouJoint || plan == .gaussianJoint {
        edit.set(key + "_branch", to: ExpectedIoUBranch.Mode.accompany.rawValue, in: index)
      }
    }
    return try edit.apply()
  }
}
