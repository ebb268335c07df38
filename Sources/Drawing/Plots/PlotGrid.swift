import Geometry
package import Images

/// Several plots in rows and columns.
package struct PlotGrid: Sendable {
  /// The plots, row by row.
  package var plots: [LinePlot]
  /// Plots in a row, at least 1.
  package var columns: Int
  /// Above all of them; nothing if empty.
  package var title: String

  /// Plots in rows of `columns`.
  package init(_ plots: [LinePlot], columns: Int, title: String = "") {
    precondition(columns > 0, "a grid needs at least one column")
    self.plots = plots
    self.columns = columns
    self.title = title
  }

  /// The number of rows.
  package var rows: Int { (plots.count + columns - 1) / columns }

  /// The grid as a picture; each plot gets the given size in pixels.
  package func image(cellWidth: Int = 900, cellHeight: Int = 400) -> Image {
    let header = title.isEmpty ? 0 : 32
    var canvas = Canvas(
      width: max(cellWidth * columns, 1), height: max(cellHeight * rows + header, 1))
    draw(on: &canvas, x: 0, y: 0, cellWidth: cellWidth, cellHeight: cellHeight)
    return canvas.image
  }

  /// Draws title and plots from the given corner on.
  func draw(on canvas: inout some PlotSurface, x: Int, y: Int, cellWidth: Int, cellHeight: Int) {
    let header = title.isEmpty ? 0 : 32
    canvas.text(
      title, at: Point(Double(x) + Double(cellWidth * columns) / 2, Double(y) + 6),
      font: StrokeFont(size: 22, weight: .bold), .black, anchor: .center, isVertical: false)
    for (index, plot) in plots.enumerated() {
      let left = Float(x + index % columns * cellWidth)
      let top = Float(y + header + index / columns * cellHeight)
      plot.draw(
        on: &canvas,
        in: Box(
          left: left, top: top, right: left + Float(cellWidth), bottom: top + Float(cellHeight)))
    }
  }
}
