import Detection
import Drawing
import Files
import Foundation
import Geometry
import Images

/// How sure a network is of the pictures of a film, one after the other.
struct VideoDoubt {
  private struct Row {
    let index: Int
    let seconds: Double
    let count: Int
    let confidence: Float?
    let bald: Float?
  }

  private var rows: [Row] = []

  /// Objects of all pictures.
  var objectCount: Int { rows.reduce(0) { $0 + $1.count } }

  /// What was found in a picture.
  mutating func add(_ detections: [Detection], index: Int, seconds: Double) {
    let count = Float(max(1, detections.count))
    let bits = detections.compactMap(\.uncertainty?.bald)
    rows.append(
      Row(
        index: index, seconds: seconds, count: detections.count,
        confidence: detections.isEmpty
          ? nil : detections.reduce(0) { $0 + $1.confidence } / count,
        bald: bits.max()))
  }

  /// CSV: a line a picture; empty where nothing was found, or the network does not say it.
  var table: String {
    func text(_ value: Float?) -> String { value.map { String(format: "%.4f", $0) } ?? "" }
    return "picture,seconds,objects,mean_confidence,largest_bald\n"
      + rows.map { row in
        "\(row.index),\(String(format: "%.3f", row.seconds)),\(row.count),\(text(row.confidence)),"
          + "\(text(row.bald))\n"
      }.joined()
  }

  /// Mean confidence and, where the network says it, the largest BALD over time, and the number of objects
  /// below.
  func plot(title: String) -> Image {
    func curve(_ name: String, _ color: Color, _ value: (Row) -> Double?) -> LinePlot.Series {
      LinePlot.Series(
        name: name, points: rows.map { Point($0.seconds, value($0) ?? .nan) }, color: color)
    }
    var series = [curve("mean confidence", Palette.plotColor(0)) { $0.confidence.map(Double.init) }]
    if rows.contains(where: { $0.bald != nil }) {
      series.append(curve("largest BALD, bits", Palette.plotColor(1)) { $0.bald.map(Double.init) })
    }
    let sure = LinePlot(
      title: "How sure", xLabel: "seconds", yLabel: "0 to 1", series: series, yRange: 0...1)
    let count = LinePlot(
      title: "What is found", xLabel: "seconds", yLabel: "objects",
      series: [curve("objects", .black) { Double($0.count) }])
    return PlotGrid([sure, count], columns: 1, title: title).image()
  }
}
