/// How far the edges of a box may be off, as standard deviations in the unit of the box.
package struct EdgeDeviations: Hashable, Sendable, Codable {
  /// Of the left edge.
  package var left: Float
  /// Of the top edge.
  package var top: Float
  /// Of the right edge.
  package var right: Float
  /// Of the bottom edge.
  package var bottom: Float
  /// Whether a log variance that they come from is at its bound.
  package var isBounded = false

  /// Deviations of the four edges.
  package init(left: Float, top: Float, right: Float, bottom: Float, isBounded: Bool = false) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
    self.isBounded = isBounded
  }

  /// Left, top, right, bottom.
  package var all: [Float] { [left, top, right, bottom] }

  /// Whether all are finite and none is below 0.
  package var isValid: Bool { all.allSatisfy { $0 >= 0 && $0.isFinite } }

  /// Those of a box that is stretched by the factors.
  package func scaled(x: Float, y: Float) -> EdgeDeviations {
    EdgeDeviations(
      left: left * x, top: top * y, right: right * x, bottom: bottom * y, isBounded: isBounded)
  }
}

/// What a model says of the place of a box.
package struct PlaceKnowledge: Hashable, Sendable {
  /// The IoU with the object that is to be expected, 0...1.
  package var expectedIoU: Float?
  /// How far the edges may be off.
  package var edges: EdgeDeviations?

  /// Nothing, unless something is given.
  package init(expectedIoU: Float? = nil, edges: EdgeDeviations? = nil) {
    self.expectedIoU = expectedIoU
    self.edges = edges
  }
}
