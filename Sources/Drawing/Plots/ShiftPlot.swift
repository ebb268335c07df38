package import Evaluation
import Geometry
package import Images
import Uncertainty

/// Accuracy and mean uncertainty against the severity of corruptions, a curve per corruption.
package struct ShiftPlot: Sendable {
  private let report: ShiftReport

  /// The plots of a report.
  package init(_ report: ShiftReport) { self.report = report }

  /// Both plots beside each other, 1500 by 550 pixels.
  package func image() -> Image {
    PlotGrid([precision, uncertainty], columns: 2).image(cellWidth: 750, cellHeight: 550)
  }

  /// The mAP of VOC2010 and later, or the share of right answers.
  package var precision: LinePlot {
    switch report.subject {
    case .detections: plot("mAP (voc12)") { $0.accuracy.last?.value }
    case .answers: plot("top-1 accuracy") { $0.accuracy.first?.value }
    }
  }

  private var decisions: String {
    switch report.subject {
    case .detections: "detections"
    case .answers: "answers"
    }
  }

  /// The mean BALD of detections or answers, or one minus their mean confidence of a network without.
  package var uncertainty: LinePlot {
    if report.rows.contains(where: { $0.measures.bald != nil }) {
      return plot("mean BALD of \(decisions) in bits") { $0.bald }
    }
    return plot("1 - mean confidence of \(decisions)") { $0.confidence.map { 1 - $0 } }
  }

  /// A severity without the number interrupts its curve.
  private func plot(
    _ label: String, _ value: (ShiftReport.Measures) -> Double?
  ) -> LinePlot {
    let series = report.corruptions.enumerated().map { index, corruption in
      LinePlot.Series(
        name: corruption,
        points: report.course(of: corruption).map {
          Point(Double($0.severity), value($0.measures) ?? .nan)
        }, color: Palette.plotColor(index), hasMarkers: true)
    }
    let largest = series.flatMap(\.points).map(\.y).filter(\.isFinite).max() ?? 1
    var plot = LinePlot(
      xLabel: "severity", yLabel: label, series: series,
      xRange: 0...Double(ImageCorruption.severities.upperBound),
      yRange: 0...max(1.05 * largest, 0.01))
    // Curves that fall or rise together leave no corner free.
    plot.legend = .right
    return plot
  }
}
