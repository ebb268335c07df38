/// A prior width and height that a prediction scales by e^t.
///
/// The unit is the head's: pixels of the network input in a ``YOLOHead``, grid cells in a
/// ``RegionHead``.
public struct AnchorBox: Hashable, Sendable, Codable {
  /// Width, positive.
  public var width: Float
  /// Height, positive.
  public var height: Float

  /// An anchor box of the given size.
  public init(width: Float, height: Float) {
    self.width = width
    self.height = height
  }

  /// Width times height.
  public var area: Float { width * height }

  /// Intersection over union of two rectangles of these sizes with a common centre, in 0...1.
  public func intersectionOverUnion(with other: AnchorBox) -> Float {
    let intersection = min(width, other.width) * min(height, other.height)
    let union = area + other.area - intersection
    return union > 0 ? intersection / union : 0
  }
}
