package import Evaluation
import Foundation
import Geometry
package import Images

/// The share of wrong detections among the most certain ones, against how many are kept: a curve per
/// score, and the one of a score that knows all.
package struct RiskCoveragePlot: Sendable {
  private let trust: TrustReport

  /// The curves of all classes together; nil without detections.
  package init?(_ trust: TrustReport) {
    guard trust.overall.decisions.count > 0 else { return nil }
    self.trust = trust
  }

  /// The plot, 900 by 600 pixels.
  package func image() -> Image { plot.image() }

  /// The curves, with the area under each in the legend.
  package var plot: LinePlot {
    let areas = Dictionary(
      trust.overall.decisions.errorFinding.map { ($0.score, $0.areaUnderRiskCoverage.value) },
      uniquingKeysWith: { first, _ in first })
    var series = [
      LinePlot.Series(name: "perfect", points: perfect, color: Color(hex: 0x999999))
    ]
    // Means of ranks lie among the curves of what they are made of.
    for (index, entry) in trust.riskCoverage.filter({ $0.score.ranked == nil }).enumerated() {
      let area = areas[entry.score].flatMap(\.self).map { String(format: " %.1f%%", 100 * $0) }
      series.append(
        LinePlot.Series(
          name: entry.score.title + (area ?? ""),
          points: entry.curve.points.map { Point($0.coverage, $0.risk) },
          color: Palette.plotColor(index), weight: index == 0 ? 1.5 : 1))
    }
    return LinePlot(
      title: String(
        format: "%d detections with confidence from %g on", trust.overall.decisions.count,
        trust.options.scoreFloor),
      xLabel: "share of detections that is kept", yLabel: "share of them that is wrong",
      series: series, xRange: 0...1, yRange: 0...1)
  }

  /// No risk until all right detections are kept, then as little as there can be.
  private var perfect: [Point] {
    let total = Double(trust.overall.decisions.count)
    let right = total - Double(trust.overall.decisions.wrong)
    return (0...100).map { step in
      let kept = right + (total - right) * Double(step) / 100
      return Point(kept / total, kept > 0 ? (kept - right) / kept : 0)
    }
  }
}
