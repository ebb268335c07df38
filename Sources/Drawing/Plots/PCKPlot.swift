package import Evaluation
import Files
import Foundation
import Geometry
package import Images

/// The share of correct keypoints against the threshold: a curve for each joint, mirrored ones together, and
/// one for their mean.
package struct PCKPlot: Sendable {
  /// .01...0.5, what ``init(_:bound:title:)`` asks for.
  package static let thresholds = (1...50).map { Double($0) / 100 }

  private let title: String
  private let unit: String
  private let thresholds: [Double]
  /// PCK by threshold, of each group of the layout and of the mean over joints.
  private let curves: [(name: String, values: [Double?])]

  /// The curves of errors.
  ///
  /// - Parameters:
  ///   - errors: Of all persons.
  ///   - bound: Whether an error equal to the threshold is right.
  ///   - title: Above the plot.
  package init(_ errors: KeypointErrors, bound: KeypointBound = .atMost, title: String = "") {
    self.init(
      KeypointScores(errors, thresholds: Self.thresholds, bound: bound),
      reference: errors.reference, title: title)
  }

  /// The curves of scores, at their thresholds.
  ///
  /// - Parameters:
  ///   - scores: At several thresholds.
  ///   - reference: What errors were divided by.
  ///   - title: Above the plot.
  package init(_ scores: KeypointScores, reference: KeypointReference, title: String = "") {
    self.title = title
    unit = reference.title
    thresholds = scores.thresholds
    let found = Dictionary(
      zip(scores.numbers, scores.values(.once(imageCount: scores.imageCount))),
      uniquingKeysWith: { first, _ in first })
    func curve(_ number: (Double) -> KeypointScores.Number) -> [Double?] {
      scores.thresholds.map { found[number($0)].flatMap(\.self) }
    }
    let groups = scores.layout.groups.enumerated().map { index, group in
      (name: group.name, values: curve { .group(index, $0) })
    }
    let mean = (name: "mean of joints", values: curve(KeypointScores.Number.jointMean))
    curves = groups.filter { $0.values.contains { $0 != nil } } + [mean]
  }

  /// The plot, 900 by 600 pixels.
  package func image() -> Image { plot.image() }

  /// The curves, best first in the legend, which says PCK at .2, or at the largest threshold below.
  package var plot: LinePlot {
    let place = thresholds.lastIndex { $0 <= 0.2 } ?? 0
    let named = curves.dropLast().enumerated().sorted {
      ($1.element.values[place] ?? -1, $0.offset) < ($0.element.values[place] ?? -1, $1.offset)
    }
    let longest = curves.map(\.name.count).max() ?? 0
    func series(_ curve: (name: String, values: [Double?]), _ color: Color, _ weight: Double)
      -> LinePlot.Series
    {
      let name = curve.name.padding(toLength: longest, withPad: " ", startingAt: 0)
      return LinePlot.Series(
        name: "\(name) \(NumberText.percent(curve.values[place]))",
        points: zip(thresholds, curve.values).map { Point($0, $1 ?? .nan) }, color: color,
        weight: weight)
    }
    var lines = named.map { series($0.element, Palette.plotColor($0.offset), 1) }
    if let mean = curves.last { lines.append(series(mean, .black, 1.8)) }
    var plot = LinePlot(
      title: title.isEmpty
        ? "PCK, in the legend at \(String(format: "%g", thresholds[place]))" : title,
      xLabel: "error / \(unit)", yLabel: "share of correct keypoints", series: lines,
      xRange: 0...(thresholds.last ?? 0.5), yRange: 0...1)
    plot.legend = .right
    return plot
  }
}
