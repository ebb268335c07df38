package import Geometry

/// Which point of a line of text is put at the given place.
package enum TextAnchor: Sendable {
  /// The left end.
  case leading
  /// The middle.
  case center
  /// The right end.
  case trailing
}

extension Canvas {
  /// Draws a line of text whose top is at `point.y`; its origin is rounded to whole pixels.
  ///
  /// - Parameters:
  ///   - text: One line; characters that the font lacks appear as frames.
  ///   - point: Where the anchor goes.
  ///   - font: Size and weight.
  ///   - color: The pen's colour.
  ///   - anchor: Which point of the line goes there.
  ///   - isVertical: Whether the line runs upwards, its top to the left at `point.x`.
  package mutating func text(
    _ text: String, at point: Point, font: StrokeFont, _ color: Color = .black,
    anchor: TextAnchor = .leading, isVertical: Bool = false
  ) {
    let length = font.width(of: text)
    let shift: Double =
      switch anchor {
      case .leading: 0
      case .center: (length / 2).rounded()
      case .trailing: length
      }
    guard point.isFinite else { return }
    let originX = point.x.rounded() - (isVertical ? 0 : shift)
    let originY = point.y.rounded() + (isVertical ? shift : 0)
    let radius = font.penWidth / 2
    for (index, character) in text.enumerated() {
      let advance = Double(index) * font.cellWidth
      let strokes = font.strokes(of: character).map { stroke in
        stroke.map { p in
          isVertical
            ? Point(originX + p.y, originY - advance - p.x)
            : Point(originX + advance + p.x, originY + p.y)
        }
      }
      draw(strokes, radius: radius, color)
    }
  }

  /// Draws text on a filled rectangle that is a little larger; returns the rectangle.
  ///
  /// - Parameters:
  ///   - text: One line.
  ///   - point: The rectangle's upper left corner.
  ///   - font: Size and weight.
  ///   - background: The rectangle's colour; the text is black or white, what reads better.
  /// - Returns: The rectangle.
  @discardableResult
  package mutating func label(
    _ text: String, at point: Point, font: StrokeFont, background: Color
  ) -> Box {
    let size = Self.labelSize(text, font: font)
    let x = point.x.rounded()
    let y = point.y.rounded()
    let box = Box(
      left: Float(x), top: Float(y), right: Float(x + size.width),
      bottom: Float(y + size.height))
    fill(box, background)
    // A rim keeps labels of one colour apart.
    outline(box, .black, alpha: 0.5)
    self.text(
      text, at: Point(x + Self.labelPadding(font), y), font: font, background.readableText)
    return box
  }

  /// The size of the rectangle that ``label(_:at:font:background:)`` fills, in whole pixels.
  static func labelSize(_ text: String, font: StrokeFont) -> (width: Double, height: Double) {
    (font.width(of: text) + 2 * labelPadding(font), font.size.rounded(.up))
  }

  private static func labelPadding(_ font: StrokeFont) -> Double { (font.size / 8).rounded() }

  private mutating func draw(_ strokes: [[Point]], radius: Double, _ color: Color) {
    let points = strokes.flatMap(\.self)
    let xs = points.map(\.x)
    let ys = points.map(\.y)
    guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max(),
      var mask = mask(
        left: left - radius - 1, top: top - radius - 1, right: right + radius + 1,
        bottom: bottom + radius + 1)
    else { return }
    for stroke in strokes {
      for (start, end) in zip(stroke, stroke.dropFirst()) {
        mask.addStroke(from: start, to: end, radius: radius)
      }
    }
    blend(mask, color)
  }
}
