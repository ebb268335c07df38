import Geometry
package import Images

/// Pictures beside each other with captions, a title, and the colour bar that belongs to them.
package struct HeatMapFigure: Sendable {
  /// A picture with what it shows.
  package struct Panel: Sendable {
    /// The line above it.
    package let caption: String
    /// The picture.
    package let image: Image

    /// A picture with a caption.
    package init(caption: String, image: Image) {
      self.caption = caption
      self.image = image
    }
  }

  /// The first line.
  package var title: String
  /// The last line, for numbers.
  package var note: String
  /// From left to right.
  package var panels: [Panel]
  /// Whose colours the bar explains.
  package var map: HeatMap
  /// Stands above the bar.
  package var unit: String
  /// Whether the bar explains the stripes for missing values.
  package var showsMissing: Bool

  private static let ink = Color(hex: 0x222222)
  private static let margin = 12
  private let font = StrokeFont(size: 18)
  private let titleFont = StrokeFont(size: 18, weight: .bold)

  /// A figure of at least one panel.
  package init(
    title: String, note: String = "", panels: [Panel], map: HeatMap, unit: String,
    showsMissing: Bool = false
  ) {
    precondition(!panels.isEmpty, "no panel")
    self.title = title
    self.note = note
    self.panels = panels
    self.map = map
    self.unit = unit
    self.showsMissing = showsMissing
  }

  /// Where the upper left corner of each panel's picture is.
  var corners: [(x: Int, y: Int)] {
    var x = Self.margin
    return panels.map { panel in
      defer { x += columnWidth(panel) + Self.margin }
      return (x, top)
    }
  }

  private var line: Int { Int((font.size * 1.3).rounded()) }
  private var top: Int { Self.margin + 2 * line }

  private func columnWidth(_ panel: Panel) -> Int {
    max(panel.image.width, Int(font.width(of: panel.caption)))
  }

  /// The figure as a picture.
  package func image() -> Image {
    // A bar shorter than this has no room for its marks.
    let height = max(panels.map(\.image.height).max() ?? 0, 160)
    let bar = ColorBar(map: map, unit: unit, showsMissing: showsMissing, font: font)
    let barX = Self.margin + panels.reduce(0) { $0 + columnWidth($1) + Self.margin }
    let content = barX + bar.width(height: height) + Self.margin
    let texts = [titleFont.width(of: title), font.width(of: note)]
    let textWidth = Int(texts.max() ?? 0) + 2 * Self.margin
    let noteHeight = note.isEmpty ? 0 : line
    var canvas = Canvas(
      width: max(content, textWidth), height: top + height + noteHeight + Self.margin)
    canvas.text(
      title, at: Point(Double(Self.margin), Double(Self.margin)), font: titleFont, Self.ink)
    for (panel, corner) in zip(panels, corners) {
      canvas.text(
        panel.caption, at: Point(Double(corner.x), Double(Self.margin + line)), font: font,
        Self.ink)
      canvas.draw(panel.image, x: corner.x, y: corner.y)
    }
    bar.draw(on: &canvas, x: barX, y: top, height: height)
    canvas.text(
      note, at: Point(Double(Self.margin), Double(top + height) + font.size * 0.3), font: font,
      Self.ink)
    return canvas.image
  }
}
