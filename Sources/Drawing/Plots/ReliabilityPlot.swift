package import Evaluation
import Foundation
import Geometry
package import Images

/// A reliability diagram: how often detections or answers of each confidence are right, above how many there
/// are.
package struct ReliabilityPlot: Sendable {
  private let bins: [CalibrationError.Bin]
  private let title: String
  /// What has a confidence.
  private let unit: String

  /// The diagram of all classes; nil without detections whose confidence is a probability.
  package init?(_ trust: TrustReport) {
    guard let bins = trust.reliability,
      let error = trust.overall.decisions.calibration.error.value
    else { return nil }
    self.bins = bins
    unit = "detections"
    title = String(
      format: "D-ECE %.1f%%, confidence from %g on", 100 * error, trust.options.scoreFloor)
  }

  /// The diagram of a classifier's answers.
  package init(_ report: ClassificationReport) {
    bins = report.reliability
    unit = "answers"
    title = String(
      format: "%d images: ECE %.1f%%", report.imageCount,
      100 * (report.figures.first { $0.key == "ece15" }?.estimate.value ?? .nan))
  }

  /// The diagram of found keypoints, whose confidence is the height of the peak; nil if a height is no
  /// probability.
  package init?(_ report: KeypointReport) {
    guard let bins = report.reliability, let error = report.trust.calibration.error.value else {
      return nil
    }
    self.bins = bins
    unit = report.kind == .joints ? "keypoints" : "centres"
    title = "\(report.trust.count) \(unit): " + String(format: "ECE %.1f%%", 100 * error)
  }

  /// Both plots, one below the other, 900 pixels wide.
  package func image(title: String = "") -> Image {
    PlotGrid([curve, histogram], columns: 1, title: title).image(cellWidth: 900, cellHeight: 480)
  }

  /// Precision against mean confidence, and where they would be equal.
  package var curve: LinePlot {
    let points = bins.compactMap { bin in
      bin.confidence.flatMap { x in bin.precision.map { Point(x, $0) } }
    }
    var plot = LinePlot(
      title: title, xLabel: "mean confidence of the bin", yLabel: "share that is right",
      series: [
        LinePlot.Series(
          name: "calibrated", points: [Point(0, 0), Point(1, 1)], color: Color(hex: 0x999999)),
        LinePlot.Series(
          name: "measured", points: points, color: Palette.plotColor(1), weight: 1.5,
          hasMarkers: true),
      ], xRange: 0...1, yRange: 0...1)
    plot.legend = .inside
    return plot
  }

  /// The share of detections, or answers, per bin, as steps.
  package var histogram: LinePlot {
    let total = Double(max(bins.reduce(0) { $0 + $1.count }, 1))
    let steps = bins.flatMap { bin in
      let share = Double(bin.count) / total
      return [
        Point(bin.range.lowerBound, 0), Point(bin.range.lowerBound, share),
        Point(bin.range.upperBound, share), Point(bin.range.upperBound, 0),
      ]
    }
    var plot = LinePlot(
      xLabel: "confidence", yLabel: "share of \(unit)",
      series: [LinePlot.Series(name: "", points: steps, color: Palette.plotColor(1))],
      xRange: 0...1)
    plot.legend = .hidden
    return plot
  }
}
