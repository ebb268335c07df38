package import Evaluation
import Foundation
import Geometry
package import Images

/// The share of wrong detections or answers among the most certain ones, against how many are kept: a curve per
/// score, and the one of a score that knows all.
package struct RiskCoveragePlot: Sendable {
  private let curves: [(score: UncertaintyScore, curve: RiskCoverage)]
  private let areas: [UncertaintyScore: Double?]
  private let count: Int
  private let wrong: Int
  private let title: String
  /// What is kept.
  private let unit: String

  /// The curves of all classes together; nil without detections.
  package init?(_ trust: TrustReport) {
    let decisions = trust.overall.decisions
    guard decisions.count > 0 else { return nil }
    curves = trust.riskCoverage
    areas = Dictionary(
      decisions.errorFinding.map { ($0.score, $0.areaUnderRiskCoverage.value) },
      uniquingKeysWith: { first, _ in first })
    (count, wrong) = (decisions.count, decisions.wrong)
    unit = "detections"
    title = String(
      format: "%d detections with confidence from %g on", count, trust.options.scoreFloor)
  }

  /// The curves of a classifier's answers.
  package init(_ report: ClassificationReport) {
    curves = report.riskCoverage
    areas = Dictionary(
      report.wrongAnswers.map { ($0.score, $0.areaUnderRiskCoverage.value) },
      uniquingKeysWith: { first, _ in first })
    count = report.imageCount
    wrong = report.imageCount - report.classes.reduce(0) { $0 + $1.right }
    unit = "images"
    title = "\(count) images"
  }

  /// The curves of found keypoints; nil if none was judged.
  package init?(_ report: KeypointReport) {
    let decisions = report.trust
    guard decisions.count > 0 else { return nil }
    curves = report.riskCoverage
    areas = Dictionary(
      decisions.errorFinding.map { ($0.score, $0.areaUnderRiskCoverage.value) },
      uniquingKeysWith: { first, _ in first })
    (count, wrong) = (decisions.count, decisions.wrong)
    unit = report.kind == .joints ? "keypoints" : "centres"
    title = "\(count) \(unit)"
  }

  /// The plot, 900 by 600 pixels.
  package func image(title: String = "") -> Image {
    PlotGrid([plot], columns: 1, title: title).image(cellWidth: 900, cellHeight: 600)
  }

  /// The curves, with the area under each in the legend.
  package var plot: LinePlot {
    var series = [
      LinePlot.Series(name: "perfect", points: perfect, color: Color(hex: 0x999999))
    ]
    // Means of ranks lie among the curves of what they are made of.
    for (index, entry) in curves.filter({ $0.score.ranked == nil }).enumerated() {
      let area = areas[entry.score].flatMap(\.self).map { String(format: " %.1f%%", 100 * $0) }
      series.append(
        LinePlot.Series(
          name: entry.score.title + (area ?? ""),
          points: entry.curve.points.map { Point($0.coverage, $0.risk) },
          color: Palette.plotColor(index), weight: index == 0 ? 1.5 : 1))
    }
    return LinePlot(
      title: title,
      xLabel: "share of \(unit) that is kept", yLabel: "share of them that is wrong",
      series: series, xRange: 0...1, yRange: 0...1)
  }

  /// No risk until all right detections are kept, then as little as there can be.
  private var perfect: [Point] {
    let total = Double(count)
    let right = total - Double(wrong)
    return (0...100).map { step in
      let kept = right + (total - right) * Double(step) / 100
      return Point(kept / total, kept > 0 ? (kept - right) / kept : 0)
    }
  }
}
