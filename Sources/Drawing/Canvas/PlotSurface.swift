import Geometry

/// What plots are drawn on: pixels (``Canvas``) or a vector graphic (``VectorCanvas``).
///
/// Coordinates are those of ``Canvas``.
protocol PlotSurface {
  /// Fills a rectangle; `alpha` 0...1 is its opacity.
  mutating func fill(_ box: Box, _ color: Color, alpha: Double)

  /// Draws a rectangle's outline just inside its edges.
  mutating func outline(_ box: Box, _ color: Color, thickness: Int, alpha: Double)

  /// Draws lines from point to point; one that is not finite interrupts them, a single one gives a disc.
  mutating func polyline(
    _ points: [Point], _ color: Color, width: Double, alpha: Double, clip: Box?)

  /// Fills what lies between two lines over the same places; one that is not finite interrupts it.
  mutating func band(_ low: [Point], _ high: [Point], _ color: Color, alpha: Double, clip: Box)

  /// Draws a line of text whose top is at `point.y`; see ``Canvas``.
  mutating func text(
    _ text: String, at point: Point, font: StrokeFont, _ color: Color, anchor: TextAnchor,
    isVertical: Bool)
}

extension Canvas: PlotSurface {
  mutating func band(
    _ low: [Point], _ high: [Point], _ color: Color, alpha: Double, clip: Box
  ) {
    let ends = zip(zip(low, low.dropFirst()), zip(high, high.dropFirst()))
    for ((a, b), (c, d)) in ends where [a, b, c, d].allSatisfy(\.isFinite) && a.x < b.x {
      let first = max(a.x, Double(clip.left)).rounded()
      let last = min(b.x, Double(clip.right)).rounded()
      for column in stride(from: first, to: last, by: 1) {
        let share = min(max((column + 0.5 - a.x) / (b.x - a.x), 0), 1)
        let ends = [a.y + (b.y - a.y) * share, c.y + (d.y - c.y) * share]
          .map { Float(min(max($0, Double(clip.top)), Double(clip.bottom))) }
        let strip = Box(
          left: Float(column), top: min(ends[0], ends[1]), right: Float(column + 1),
          bottom: max(ends[0], ends[1]))
        fill(strip, color, alpha: alpha)
      }
    }
  }
}
