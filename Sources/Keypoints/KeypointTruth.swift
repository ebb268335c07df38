package import Geometry

/// One annotated keypoint.
package struct LabelledKeypoint: Hashable, Sendable {
  /// Which of the layout's keypoints, 0 ..< K.
  package var index: Int
  /// Where it is: in pixels of the picture, 0-based continuous edges, unless stated otherwise.
  package var position: Point
  /// Whether something hides it: its place is known, but cannot be seen.
  package var isOccluded: Bool
  /// Width and height of the object that it is the centre of, in the units of ``position``; nil: unknown.
  package var extent: Point?

  /// An annotated keypoint.
  package init(index: Int, position: Point, isOccluded: Bool = false, extent: Point? = nil) {
    self.index = index
    self.position = position
    self.isOccluded = isOccluded
    self.extent = extent
  }
}

/// The annotated keypoints of one person, or of all objects of a picture.
///
/// Of a person each of the layout's keypoints is there at most once; one that is not there is unlabelled,
/// which says nothing about where it is. Centres of objects come as often as there are objects, and one
/// that is not there does not exist.
package struct KeypointTruth: Hashable, Sendable {
  /// What the keypoints are.
  package var layout: KeypointLayout
  /// Those that are labelled, in any order.
  package var points: [LabelledKeypoint]
  /// What of the picture is looked at, the surroundings of a person, in pixels of the picture; may reach
  /// out of it; nil: all of it.
  package var region: Box?
  /// Sizes that distances are measured by; pixels of the picture.
  package var sizes: ReferenceSizes

  /// Annotated keypoints.
  package init(
    layout: KeypointLayout, points: [LabelledKeypoint], region: Box? = nil,
    sizes: ReferenceSizes = ReferenceSizes()
  ) {
    self.layout = layout
    self.points = points
    self.region = region
    self.sizes = sizes
  }

  /// The keypoint of a person; nil: unlabelled.
  package subscript(index: Int) -> LabelledKeypoint? { points.first { $0.index == index } }
}

/// Sizes of an annotated person that distances are measured by, as far as the annotation says them.
package struct ReferenceSizes: Hashable, Sendable {
  /// MPII's head size, .6 of the diagonal of the head's box, pixels.
  package var head: Double?
  /// The object's own area, square pixels.
  package var area: Double?
  /// The object's box, pixels.
  package var box: Box?
  /// Whether it is left out of the judgement, such as a crowd: neither right nor wrong.
  package var isIgnored: Bool

  /// Sizes; nil where the annotation says nothing.
  package init(
    head: Double? = nil, area: Double? = nil, box: Box? = nil, isIgnored: Bool = false
  ) {
    self.head = head
    self.area = area
    self.box = box
    self.isIgnored = isIgnored
  }
}
