import Geometry
package import Images

/// Small pictures with captions in rows.
package struct ContactSheet: Sendable {
  /// Pictures in a row, at least 1.
  package var columns: Int
  /// The largest width of a small picture in pixels.
  package var cellWidth: Int
  /// The largest height of a small picture in pixels.
  package var cellHeight: Int
  /// Height of a caption in pixels.
  package var textSize = 18.0

  private static let gap = 8

  /// A sheet; all numbers are positive.
  package init(columns: Int = 5, cellWidth: Int = 224, cellHeight: Int = 168) {
    precondition(columns > 0 && cellWidth > 0 && cellHeight > 0, "a sheet without cells")
    self.columns = columns
    self.cellWidth = cellWidth
    self.cellHeight = cellHeight
  }

  /// A picture reduced to fit a cell, its aspect kept; one that fits stays as it is.
  package func thumbnail(of image: Image) -> Image {
    let scale = min(
      1, Double(cellWidth) / Double(image.width), Double(cellHeight) / Double(image.height))
    return image.resized(
      width: max(Int((Double(image.width) * scale).rounded()), 1),
      height: max(Int((Double(image.height) * scale).rounded()), 1))
  }

  /// The sheet, row by row; captions that are too long are cut off.
  ///
  /// - Parameter entries: Pictures of any size and a line below each.
  /// - Returns: A white sheet, at least one row high.
  package func image(_ entries: [(picture: Image, caption: String)]) -> Image {
    let font = StrokeFont(size: textSize)
    let width = cellWidth + Self.gap
    let height = cellHeight + Int(textSize.rounded(.up)) + 2 * Self.gap
    let rows = max((entries.count + columns - 1) / columns, 1)
    var canvas = Canvas(
      width: min(columns, max(entries.count, 1)) * width + Self.gap,
      height: rows * height + Self.gap)
    let fitting = max(Int(Double(cellWidth) / font.cellWidth), 1)
    for (index, entry) in entries.enumerated() {
      let left = Self.gap + index % columns * width
      let top = Self.gap + index / columns * height
      let small = thumbnail(of: entry.picture)
      canvas.draw(
        small, x: left + (cellWidth - small.width) / 2, y: top + (cellHeight - small.height) / 2)
      canvas.text(
        String(entry.caption.prefix(fitting)),
        at: Point(Double(left) + Double(cellWidth) / 2, Double(top + cellHeight + 2)), font: font,
        anchor: .center)
    }
    return canvas.image
  }
}
