import Geometry

/// A fixed-width font for labels in pictures, drawn with a round pen.
///
/// The shapes are our own (``GlyphStrokes``); a cell is half as wide as high. Characters outside
/// printable ASCII appear as an empty frame.
package struct StrokeFont: Hashable, Sendable {
  /// How thick the pen is.
  package enum Weight: Double, Sendable, CaseIterable {
    /// For plots.
    case regular = 0.09
    /// For labels on photos.
    case bold = 0.125
  }

  /// The height of a line in pixels, at least 4; capitals are 5/8 of it.
  package let size: Double
  /// The pen's thickness.
  package let weight: Weight

  /// A font; legible from a size of about 11 pixels.
  package init(size: Double, weight: Weight = .regular) {
    self.size = max(size, 4)
    self.weight = weight
  }

  /// The width of each character's cell in pixels, whole so that equal letters look equal.
  package var cellWidth: Double { max((size / 2).rounded(), 2) }

  /// The width of a line of text in pixels.
  package func width(of text: String) -> Double { Double(text.count) * cellWidth }

  /// The pen's diameter in pixels.
  var penWidth: Double { max(size * weight.rawValue, 1) }

  /// The strokes of a character in pixels from its cell's upper left corner.
  func strokes(of character: Character) -> [[Point]] {
    let unit = size / 32
    // A pen of an odd number of pixels is sharpest on pixel centres, of an even one on edges.
    let offset = Int(penWidth.rounded()) % 2 == 1 ? 0.5 : 0
    let left = (3 * unit).rounded() + offset
    let top = (4 * unit).rounded() + offset
    return Self.glyph(character).map { stroke in
      stroke.map { Point(left + $0.x * unit, top + $0.y * unit) }
    }
  }

  /// Strokes in units of 1/32 of the cell's height.
  static func glyph(_ character: Character) -> [[Point]] {
    guard let code = character.asciiValue, code >= 32, Int(code) - 32 < glyphs.count else {
      return missing
    }
    return glyphs[Int(code) - 32]
  }

  private static let glyphs = GlyphStrokes.table.map(parse)
  private static let missing = parse(GlyphStrokes.missing)

  private static func parse(_ text: String) -> [[Point]] {
    text.split(separator: " ").map { stroke in
      let isCurve = stroke.hasPrefix("~")
      let digits = stroke.drop { $0 == "~" }.compactMap { Int(String($0), radix: 36) }
      let points = stride(from: 0, to: digits.count - 1, by: 2).map {
        Point(Double(digits[$0]), Double(digits[$0 + 1]))
      }
      return isCurve ? curve(points) : points
    }
  }

  /// A quadratic B-spline through the middles between inner control points.
  private static func curve(_ control: [Point]) -> [Point] {
    guard control.count > 2, let first = control.first, let last = control.last else {
      return control
    }
    func middle(_ a: Point, _ b: Point) -> Point { Point((a.x + b.x) / 2, (a.y + b.y) / 2) }
    let isClosed = first == last
    var start = isClosed ? middle(first, control[1]) : first
    let ring = isClosed ? Array(control[1...]) + [control[1]] : Array(control[1...])
    var points = [start]
    for i in 0..<(ring.count - 1) {
      let isLast = !isClosed && i == ring.count - 2
      let end = isLast ? last : middle(ring[i], ring[i + 1])
      for step in 1...6 {
        let t = Double(step) / 6
        let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
        points.append(
          Point(
            a * start.x + b * ring[i].x + c * end.x, a * start.y + b * ring[i].y + c * end.y))
      }
      start = end
    }
    return points
  }
}
