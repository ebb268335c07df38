import Evaluation
import Geometry
package import Images

/// Rows of measurements side by side: every run and the mean on the left, the difference from a
/// reference with its interval on the right.
package struct ComparisonPlot: Sendable {
  /// One row.
  package struct Row: Sendable {
    /// Its name.
    package var name: String
    /// What each run measured.
    package var values: [Double]
    /// The mean difference from the reference; nil for the reference itself.
    package var difference: Double?
    /// Where that difference may lie.
    package var interval: ClosedRange<Double>?

    /// A row.
    package init(
      name: String, values: [Double], difference: Double? = nil,
      interval: ClosedRange<Double>? = nil
    ) {
      self.name = name
      self.values = values
      self.difference = difference
      self.interval = interval
    }
  }

  /// Above the panels.
  package var title: String
  /// Below the left panel.
  package var valueLabel: String
  /// Below the right panel.
  package var differenceLabel: String
  /// From top to bottom.
  package var rows: [Row]

  private static let ink = Color(hex: 0x222222)
  private static let gridColor = Color(hex: 0xDDDDDD)
  private static let rowHeight = 34.0
  private static let font = StrokeFont(size: 18)

  /// Rows of measurements.
  package init(title: String, valueLabel: String, differenceLabel: String, rows: [Row]) {
    self.title = title
    self.valueLabel = valueLabel
    self.differenceLabel = differenceLabel
    self.rows = rows
  }

  /// The picture; its height follows the number of rows.
  package func image(width: Int = 1100) -> Image {
    let top = 40.0
    let bottom = top + Self.rowHeight * Double(max(rows.count, 1))
    var canvas = Canvas(width: width, height: Int(bottom) + 64)
    let names = (rows.map { Self.font.width(of: $0.name) }.max() ?? 0) + 24
    let panel = (Double(width) - names - 60) / 2
    canvas.text(
      title, at: Point(Double(width) / 2, 8), font: StrokeFont(size: 20, weight: .bold), Self.ink,
      anchor: .center)
    for (index, row) in rows.enumerated() {
      canvas.text(
        row.name, at: Point(names - 12, center(index, top) - Self.font.size * 14 / 32),
        font: Self.font, Self.ink, anchor: .trailing)
    }
    let values = Panel(
      left: names, right: names + panel, top: top, bottom: bottom,
      axis: PlotAxis(
        values: rows.flatMap(\.values), range: nil, isLogarithmic: false, tickCount: 5,
        isRounded: true))
    values.drawFrame(on: &canvas, label: valueLabel)
    let ends = rows.flatMap { row in
      [row.difference, row.interval?.lowerBound, row.interval?.upperBound].compactMap { $0 }
    }
    let differences = Panel(
      left: names + panel + 40, right: names + 2 * panel + 40, top: top, bottom: bottom,
      axis: PlotAxis(
        values: ends + [0], range: nil, isLogarithmic: false, tickCount: 5, isRounded: true))
    differences.drawFrame(on: &canvas, label: differenceLabel)
    let zero = differences.x(0)
    canvas.line(from: Point(zero, top), to: Point(zero, bottom), Self.ink, width: 1.5)
    for (index, row) in rows.enumerated() {
      let color = Palette.plotColor(index)
      let y = center(index, top)
      for value in row.values {
        canvas.disc(at: Point(values.x(value), y), radius: 4.5, color, alpha: 0.5)
      }
      if !row.values.isEmpty {
        let mean = values.x(row.values.reduce(0, +) / Double(row.values.count))
        canvas.line(from: Point(mean, y - 11), to: Point(mean, y + 11), color, width: 3)
      }
      if let interval = row.interval {
        let (low, high) = (differences.x(interval.lowerBound), differences.x(interval.upperBound))
        canvas.line(from: Point(low, y), to: Point(high, y), color, width: 2.5)
        for end in [low, high] {
          canvas.line(from: Point(end, y - 6), to: Point(end, y + 6), color, width: 2.5)
        }
      }
      if let difference = row.difference {
        canvas.disc(at: Point(differences.x(difference), y), radius: 5.5, color)
      }
    }
    return canvas.image
  }

  private func center(_ row: Int, _ top: Double) -> Double {
    top + Self.rowHeight * (Double(row) + 0.5)
  }

  /// A frame with a horizontal axis.
  private struct Panel {
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let axis: PlotAxis

    func x(_ value: Double) -> Double { left + axis.fraction(value) * (right - left) }

    func drawFrame(on canvas: inout Canvas, label: String) {
      for tick in axis.ticks {
        let column = x(tick.value).rounded()
        canvas.line(
          from: Point(column, top), to: Point(column, bottom), ComparisonPlot.gridColor)
        canvas.text(
          tick.label, at: Point(column, bottom + 5), font: ComparisonPlot.font,
          ComparisonPlot.ink, anchor: .center)
      }
      canvas.outline(
        Box(left: Float(left), top: Float(top), right: Float(right), bottom: Float(bottom)),
        ComparisonPlot.ink)
      canvas.text(
        label, at: Point((left + right) / 2, bottom + 32), font: ComparisonPlot.font,
        ComparisonPlot.ink, anchor: .center)
    }
  }
}
