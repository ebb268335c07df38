import Geometry

/// Where the parts of a plot go, and how they are drawn there.
struct PlotLayout {
  let plot: LinePlot
  let font: StrokeFont
  let x: PlotAxis
  let y: PlotAxis
  /// The rectangle between the axes.
  let area: Box
  private let frame: Box

  private static let ink = Color(hex: 0x222222)
  private static let gridColor = Color(hex: 0xDDDDDD)

  init(_ plot: LinePlot, frame: Box) {
    self.plot = plot
    self.frame = frame
    let font = StrokeFont(size: plot.textSize)
    self.font = font
    let line = Float(font.size)
    let points = plot.series.flatMap { $0.points + $0.bandEnds }
    let top = frame.top + (plot.title.isEmpty ? line * 0.7 : line * 1.6)
    let bottom = frame.bottom - line * (plot.xLabel.isEmpty ? 1.5 : 2.6)
    let rows = max(Int((bottom - top) / (line * 2.2)), 2)
    y = PlotAxis(
      values: points.map(\.y), range: plot.yRange, isLogarithmic: plot.yScale == .logarithmic,
      tickCount: min(rows, 10), isRounded: true)
    let labelWidth = y.ticks.map { font.width(of: $0.label) }.max() ?? 0
    let left =
      frame.left + Float(labelWidth) + line * (plot.yLabel.isEmpty ? 0.6 : 1.8)
    let names = plot.series.map(\.name).filter { !$0.isEmpty }
    let legendWidth =
      plot.legend == .right && !names.isEmpty
      ? Float(PlotLegend.width(of: names, font: font)) + line * 0.5 : 0
    let right = frame.right - line * 0.9 - legendWidth
    let columns = max(Int((right - left) / (line * 3)), 2)
    x = PlotAxis(
      values: points.map(\.x), range: plot.xRange, isLogarithmic: plot.xScale == .logarithmic,
      tickCount: min(columns, plot.mostColumns), isRounded: false)
    area = Box(
      left: left.rounded(), top: top.rounded(), right: max(right, left + 1).rounded(),
      bottom: max(bottom, top + 1).rounded())
  }

  /// The place of a pair of values.
  func place(_ point: Point) -> Point {
    Point(
      Double(area.left) + x.fraction(point.x) * Double(area.width),
      Double(area.bottom) - y.fraction(point.y) * Double(area.height))
  }

  /// Grid, frame, tick labels, axis labels and title.
  func drawAxes(on canvas: inout some PlotSurface) {
    canvas.fill(area, .white, alpha: 1)
    for tick in x.ticks {
      let column = Float(place(Point(tick.value, y.range.lowerBound)).x.rounded())
      fill(&canvas, column, area.top, column + 1, area.bottom, Self.gridColor)
      fill(&canvas, column, area.bottom, column + 1, area.bottom + 4, Self.ink)
      canvas.text(
        tick.label, at: Point(Double(column), Double(area.bottom) + 5), font: font, Self.ink,
        anchor: .center, isVertical: false)
    }
    for tick in y.ticks {
      let row = Float(place(Point(x.range.lowerBound, tick.value)).y.rounded())
      fill(&canvas, area.left, row, area.right, row + 1, Self.gridColor)
      fill(&canvas, area.left - 4, row, area.left, row + 1, Self.ink)
      // Capitals and digits have their middle at 14/32 of the line.
      canvas.text(
        tick.label, at: Point(Double(area.left) - 7, Double(row) - font.size * 14 / 32),
        font: font, Self.ink, anchor: .trailing, isVertical: false)
    }
    canvas.outline(
      Box(left: area.left, top: area.top, right: area.right + 1, bottom: area.bottom + 1),
      Self.ink, thickness: 1, alpha: 1)
    canvas.text(
      plot.xLabel, at: Point(Double(area.centerX), Double(frame.bottom) - font.size * 1.2),
      font: font, Self.ink, anchor: .center, isVertical: false)
    canvas.text(
      plot.yLabel, at: Point(Double(frame.left) + font.size * 0.15, Double(area.centerY)),
      font: font, Self.ink, anchor: .center, isVertical: true)
    canvas.text(
      plot.title, at: Point(Double(area.centerX), Double(frame.top) + font.size * 0.3),
      font: StrokeFont(size: font.size, weight: .bold), plot.titleColor, anchor: .center,
      isVertical: false)
  }

  /// The intervals about a curve, cut to the area.
  func drawBand(of series: LinePlot.Series, on canvas: inout some PlotSurface) {
    guard let band = series.band else { return }
    func line(_ end: KeyPath<LinePlot.Series.Interval, Double>) -> [Point] {
      zip(series.points, band).map { place(Point($0.x, $1[keyPath: end])) }
    }
    canvas.band(line(\.low), line(\.high), series.color, alpha: 0.15, clip: area)
  }

  /// One curve, cut to the area.
  func draw(_ series: LinePlot.Series, on canvas: inout some PlotSurface) {
    let places = series.points.map(place)
    let width = max(plot.textSize / 9, 1.2) * series.weight
    let clip = Box(
      left: area.left, top: area.top - Float(width), right: area.right + Float(width),
      bottom: area.bottom + Float(width))
    canvas.polyline(Self.thinned(places), series.color, width: width, alpha: 1, clip: clip)
    guard series.hasMarkers else { return }
    for place in places where place.isFinite {
      canvas.polyline([place], series.color, width: width * 2.6, alpha: 1, clip: clip)
    }
  }

  /// The curves' names.
  func drawLegend(on canvas: inout some PlotSurface) {
    let named = plot.series.filter { !$0.name.isEmpty }
    guard plot.legend != .hidden, !named.isEmpty else { return }
    let places = plot.legend == .inside ? plot.series.flatMap { $0.points.map(place) } : []
    PlotLegend(series: named, font: font)
      .draw(on: &canvas, area: area, isInside: plot.legend == .inside, avoiding: places)
  }

  private func fill(
    _ canvas: inout some PlotSurface, _ left: Float, _ top: Float, _ right: Float, _ bottom: Float,
    _ color: Color
  ) {
    canvas.fill(Box(left: left, top: top, right: right, bottom: bottom), color, alpha: 1)
  }

  /// Drops points that lie within a third of a pixel of the last one kept.
  private static func thinned(_ points: [Point]) -> [Point] {
    var kept: [Point] = []
    var skipped: Point?
    for point in points {
      if let last = kept.last, last.isFinite, point.isFinite,
        abs(point.x - last.x) < 0.33, abs(point.y - last.y) < 0.33
      {
        skipped = point
        continue
      }
      if !point.isFinite, let end = skipped { kept.append(end) }
      skipped = nil
      kept.append(point)
    }
    if let end = skipped { kept.append(end) }
    return kept
  }
}

extension LinePlot.Series {
  /// The ends of the intervals as points.
  fileprivate var bandEnds: [Point] {
    zip(points, band ?? []).flatMap { [Point($0.x, $1.low), Point($0.x, $1.high)] }
  }
}
