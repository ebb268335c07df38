import Foundation
import Geometry

/// A vector graphic to draw on: the elements of an SVG that stands in a page.
///
/// Colours are written so that the page's style can change them: ink, grid and ground follow its
/// variables, and every other colour is `var(--cRRGGBB, #RRGGBB)`, which the page may define anew where its
/// ground is dark (``darkColors``).
struct VectorCanvas: PlotSurface {
  let width: Int
  let height: Int
  private(set) var elements = ""

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
  }

  /// The graphic as an element of a page.
  func svg(describedAs description: String) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\""
      + " aria-label=\"\(ReportPage.escaped(description))\" width=\"\(width)\" height=\"\(height)\""
      + " viewBox=\"0 0 \(width) \(height)\">\n\(elements)</svg>"
  }

  /// The style of the elements, and the page's colours of curves on a dark ground.
  static let style = """
    .plot { max-width: 100%; height: auto; display: block; }
    .plot text { font-family: "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace;
      white-space: pre; }

    """

  /// Definitions of the colours of curves for a dark ground: as they are if light enough, else mixed with
  /// white until they are.
  static let darkColors: String = Palette.plotColors.map { color in
    "\(variable(color)): \(hex(color.lightened(to: 0.55)));"
  }.joined(separator: " ")

  private static func hex(_ color: Color) -> String {
    String(format: "#%02x%02x%02x", Int(color.red), Int(color.green), Int(color.blue))
  }

  private static func variable(_ color: Color) -> String { "--c" + hex(color).dropFirst() }

  private static func paint(_ color: Color) -> String {
    switch color {
    case .black, Color(hex: 0x222222): "var(--ink)"
    case .white: "var(--ground)"
    case Color(hex: 0xDDDDDD): "var(--line)"
    case Color(hex: 0x999999), Color(hex: 0xAAAAAA), Color(hex: 0xBBBBBB): "var(--soft)"
    default: "var(\(variable(color)),\(hex(color)))"
    }
  }

  private static func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func opacity(_ alpha: Double, _ property: String) -> String {
    alpha < 1 ? String(format: ";%@:%.2g", property, alpha) : ""
  }

  mutating func fill(_ box: Box, _ color: Color, alpha: Double) {
    guard box.width > 0, box.height > 0 else { return }
    elements +=
      "<rect \(Self.place(box)) style=\"fill:\(Self.paint(color))"
      + "\(Self.opacity(alpha, "fill-opacity"))\"/>\n"
  }

  mutating func outline(_ box: Box, _ color: Color, thickness: Int, alpha: Double) {
    let half = Float(thickness) / 2
    let inner = Box(
      left: box.left + half, top: box.top + half, right: box.right - half,
      bottom: box.bottom - half)
    guard inner.width > 0, inner.height > 0 else { return }
    elements +=
      "<rect \(Self.place(inner)) style=\"fill:none;stroke:\(Self.paint(color));stroke-width:\(thickness)"
      + "\(Self.opacity(alpha, "stroke-opacity"))\"/>\n"
  }

  mutating func polyline(
    _ points: [Point], _ color: Color, width: Double, alpha: Double, clip: Box?
  ) {
    var path = ""
    var isDown = false
    for point in points {
      guard point.isFinite else {
        isDown = false
        continue
      }
      // A far point would overflow what viewers compute with.
      let x = min(max(point.x, -1e5), 1e5)
      let y = min(max(point.y, -1e5), 1e5)
      let place = "\(Self.number(x)) \(Self.number(y))"
      path += isDown ? "L\(place)" : "M\(place)h0"
      isDown = true
    }
    guard !path.isEmpty else { return }
    let line =
      "<path d=\"\(path)\" style=\"fill:none;stroke:\(Self.paint(color));stroke-width:\(Self.number(width));"
      + "stroke-linecap:round;stroke-linejoin:round\(Self.opacity(alpha, "stroke-opacity"))\"/>"
    elements += clipped(line, to: clip) + "\n"
  }

  mutating func band(
    _ low: [Point], _ high: [Point], _ color: Color, alpha: Double, clip: Box
  ) {
    var path = ""
    var run: [(low: Point, high: Point)] = []
    func close() {
      guard run.count > 1 else { return }
      let corners = run.map(\.low) + run.reversed().map(\.high)
      path +=
        "M" + corners.map { "\(Self.number($0.x)) \(Self.number($0.y))" }.joined(separator: "L")
      path += "Z"
    }
    for (low, high) in zip(low, high) {
      if low.isFinite && high.isFinite {
        run.append((low, high))
      } else {
        close()
        run = []
      }
    }
    close()
    guard !path.isEmpty else { return }
    let area =
      "<path d=\"\(path)\" style=\"fill:\(Self.paint(color))\(Self.opacity(alpha, "fill-opacity"))\"/>"
    elements += clipped(area, to: clip) + "\n"
  }

  mutating func text(
    _ text: String, at point: Point, font: StrokeFont, _ color: Color, anchor: TextAnchor,
    isVertical: Bool
  ) {
    guard !text.isEmpty, point.isFinite else { return }
    // A cell of a fixed-width font is 0.6 of its size; capitals of the strokes end at 24/32 of the line.
    let size = font.cellWidth / 0.6
    let baseline = font.size * 24 / 32
    let end =
      switch anchor {
      case .leading: "start"
      case .center: "middle"
      case .trailing: "end"
      }
    let place =
      isVertical
      ? "transform=\"translate(\(Self.number(point.x + baseline)) \(Self.number(point.y))) rotate(-90)\""
      : "x=\"\(Self.number(point.x))\" y=\"\(Self.number(point.y + baseline))\""
    let weight = font.weight == .bold ? ";font-weight:bold" : ""
    elements +=
      "<text \(place) style=\"font-size:\(Self.number(size))px;text-anchor:\(end);"
      + "fill:\(Self.paint(color))\(weight)\">\(ReportPage.escaped(text))</text>\n"
  }

  private static func place(_ box: Box) -> String {
    "x=\"\(number(Double(box.left)))\" y=\"\(number(Double(box.top)))\""
      + " width=\"\(number(Double(box.width)))\" height=\"\(number(Double(box.height)))\""
  }

  /// An inner graphic cuts off what lies outside, and needs no name that is unique in the page.
  private func clipped(_ element: String, to clip: Box?) -> String {
    guard let clip else { return element }
    let numbers = [clip.left, clip.top, clip.width, clip.height].map { Self.number(Double($0)) }
    return "<svg \(Self.place(clip)) viewBox=\"\(numbers.joined(separator: " "))\">\(element)</svg>"
  }
}
