/// Width and height of a picture in pixels.
package struct PixelSize: Hashable, Sendable {
  /// Pixels in a row.
  package let width: Int
  /// Rows.
  package let height: Int

  /// A size; both numbers positive.
  package init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "an image without pixels")
    self.width = width
    self.height = height
  }
}
