package import Evaluation
import Files
import Foundation
import Geometry
package import Images

/// The precision–recall curves of an evaluation: all classes in one frame, then each in its own.
package struct PrecisionRecallPlot: Sendable {
  private let evaluation: VOCEvaluation
  private let title: String

  /// A plot of an evaluation; `title` precedes the numbers, for example a model's name.
  package init(_ evaluation: VOCEvaluation, title: String = "") {
    self.evaluation = evaluation
    self.title = title
  }

  /// The overview, below it one plot per class with objects (thin: the best precision at this
  /// recall or beyond), 1200 pixels wide.
  package func image() -> Image {
    let panels = classPlots
    let columns = min(max(panels.count, 1), 5)
    let grid = PlotGrid(panels.count > 1 ? panels : [], columns: columns)
    let width = 1200
    let overviewHeight = max(640, 14 * panels.count + 80)
    let cell = (width: width / columns, height: columns < 4 ? 300 : 240)
    var canvas = Canvas(width: width, height: overviewHeight + grid.rows * cell.height)
    overview.draw(
      on: &canvas,
      in: Box(left: 0, top: 0, right: Float(width), bottom: Float(overviewHeight)))
    grid.draw(
      on: &canvas, x: 0, y: overviewHeight, cellWidth: cell.width, cellHeight: cell.height)
    return canvas.image
  }

  /// All classes in one frame, listed by descending AP.
  package var overview: LinePlot {
    let longest = present.map { $0.result.name.count }.max() ?? 0
    let series = present.map { item in
      let name = item.result.name.padding(toLength: longest, withPad: " ", startingAt: 0)
      return LinePlot.Series(
        name: "\(name) \(NumberText.percent(item.result.averagePrecision))",
        points: Self.points(item.result.curve), color: Palette.plotColor(item.index))
    }
    let comparison = evaluation.matcher.comparison == .atLeast ? ">=" : ">"
    let threshold = String(format: "%g", evaluation.matcher.threshold)
    var plot = LinePlot(
      title: (title.isEmpty ? "" : title + ": ")
        + "mAP \(NumberText.percent(evaluation.meanAveragePrecision))% (\(ruleName), IoU"
        + " \(comparison) \(threshold))",
      xLabel: "recall", yLabel: "precision", series: series, xRange: 0...1, yRange: 0...1)
    plot.legend = .right
    return plot
  }

  /// One plot per class with objects, in the order of the classes.
  package var classPlots: [LinePlot] {
    present.map { item in
      let curve = item.result.curve
      let color = Palette.plotColor(item.index)
      var plot = LinePlot(
        title: "\(item.result.name) \(NumberText.percent(item.result.averagePrecision))",
        series: [
          LinePlot.Series(
            name: "", points: Self.envelope(curve), color: Color(hex: 0x999999), weight: 0.7),
          LinePlot.Series(name: "", points: Self.points(curve), color: color),
        ], xRange: 0...1, yRange: 0...1)
      (plot.xLabel, plot.yLabel) = ("recall", "precision")
      plot.textSize = 15
      plot.legend = .hidden
      return plot
    }
  }

  /// One small plot per class with objects, each with the mean of all classes in grey;
  /// for more classes than one frame can tell apart.
  package var panels: [(name: String, plot: LinePlot)] {
    let mean = LinePlot.Series(
      name: "", points: meanCurve, color: Color(hex: 0x999999), weight: 0.8)
    return present.map { item in
      var plot = LinePlot(
        title: "\(item.result.name) \(NumberText.percent(item.result.averagePrecision))",
        series: [
          mean,
          LinePlot.Series(
            name: "", points: Self.points(item.result.curve), color: Palette.plotColor(0)),
        ], xRange: 0...1, yRange: 0...1)
      plot.legend = .hidden
      plot.textSize = 21
      return (item.result.name, plot)
    }
  }

  /// The mean over the classes of the best precision at a recall or beyond.
  private var meanCurve: [Point] {
    let curves = present.map { item -> (recalls: [Double], best: [Double]) in
      var best = item.result.curve.precisions
      for index in best.indices.dropLast().reversed() {
        best[index] = max(best[index], best[index + 1])
      }
      return (item.result.curve.recalls, best)
    }
    return (0...100).map { level in
      let recall = Double(level) / 100
      let sum = curves.reduce(0.0) { sum, curve in
        let index = curve.recalls.firstIndex { $0 >= recall }
        return sum + (index.map { curve.best[$0] } ?? 0)
      }
      return Point(recall, sum / Double(max(curves.count, 1)))
    }
  }

  private var present: [(index: Int, result: VOCEvaluation.ClassResult)] {
    evaluation.classes.enumerated().filter { $0.element.objects > 0 }
      .map { ($0.offset, $0.element) }
  }

  private var ruleName: String {
    switch evaluation.rule {
    case .elevenPoint: "VOC2007, 11 points"
    case .elevenPointFloat: "VOC2007, rounded levels"
    case .area: "VOC2012, area"
    }
  }

  /// The mean curves of several evaluations in one plot; nil if none of them has a curve.
  static func overlaid(_ plots: [(name: String, plot: PrecisionRecallPlot?)]) -> LinePlot? {
    let series = plots.enumerated().compactMap { index, entry in
      entry.plot.map { plot in
        LinePlot.Series(
          name: "\(entry.name) \(NumberText.percent(plot.evaluation.meanAveragePrecision))",
          points: plot.meanCurve, color: Palette.plotColor(index), weight: 1.5)
      }
    }
    guard !series.isEmpty else { return nil }
    var plot = LinePlot(
      title: "mean over classes, mAP in %", xLabel: "recall", yLabel: "precision",
      series: series, xRange: 0...1, yRange: 0...1)
    plot.legend = .inside
    return plot
  }

  private static func points(_ curve: PrecisionRecallCurve) -> [Point] {
    let points = zip(curve.recalls, curve.precisions).map { Point($0, $1) }
    // The first detection's precision holds from recall 0 on.
    return (points.first.map { [Point(0, $0.y)] } ?? []) + points
  }

  /// The staircase of the best precision at each recall or beyond, down to 0 after the last.
  private static func envelope(_ curve: PrecisionRecallCurve) -> [Point] {
    var best = 0.0
    var steps: [Point] = []
    for (recall, precision) in zip(curve.recalls, curve.precisions).reversed() {
      if precision > best {
        steps.append(Point(recall, best))
        steps.append(Point(recall, precision))
        best = precision
      }
    }
    return steps.isEmpty ? [] : steps + [Point(0, best)]
  }
}
