/// A rectangle of whole pixels.
package struct PixelRectangle: Hashable, Sendable, Codable {
  /// First column.
  package var x: Int
  /// First row.
  package var y: Int
  /// Columns.
  package var width: Int
  /// Rows.
  package var height: Int

  /// A rectangle of whole pixels.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  private enum CodingKeys: String, CodingKey {
    case x = "left"
    case y = "top"
    case width
    case height
  }
}
