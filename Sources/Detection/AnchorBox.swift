/// A prior width and height that a prediction scales by e^t.
///
/// The unit is the head's: pixels of the network input in a ``YOLOHead``, grid cells in a
/// ``RegionHead``.
package struct AnchorBox: Hashable, Sendable, Codable {
  /// Width, positive.
  package var width: Float
  /// Height, positive.
  package var height: Float

  /// An anchor box of the given size.
  package init(width: Float, height: Float) {
    self.width = width
    self.height = height
  }

  /// Width times height.
  package var area: Float { width * height }

  /// The size in another unit, both sides rounded to tenths of it but not to 0.
  ///
  /// - Parameter unit: What is 1 in the new unit, for example the pixels of a grid cell.
  /// - Returns: The size for a cfg.
  package func roundedToTenths(unit: Float = 1) -> AnchorBox {
    func rounded(_ side: Float) -> Float { max(1, (side / unit * 10).rounded()) / 10 }
    return AnchorBox(width: rounded(width), height: rounded(height))
  }

  /// Intersection over union of two rectangles of these sizes with a common centre, in 0...1.
  package func intersectionOverUnion(with other: AnchorBox) -> Float {
    let intersection = min(width, other.width) * min(height, other.height)
    let union = area + other.area - intersection
    return union > 0 ? intersection / union : 0
  }
}
