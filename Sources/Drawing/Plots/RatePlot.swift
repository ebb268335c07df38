import Geometry
package import Images

/// The loss against the learning rate of a range test, with the rates that suggest themselves.
package struct RatePlot: Sendable {
  /// One update.
  package struct Update: Sendable {
    let rate: Double
    let loss: Double
    let smoothed: Double

    /// An update with its rate, its loss per image and the mean of the losses up to it.
    package init(rate: Double, loss: Double, smoothed: Double) {
      self.rate = rate
      self.loss = loss
      self.smoothed = smoothed
    }
  }

  /// A rate that is pointed at.
  package struct Mark: Sendable {
    let name: String
    let rate: Double

    /// A rate and what the legend says of it.
    package init(name: String, rate: Double) {
      self.name = name
      self.rate = rate
    }
  }

  private let title: String
  private let points: [Update]
  private let marks: [Mark]

  /// A plot of updates, whose rates rise.
  package init(title: String, points: [Update], marks: [Mark]) {
    self.title = title
    self.points = points
    self.marks = marks
  }

  /// The plot as a picture.
  package func image(width: Int = 900, height: Int = 600) -> Image {
    plot.image(width: width, height: height)
  }

  /// The smoothed loss, the losses of single updates behind it, and an upright line at every mark.
  var plot: LinePlot {
    let smoothed = points.map(\.smoothed)
    let least = min(smoothed.min() ?? 0, points.map(\.loss).min() ?? 0)
    let largest = smoothed.max() ?? 1
    // What blows up at the end would leave nothing of the rest.
    let isWide = least > 0 && largest > 10 * least
    let margin = 0.08 * (largest - least)
    let range =
      isWide
      ? least / 1.3...largest * 1.3
      : least - margin...max(largest + margin, (least - margin).nextUp)
    let curves: [LinePlot.Series] = [
      .init(
        name: "single updates", points: points.map { Point($0.rate, $0.loss) },
        color: Color(hex: 0xBBBBBB), weight: 0.7),
      .init(
        name: "smoothed loss", points: points.map { Point($0.rate, $0.smoothed) },
        color: Palette.plotColor(1), weight: 1.5),
    ]
    let lines = marks.enumerated().map { index, mark in
      LinePlot.Series(
        name: mark.name,
        points: [Point(mark.rate, range.lowerBound), Point(mark.rate, range.upperBound)],
        color: Palette.plotColor(index == 0 ? 0 : index + 1))
    }
    var plot = LinePlot(
      title: title, xLabel: "learning rate", yLabel: "loss per image", series: curves + lines,
      yRange: range)
    plot.xScale = .logarithmic
    plot.yScale = isWide ? .logarithmic : .linear
    return plot
  }
}
