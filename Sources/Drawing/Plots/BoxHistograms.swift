import Foundation
package import Geometry
package import Images

/// How large and how elongated boxes are: histograms over logarithmic axes, a curve for each class.
package struct BoxHistograms: Sendable {
  private let groups: [(name: String, boxes: [Box])]

  /// More classes than this make no curves that can be told apart; then all boxes are one.
  private static let mostCurves = 8

  /// Histograms of the boxes of classes; boxes without area are left out.
  package init(_ groups: [(name: String, boxes: [Box])]) {
    let filled = groups.map { group in
      (name: group.name, boxes: group.boxes.filter { $0.width > 0 && $0.height > 0 })
    }.filter { !$0.boxes.isEmpty }
    self.groups =
      filled.count > Self.mostCurves
      ? [(name: "all \(filled.count) classes", boxes: filled.flatMap(\.boxes))] : filled
  }

  /// Both beside each other, 1500 pixels wide.
  package func image(title: String = "") -> Image {
    PlotGrid([sizes, aspects], columns: 2, title: title).image(cellWidth: 750, cellHeight: 460)
  }

  /// The square root of the area, in pixels, in bins of a factor of the root of 2.
  package var sizes: LinePlot {
    plot(xLabel: "size: root of width times height, pixels", binsPerOctave: 2) {
      (Double($0.width) * Double($0.height)).squareRoot()
    }
  }

  /// Width by height, in bins of a quarter of an octave.
  package var aspects: LinePlot {
    plot(xLabel: "aspect ratio: width by height", binsPerOctave: 4) {
      Double($0.width) / Double($0.height)
    }
  }

  private func plot(
    xLabel: String, binsPerOctave: Double, _ value: (Box) -> Double
  ) -> LinePlot {
    let bins = groups.map { group in
      group.boxes.reduce(into: [Int: Int]()) {
        $0[Int((log2(value($1)) * binsPerOctave).rounded(.down)), default: 0] += 1
      }
    }
    let used = bins.flatMap(\.keys)
    let (first, last) = (used.min() ?? 0, used.max() ?? 0)
    let series = zip(groups, bins).enumerated().map { index, entry in
      let (group, counts) = entry
      let steps = (first...last).flatMap { bin -> [Point] in
        let count = Double(counts[bin] ?? 0)
        return [
          Point(exp2(Double(bin) / binsPerOctave), count),
          Point(exp2(Double(bin + 1) / binsPerOctave), count),
        ]
      }
      return LinePlot.Series(
        name: "\(group.name) (\(group.boxes.count))", points: steps,
        color: Palette.plotColor(index))
    }
    let most = bins.flatMap(\.values).max() ?? 1
    var plot = LinePlot(
      xLabel: xLabel, yLabel: "objects", series: series,
      xRange: exp2(Double(first) / binsPerOctave)...exp2(Double(last + 1) / binsPerOctave),
      yRange: 0...1.08 * Double(most))
    plot.xScale = .logarithmic
    return plot
  }
}
