package import Geometry
package import Keypoints

/// The keypoints of a person, or of all objects of a picture.
extension KeypointTruth: Placeable, ShownTarget {
  /// The keypoints that are shown, in the same order, positions and extents as fractions of the input;
  /// in a mirrored input each is its partner.
  package func placed(by variation: ImageVariation) -> KeypointTruth {
    var result = self
    result.points = points.compactMap { point in
      let place = variation.toInput(point.position)
      guard place.isShown else { return nil }
      var shown = point
      shown.position = place
      if variation.isMirrored { shown.index = layout.partners[point.index] }
      shown.extent = point.extent.map { variation.extent($0, at: point.position) }
      return shown
    }
    return result
  }

  /// The keypoints of all parts that are shown.
  package static func joined(_ parts: [(target: KeypointTruth, pane: Pane)]) -> KeypointTruth {
    var result = parts[0].target
    result.points = parts.flatMap { target, pane in
      target.points.compactMap { point in pane.shown(point) }
    }
    return result
  }

  /// None.
  package var boxes: [Box] { [] }
  /// A rectangle of another picture would hide keypoints.
  package static var isDivisible: Bool { false }
}

extension Point {
  /// Whether a fraction of an input is inside of it.
  var isShown: Bool { (0..<1).contains(x) && (0..<1).contains(y) }
}

extension ImageVariation {
  /// Width and height of an object, in pixels of the picture, as fractions of the input; of a picture that
  /// is turned as long as they are there.
  fileprivate func extent(_ extent: Point, at middle: Point) -> Point {
    func length(_ dx: Double, _ dy: Double) -> Double {
      let (from, to) = (
        toInput(Point(middle.x - dx, middle.y - dy)), toInput(Point(middle.x + dx, middle.y + dy))
      )
      return Point((to.x - from.x) * Double(inputWidth), (to.y - from.y) * Double(inputHeight))
        .distance(to: Point(0, 0))
    }
    return Point(
      length(extent.x / 2, 0) / Double(inputWidth), length(0, extent.y / 2) / Double(inputHeight))
  }
}

extension Pane {
  /// A keypoint of the part's own input where it is shown; nil where it is not.
  fileprivate func shown(_ point: LabelledKeypoint) -> LabelledKeypoint? {
    let x = point.position.x * Double(inputWidth) - Double(sourceX)
    let y = point.position.y * Double(inputHeight) - Double(sourceY)
    guard (0..<Double(rectangle.width)).contains(x), (0..<Double(rectangle.height)).contains(y)
    else { return nil }
    var result = point
    result.position = Point(
      (x + Double(rectangle.x)) / Double(inputWidth),
      (y + Double(rectangle.y)) / Double(inputHeight))
    return result
  }
}
