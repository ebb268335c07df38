/// A rectangle in 0-based continuous edges: pixel (0, 0) covers 0..<1.
///
/// The unit is the caller's: pixels of an image, or fractions of it. The 1-based inclusive VOC rule
/// lives in ``init(vocXMin:yMin:xMax:yMax:)`` and ``vocCorners`` only.
package struct Box: Hashable, Sendable {
  /// Smallest x.
  package var left: Float
  /// Smallest y.
  package var top: Float
  /// Largest x.
  package var right: Float
  /// Largest y.
  package var bottom: Float

  /// A box from its edges.
  package init(left: Float, top: Float, right: Float, bottom: Float) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  /// A box from its centre and size.
  package init(centerX: Float, centerY: Float, width: Float, height: Float) {
    self.init(
      left: centerX - width / 2, top: centerY - height / 2,
      right: centerX + width / 2, bottom: centerY + height / 2)
  }

  /// A box from VOC's 1-based inclusive pixel corners: left = xmin − 1, right = xmax.
  package init(vocXMin: Float, yMin: Float, xMax: Float, yMax: Float) {
    self.init(left: vocXMin - 1, top: yMin - 1, right: xMax, bottom: yMax)
  }

  /// VOC's 1-based inclusive corners: xmin = left + 1, xmax = right.
  package var vocCorners: (xMin: Float, yMin: Float, xMax: Float, yMax: Float) {
    (left + 1, top + 1, right, bottom)
  }

  /// right − left.
  package var width: Float { right - left }
  /// bottom − top.
  package var height: Float { bottom - top }
  /// The middle between left and right.
  package var centerX: Float { (left + right) / 2 }
  /// The middle between top and bottom.
  package var centerY: Float { (top + bottom) / 2 }
  /// Width times height, 0 for an empty box.
  package var area: Float { max(0, width) * max(0, height) }

  /// Intersection over union, IoU, in 0...1; 0 if both are empty.
  package func intersectionOverUnion(with other: Box) -> Float {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0 else { return 0 }
    let intersection = width * height
    let union = area + other.area - intersection
    return union > 0 ? intersection / union : 0
  }

  /// Whether a point lies inside or on an edge.
  package func contains(_ point: Point) -> Bool {
    point.x >= Double(left) && point.x <= Double(right) && point.y >= Double(top)
      && point.y <= Double(bottom)
  }

  /// The part inside the rectangle 0...width by 0...height.
  package func clipped(width: Float, height: Float) -> Box {
    Box(
      left: min(max(left, 0), width), top: min(max(top, 0), height),
      right: min(max(right, 0), width), bottom: min(max(bottom, 0), height))
  }

  /// The box in a picture of this width that is mirrored left to right.
  package func mirrored(width: Float) -> Box {
    Box(left: width - right, top: top, right: width - left, bottom: bottom)
  }

  /// Edges multiplied by the factors, then moved.
  package func transformed(
    scaleX: Float, scaleY: Float, offsetX: Float = 0, offsetY: Float = 0
  ) -> Box {
    Box(
      left: left * scaleX + offsetX, top: top * scaleY + offsetY,
      right: right * scaleX + offsetX, bottom: bottom * scaleY + offsetY)
  }
}
