import Geometry

/// The names of curves beside samples of their colours.
struct PlotLegend {
  let series: [LinePlot.Series]
  let font: StrokeFont

  /// The width of a column with these names.
  static func width(of names: [String], font: StrokeFont) -> Double {
    (names.map { font.width(of: $0) }.max() ?? 0) + font.size * 2.1
  }

  /// Draws the legend into the emptiest corner of the area, or to its right.
  ///
  /// Lines that do not fit the area's height are set closer and smaller.
  func draw(on canvas: inout some PlotSurface, area: Box, isInside: Bool, avoiding places: [Point])
  {
    let available = Double(area.height) - (isInside ? 16 : 0)
    let wanted = Double(series.count) * font.size
    let size = wanted > available ? max(available / Double(series.count), 6) : font.size
    let font = StrokeFont(size: size)
    let width = Float(Self.width(of: series.map(\.name), font: font).rounded(.up))
    let height = Float((Double(series.count) * size).rounded(.up))
    let corner: Box
    if isInside {
      corner = emptiestCorner(width: width, height: height, area: area, avoiding: places)
      canvas.fill(corner, .white, alpha: 0.85)
      canvas.outline(corner, Color(hex: 0xAAAAAA), thickness: 1, alpha: 1)
    } else {
      let left = area.right + Float(font.size) * 0.5
      corner = Box(left: left, top: area.top, right: left + width, bottom: area.top + height)
    }
    for (index, item) in series.enumerated() {
      let top = Double(corner.top) + Double(index) * size
      let left = Double(corner.left) + size * 0.3
      let middle = (top + size * 14 / 32).rounded() + 0.5
      canvas.polyline(
        [Point(left, middle), Point(left + size * 1.1, middle)], item.color,
        width: max(size / 6, 2), alpha: 1, clip: nil)
      canvas.text(
        item.name, at: Point(left + size * 1.5, top), font: font, .black, anchor: .leading,
        isVertical: false)
    }
  }

  private func emptiestCorner(
    width: Float, height: Float, area: Box, avoiding places: [Point]
  ) -> Box {
    let gap: Float = 8
    let columns = [area.right - gap - width, area.left + gap]
    let rows = [area.top + gap, area.bottom - gap - height]
    let corners = rows.flatMap { top in
      columns.map { Box(left: $0, top: top, right: $0 + width, bottom: top + height) }
    }
    let covered = corners.map { box in
      places.count { point in
        Float(point.x) > box.left - gap && Float(point.x) < box.right + gap
          && Float(point.y) > box.top - gap && Float(point.y) < box.bottom + gap
      }
    }
    let best = covered.indices.min { covered[$0] < covered[$1] } ?? 0
    return corners[best]
  }
}
