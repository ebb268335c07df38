import Foundation
import Geometry

/// The scale of a heat map: its colours from bottom to top with marked values and the unit.
struct ColorBar {
  let map: HeatMap
  let unit: String
  /// Whether the sign for missing values is explained.
  let showsMissing: Bool
  let font: StrokeFont

  private static let ink = Color(hex: 0x222222)
  private static let missingText = "ignored"

  /// Pixels from the first to the last column, marks and text included.
  func width(height: Int) -> Int {
    let labels = ticks(height: height).map(\.label) + [unit]
    let widest = labels.map { font.width(of: $0) }.max() ?? 0
    let bar = barWidth + 7 + widest
    let missing = showsMissing ? font.width(of: Self.missingText) : 0
    return Int(max(bar, missing).rounded(.up))
  }

  /// Draws it with its upper left corner at the given place.
  ///
  /// The unit stands above the colours, the sign for missing values below them.
  func draw(on canvas: inout Canvas, x: Int, y: Int, height: Int) {
    let area = area(x: x, y: y, height: height)
    let rows = Int(area.height)
    let (low, high) = (Double(map.range.lowerBound), Double(map.range.upperBound))
    for row in 0..<rows {
      // The first row is the largest value, the last one the smallest.
      let fraction = 1 - (Double(row) + 0.5) / Double(rows)
      let top = area.top + Float(row)
      canvas.fill(
        Box(left: area.left, top: top, right: area.right, bottom: top + 1),
        map.colors.color(at: fraction))
    }
    canvas.outline(
      Box(left: area.left - 1, top: area.top - 1, right: area.right + 1, bottom: area.bottom + 1),
      Self.ink)
    for tick in ticks(height: height) {
      let place = Double(area.bottom) - (tick.value - low) / (high - low) * Double(area.height)
      let row = Float(min(max(place.rounded(), Double(area.top)), Double(area.bottom) - 1))
      canvas.fill(
        Box(left: area.right, top: row, right: area.right + 5, bottom: row + 1), Self.ink)
      // Capitals and digits have their middle at 14/32 of the line.
      canvas.text(
        tick.label, at: Point(Double(area.right) + 7, Double(row) - font.size * 14 / 32),
        font: font, Self.ink)
    }
    canvas.text(unit, at: Point(Double(area.left), Double(y)), font: font, Self.ink)
    guard showsMissing else { return }
    let swatch = Int(area.bottom) + Int(font.size * 0.5)
    for row in swatch..<swatch + Int(font.size * 0.6) {
      for column in Int(area.left)..<Int(area.right) {
        canvas.fill(
          Box(
            left: Float(column), top: Float(row), right: Float(column + 1), bottom: Float(row + 1)),
          HeatMap.missingColor(x: column, y: row))
      }
    }
    canvas.text(
      Self.missingText, at: Point(Double(x), Double(swatch) + font.size * 0.7), font: font,
      Self.ink)
  }

  /// The rectangle of the colours.
  func area(x: Int, y: Int, height: Int) -> Box {
    let header = unit.isEmpty ? font.size * 0.3 : font.size * 1.6
    let footer = showsMissing ? font.size * 2.3 : font.size * 0.4
    let top = Float(y) + Float(header.rounded())
    return Box(
      left: Float(x) + 1, top: top, right: Float(x) + 1 + Float(barWidth),
      bottom: max(Float(y + height) - Float(footer.rounded()), top + 1))
  }

  private var barWidth: Double { (font.size * 1.1).rounded() }

  /// Round values and the range's end, which takes the place of one too near to it.
  private func ticks(height: Int) -> [Tick] {
    let (low, high) = (Double(map.range.lowerBound), Double(map.range.upperBound))
    let length = Double(area(x: 0, y: 0, height: height).height)
    let ticks = AxisTicks.linear(low...high, count: min(max(Int(length / (font.size * 2)), 2), 10))
    if let last = ticks.last, abs(last.value - high) < (high - low) * 1e-6 { return ticks }
    let room = (high - low) * font.size / length
    let end = Tick(value: high, label: String(format: "%.3g", high))
    return ticks.filter { $0.value < high - room } + [end]
  }
}
