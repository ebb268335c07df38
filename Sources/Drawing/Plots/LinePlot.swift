package import Geometry
package import Images

/// Curves in a frame with axes, grid, title and legend.
package struct LinePlot: Sendable {
  /// One curve.
  package struct Series: Sendable, Hashable {
    /// What the legend calls it; nothing if empty.
    package var name: String
    /// Its points; one that is not finite interrupts the curve.
    package var points: [Point]
    /// Its colour.
    package var color: Color
    /// Thickness in units of the plot's usual one.
    package var weight: Double
    /// Whether every point gets a dot.
    package var hasMarkers: Bool
    /// The ends of an interval about each point, low and high, drawn as a band below the curves; nil: none
    /// is known.
    ///
    /// A pair that is not finite interrupts the band.
    package var band: [Interval]?

    /// Where a band lies at the place of a point.
    package struct Interval: Sendable, Hashable {
      /// The lower end.
      package let low: Double
      /// The upper end.
      package let high: Double

      /// From `low` to `high`.
      package init(_ low: Double, _ high: Double) {
        self.low = low
        self.high = high
      }

      /// No interval is known there.
      package static let none = Interval(.nan, .nan)
    }

    /// A curve.
    package init(
      name: String, points: [Point], color: Color, weight: Double = 1, hasMarkers: Bool = false,
      band: [Interval]? = nil
    ) {
      precondition(band.map { $0.count == points.count } ?? true, "a band of another length")
      self.band = band
      self.name = name
      self.points = points
      self.color = color
      self.weight = weight
      self.hasMarkers = hasMarkers
    }
  }

  /// How values are spread along an axis.
  package enum Scale: Sendable {
    /// Evenly.
    case linear
    /// By their logarithm; values up to 0 interrupt a curve.
    case logarithmic
  }

  /// Where the curves' names stand.
  package enum Legend: Sendable {
    /// Nowhere.
    case hidden
    /// In the corner of the frame that covers the fewest points.
    case inside
    /// To the right of the frame.
    case right
  }

  /// Above the frame.
  package var title: String
  /// Colour of the title.
  package var titleColor: Color = .black
  /// Below the horizontal axis.
  package var xLabel: String
  /// Beside the vertical axis.
  package var yLabel: String
  /// The curves, drawn in this order.
  package var series: [Series]
  /// What the horizontal axis shows, nil for all points.
  package var xRange: ClosedRange<Double>?
  /// What the vertical axis shows, nil for all points.
  package var yRange: ClosedRange<Double>?
  /// How the horizontal axis is spread.
  package var xScale: Scale = .linear
  /// How the vertical axis is spread.
  package var yScale: Scale = .linear
  /// The most marks of the horizontal axis.
  package var mostColumns = 10
  /// Where the names stand.
  package var legend: Legend = .inside
  /// Height of a line of text in pixels.
  package var textSize: Double = 18

  /// A plot of curves.
  package init(
    title: String = "", xLabel: String = "", yLabel: String = "", series: [Series] = [],
    xRange: ClosedRange<Double>? = nil, yRange: ClosedRange<Double>? = nil
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.xRange = xRange
    self.yRange = yRange
  }

  /// The plot as a picture.
  package func image(width: Int = 900, height: Int = 600) -> Image {
    var canvas = Canvas(width: width, height: height)
    draw(on: &canvas, in: Box(left: 0, top: 0, right: Float(width), bottom: Float(height)))
    return canvas.image
  }

  /// The plot as a vector graphic.
  func vector(width: Int, height: Int) -> VectorCanvas {
    var canvas = VectorCanvas(width: width, height: height)
    draw(on: &canvas, in: Box(left: 0, top: 0, right: Float(width), bottom: Float(height)))
    return canvas
  }

  /// Draws the plot with everything that belongs to it inside a rectangle of a canvas.
  func draw(on canvas: inout some PlotSurface, in frame: Box) {
    let layout = PlotLayout(self, frame: frame)
    layout.drawAxes(on: &canvas)
    for series in series { layout.drawBand(of: series, on: &canvas) }
    for series in series { layout.draw(series, on: &canvas) }
    layout.drawLegend(on: &canvas)
  }
}
