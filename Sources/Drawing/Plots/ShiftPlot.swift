package import Evaluation
import Geometry
package import Images
import Uncertainty

/// What the severity of corruptions does to accuracy, calibration and certainty, a curve per corruption;
/// bands are the intervals over images.
package struct ShiftPlot: Sendable {
  private let report: ShiftReport
  private let title: String

  /// The plots of a report; the title says what was looked at.
  package init(_ report: ShiftReport, title: String = "") {
    self.report = report
    self.title = title
  }

  /// All plots, two in a row, 1500 pixels wide.
  package func image() -> Image {
    PlotGrid(plots, columns: 2, title: title).image(cellWidth: 750, cellHeight: 500)
  }

  /// Accuracy, calibration, confidence, and BALD where the network has it.
  package var plots: [LinePlot] {
    [precision, calibration, confidence] + [uncertainty].compactMap(\.self)
  }

  /// The mAP of VOC2010 and later, or the share of right answers.
  package var precision: LinePlot {
    switch report.subject {
    case .detections: plot("mAP (voc12)") { $0.accuracy.last }
    case .answers: plot("top-1 accuracy") { $0.accuracy.first }
    }
  }

  /// How far confidences are from how often they are right.
  package var calibration: LinePlot {
    switch report.subject {
    case .detections: plot("D-ECE") { $0.calibration }
    case .answers: plot("ECE") { $0.calibration }
    }
  }

  /// The mean confidence of detections or answers.
  package var confidence: LinePlot {
    plot("mean confidence of \(decisions)") { Estimate(value: $0.confidence, interval: nil) }
  }

  /// The mean BALD of detections or answers; nil of a network without.
  package var uncertainty: LinePlot? {
    guard report.rows.contains(where: { $0.measures.bald != nil }) else { return nil }
    return plot("mean BALD of \(decisions) in bits") { Estimate(value: $0.bald, interval: nil) }
  }

  private var decisions: String {
    switch report.subject {
    case .detections: "detections"
    case .answers: "answers"
    }
  }

  /// A severity without the number interrupts its curve.
  private func plot(
    _ label: String, _ value: (ShiftReport.Measures) -> Estimate?
  ) -> LinePlot {
    let series = report.corruptions.enumerated().map { index, corruption in
      let course = report.course(of: corruption).map { ($0.severity, value($0.measures)) }
      let hasIntervals = course.contains { $0.1?.interval != nil }
      return LinePlot.Series(
        name: corruption, points: course.map { Point(Double($0), $1?.value ?? .nan) },
        color: Palette.plotColor(index), hasMarkers: true,
        band: hasIntervals
          ? course.map { entry in
            entry.1?.interval.map { .init($0.lower, $0.upper) } ?? .none
          } : nil)
    }
    let ends = series.flatMap { $0.points.map(\.y) + ($0.band ?? []).map(\.high) }
    let largest = ends.filter(\.isFinite).max() ?? 1
    var plot = LinePlot(
      xLabel: "severity", yLabel: label, series: series,
      xRange: 0...Double(ImageCorruption.severities.upperBound),
      yRange: 0...max(1.05 * largest, 0.01))
    // Severities are whole numbers.
    plot.mostColumns = ImageCorruption.severities.upperBound
    // Curves that fall or rise together leave no corner free.
    plot.legend = .right
    return plot
  }
}
