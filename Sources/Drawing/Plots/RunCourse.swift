package import Geometry
package import Images

/// The course of a training run over the iterations, which all its plots show from 0 to the last one.
package struct RunCourse: Sendable {
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

  /// What is scored, such as mAP.
  package var measure: String
  /// The rule that decides which weights are best; nothing if nothing was scored.
  package var rule = ""
  /// The loss and its parts, of the training images.
  package var losses: [Curve]
  /// The score by its rules, 0...1, of the validation images.
  package var scores: [Curve]
  /// Precision and recall, 0...1, of the validation images; empty where none are logged.
  package var balance: [Curve]
  /// The learning rate.
  package var rates: [Curve]

  /// A run without a log.
  package init(
    measure: String = "", losses: [Curve] = [], scores: [Curve] = [], balance: [Curve] = [],
    rates: [Curve] = []
  ) {
    self.measure = measure
    self.losses = losses
    self.scores = scores
    self.balance = balance
    self.rates = rates
  }

  /// Whether nothing was logged.
  package var isEmpty: Bool { (losses + scores).allSatisfy(\.points.isEmpty) }

  /// The losses per image on a logarithmic axis; nil without a value.
  package func lossPlot(title: String) -> LinePlot? {
    var plot = plot(losses, title: title, yLabel: "training loss per image")
    plot?.yScale = .logarithmic
    return plot
  }

  /// Scores on the validation images, 0...1; nil without an evaluation.
  package func scorePlot(title: String) -> LinePlot? {
    share(scores, title: title, yLabel: "\(measure), validation")
  }

  /// Precision and recall on the validation images; nil where they were not logged.
  package func balancePlot(title: String) -> LinePlot? {
    share(balance, title: title, yLabel: "share, validation")
  }

  /// The learning rate; nil without a value.
  package func ratePlot(title: String) -> LinePlot? {
    var plot = plot(rates, title: title, yLabel: "learning rate")
    let largest = rates.flatMap(\.points).map(\.y).filter(\.isFinite).max() ?? 0
    if largest > 0 { plot?.yRange = 0...1.05 * largest }
    plot?.legend = .hidden
    return plot
  }

  /// All there are: what training makes smaller beside what that does for the validation images.
  package func plots(title: String) -> [LinePlot] {
    [
      lossPlot(title: title), scorePlot(title: title), ratePlot(title: title),
      balancePlot(title: title),
    ].compactMap(\.self)
  }

  /// All of them in one picture, 1500 pixels wide; nil where nothing was logged.
  package func image(title: String) -> Image? {
    let plots = plots(title: title)
    return plots.isEmpty ? nil : PlotGrid(plots, columns: 2).image(cellWidth: 750, cellHeight: 440)
  }

  /// The losses of several runs in one plot, and their scores by the rule that decides.
  package static func overlaid(_ runs: [(name: String, course: RunCourse)]) -> [LinePlot] {
    func all(_ curve: (RunCourse) -> Curve?) -> [Curve] {
      runs.map { Curve(name: $0.name, points: curve($0.course)?.points ?? []) }
    }
    let measure = runs.first?.course.measure ?? ""
    let rule = runs.first?.course.rule ?? ""
    let joined = RunCourse(
      measure: rule.isEmpty ? measure : "\(measure) (\(rule))", losses: all(\.losses.first),
      scores: all { course in course.scores.first { $0.name == course.rule } ?? course.scores.first
      })
    return [joined.lossPlot(title: "losses"), joined.scorePlot(title: "scores")].compactMap(\.self)
  }

  private func share(_ curves: [Curve], title: String, yLabel: String) -> LinePlot? {
    var plot = plot(curves, title: title, yLabel: yLabel, hasMarkers: true)
    plot?.yRange = 0...1
    return plot
  }

  private func plot(
    _ curves: [Curve], title: String, yLabel: String, hasMarkers: Bool = false
  ) -> LinePlot? {
    let filled = curves.enumerated().filter { !$0.element.points.isEmpty }
    if filled.isEmpty { return nil }
    let last = (losses + scores + balance + rates).flatMap(\.points).map(\.x).max() ?? 0
    return LinePlot(
      title: title, xLabel: "iteration", yLabel: yLabel,
      series: filled.map { index, curve in
        LinePlot.Series(
          name: curve.name, points: curve.points, color: Palette.plotColor(index),
          weight: index == 0 ? 1.5 : 1, hasMarkers: hasMarkers)
      }, xRange: 0...max(last, 1))
  }
}
