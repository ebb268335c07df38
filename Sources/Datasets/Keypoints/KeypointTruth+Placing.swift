package import Geometry
package import Keypoints

/// The keypoints of a person or a picture.
extension KeypointTruth: Placeable, ShownTarget {
  /// The keypoints that the input shows, positions and extents as fractions of it.
  ///
  /// Those outside 0..<1 are dropped. In a mirrored input a keypoint is its partner: a left wrist looks
  /// like a right one. Region and sizes stay what they are of the picture.
  package func placed(by variation: ImageVariation) -> KeypointTruth {
    var result = self
    result.points = points.compactMap { point in
      let position = variation.toInput(point.position)
      guard (0..<1).contains(position.x), (0..<1).contains(position.y) else { return nil }
      var placed = point
      placed.position = position
      if variation.isMirrored { placed.index = layout.partners[point.index] }
      placed.extent = point.extent.map { extent in
        // Of what is turned the extent is that of the upright box around it.
        let right = variation.toInput(Point(point.position.x + extent.x, point.position.y))
        let below = variation.toInput(Point(point.position.x, point.position.y + extent.y))
        return Point(
          abs(right.x - position.x) + abs(below.x - position.x),
          abs(right.y - position.y) + abs(below.y - position.y))
      }
      return placed
    }
    return result
  }

  /// The keypoints of all parts, of each part what is shown of it; meant for centres of objects, of which
  /// there may be many.
  package static func joined(
    _ parts: [(target: KeypointTruth, pane: Pane)]
  ) -> KeypointTruth {
    guard var result = parts.first?.target else { preconditionFailure("an input of no parts") }
    result.points = parts.flatMap { target, pane in
      target.points.compactMap { point in
        guard let position = pane.shown(point.position) else { return nil }
        var moved = point
        moved.position = position
        return moved
      }
    }
    return result
  }

  /// None: keypoints are found, not boxes.
  package var boxes: [Box] { [] }
  /// A rectangle of another picture would hide keypoints.
  package static var isDivisible: Bool { false }
}

extension Pane {
  /// Where a place of its own input is shown, both as fractions of their inputs; nil if it is not.
  fileprivate func shown(_ point: Point) -> Point? {
    let (width, height) = (Double(inputWidth), Double(inputHeight))
    let x = point.x * width - Double(sourceX)
    let y = point.y * height - Double(sourceY)
    guard x >= 0, y >= 0, x < Double(rectangle.width), y < Double(rectangle.height) else {
      return nil
    }
    return Point((x + Double(rectangle.x)) / width, (y + Double(rectangle.y)) / height)
  }
}
