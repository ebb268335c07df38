package import Geometry
package import Images

/// The course of a training run as pictures: losses and scores over the iterations.
package struct RunPlots: Sendable {
  /// One measured quantity over the iterations.
  package struct Curve: Sendable {
    /// What the legend calls it.
    package let name: String
    /// Iteration and value.
    package let points: [Point]

    /// A quantity over the iterations.
    package init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  private let title: String

  /// Pictures of a run; the title is usually its folder.
  package init(title: String) { self.title = title }

  /// The losses per image on a logarithmic axis, in pixels of a size; nil without a value.
  package func losses(_ curves: [Curve], width: Int = 900, height: Int = 600) -> Image? {
    guard var plot = plot(curves, yLabel: "loss per image", hasMarkers: false) else { return nil }
    plot.yScale = .logarithmic
    return plot.image(width: width, height: height)
  }

  /// Scores on the validation images, 0...1; nil without an evaluation.
  package func scores(
    _ curves: [Curve], of measure: String, width: Int = 900, height: Int = 600
  ) -> Image? {
    guard var plot = plot(curves, yLabel: "\(measure) (validation)", hasMarkers: true) else {
      return nil
    }
    plot.yRange = 0...1
    return plot.image(width: width, height: height)
  }

  private func plot(_ curves: [Curve], yLabel: String, hasMarkers: Bool) -> LinePlot? {
    let filled = curves.enumerated().filter { !$0.element.points.isEmpty }
    if filled.isEmpty { return nil }
    return LinePlot(
      title: title, xLabel: "iteration", yLabel: yLabel,
      series: filled.map { index, curve in
        LinePlot.Series(
          name: curve.name, points: curve.points, color: Palette.plotColor(index),
          weight: index == 0 ? 1.5 : 1, hasMarkers: hasMarkers)
      })
  }
}
