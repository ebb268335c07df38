import Drawing
package import Geometry
package import Images
package import Keypoints

/// Draws what was found on pictures: skeletons of persons, or circles at the centres of objects.
package struct KeypointPainter {
  /// What the keypoints are.
  package let layout: KeypointLayout
  /// Whether persons are drawn.
  package let areJoints: Bool

  package init(layout: KeypointLayout, areJoints: Bool) {
    self.layout = layout
    self.areJoints = areJoints
  }

  /// The picture with all that was found in it, at its own size.
  package func drawing(
    _ found: [[FoundKeypoint]], truths: [KeypointTruth] = [], on image: Image
  ) -> Image {
    areJoints
      ? SkeletonPicture(layout: layout).drawing(found, truths: truths, on: image)
      : CenterPicture(layout: layout).drawing(
        found.flatMap(\.self), truth: truths.first, on: image)
  }

  /// A person in his surroundings, or a whole picture, with a longer side of so many pixels.
  package func view(
    of image: Image, _ found: [FoundKeypoint], truth: KeypointTruth? = nil, region: Box? = nil,
    side: Int = 240
  ) -> Image {
    let region = region ?? truth?.region
    guard areJoints || region != nil else {
      return small(drawing([found], truths: truth.map { [$0] } ?? [], on: image), side: side)
    }
    let shown =
      region ?? Box(left: 0, top: 0, right: Float(image.width), bottom: Float(image.height))
    let longer = max(shown.width, shown.height, 1)
    let sheet = SkeletonSheet(
      SkeletonPicture(layout: layout),
      sheet: ContactSheet(
        columns: 4, cellWidth: max(1, Int(Float(side) * shown.width / longer)),
        cellHeight: max(1, Int(Float(side) * shown.height / longer))))
    return sheet.picture(
      of: .init(image: image, found: found, truth: truth, region: shown, caption: ""))
  }

  private func small(_ image: Image, side: Int) -> Image {
    let scale = Double(side) / Double(max(image.width, image.height))
    return image.resized(
      width: max(1, Int(Double(image.width) * scale)),
      height: max(1, Int(Double(image.height) * scale)))
  }

  /// What is annotated as though it had been found.
  package func found(_ truth: KeypointTruth) -> [FoundKeypoint] {
    truth.points.map {
      FoundKeypoint(index: $0.index, position: $0.position, score: $0.isOccluded ? 0.3 : 1)
    }
  }
}
