/// A place in a picture or a plot; pictures have x to the right and y down, in pixels from the edge.
package struct Point: Hashable, Sendable {
  /// To the right.
  package var x: Double
  /// Down in pictures, up in plots.
  package var y: Double

  /// A place.
  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  /// Euclidean.
  package func distance(to other: Point) -> Double {
    let (dx, dy) = (other.x - x, other.y - y)
    return (dx * dx + dy * dy).squareRoot()
  }

  /// Whether neither is NaN or infinite.
  package var isFinite: Bool { x.isFinite && y.isFinite }
}
