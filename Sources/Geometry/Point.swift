/// A place in a picture or a plot; pictures have x to the right and y down, in pixels from the edge.
public struct Point: Hashable, Sendable {
  /// To the right.
  public var x: Double
  /// Down in pictures, up in plots.
  public var y: Double

  /// A place.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  var isFinite: Bool { x.isFinite && y.isFinite }
}
