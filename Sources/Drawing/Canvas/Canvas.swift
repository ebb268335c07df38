package import Geometry
package import Images

/// A picture to draw on.
///
/// Coordinates are pixels from the left and top edges: pixel (0, 0) covers 0...1. Everything
/// outside the picture is cut off; shapes with NaN coordinates are not drawn. Colours are mixed on
/// the stored values.
package struct Canvas: Sendable {
  /// The picture so far.
  package private(set) var image: Image

  /// A canvas that continues a picture.
  package init(_ image: Image) {
    self.image = image
  }

  /// An empty canvas of at least 1×1 pixels.
  package init(width: Int, height: Int, background: Color = .white) {
    var pixels = [UInt8](repeating: background.red, count: 3 * width * height)
    for i in stride(from: 0, to: pixels.count, by: 3) {
      pixels[i + 1] = background.green
      pixels[i + 2] = background.blue
    }
    image = Image(width: width, height: height, pixels: pixels)
  }

  /// The number of columns.
  package var width: Int { image.width }
  /// The number of rows.
  package var height: Int { image.height }

  /// Fills a rectangle, its edges rounded to whole pixels; `alpha` 0...1 is its opacity.
  package mutating func fill(_ box: Box, _ color: Color, alpha: Double = 1) {
    guard
      let columns = PixelRange.nearest(Double(box.left), Double(box.right), limit: width),
      let rows = PixelRange.nearest(Double(box.top), Double(box.bottom), limit: height)
    else { return }
    for y in rows {
      for x in columns { blend(x, y, color, Float(alpha)) }
    }
  }

  /// Draws a rectangle's outline of a whole number of pixels, just inside its rounded edges.
  ///
  /// A rectangle thinner than the outline is drawn at least one pixel wide and high.
  package mutating func outline(
    _ box: Box, _ color: Color, thickness: Int = 1, alpha: Double = 1
  ) {
    let edges = [box.left, box.top, box.right, box.bottom].map { $0.rounded() }
    guard edges.allSatisfy(\.isFinite), thickness > 0 else { return }
    let left = edges[0]
    let top = edges[1]
    let right = max(edges[2], left + 1)
    let bottom = max(edges[3], top + 1)
    let bar = min(Float(thickness), right - left, bottom - top)
    let innerTop = min(top + bar, bottom)
    let innerBottom = max(bottom - bar, innerTop)
    let sides = [
      Box(left: left, top: top, right: right, bottom: innerTop),
      Box(left: left, top: innerBottom, right: right, bottom: bottom),
      Box(left: left, top: innerTop, right: min(left + bar, right), bottom: innerBottom),
      Box(
        left: max(right - bar, min(left + bar, right)), top: innerTop, right: right,
        bottom: innerBottom),
    ]
    for side in sides { fill(side, color, alpha: alpha) }
  }

  /// Draws a smooth line with round ends.
  package mutating func line(
    from start: Point, to end: Point, _ color: Color, width: Double = 1, alpha: Double = 1
  ) {
    polyline([start, end], color, width: width, alpha: alpha)
  }

  /// Draws smooth lines from point to point; a point that is not finite interrupts them.
  ///
  /// - Parameters:
  ///   - points: The corners; a single point gives a disc.
  ///   - color: The pen's colour.
  ///   - width: The pen's diameter in pixels.
  ///   - alpha: The opacity, 0...1; where lines cross it does not add up.
  ///   - clip: If given, nothing is drawn outside it.
  package mutating func polyline(
    _ points: [Point], _ color: Color, width: Double = 1, alpha: Double = 1, clip: Box? = nil
  ) {
    let finite = points.filter(\.isFinite)
    let xs = finite.map(\.x)
    let ys = finite.map(\.y)
    guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
    else { return }
    let reach = width / 2 + 1
    let limits = clip.map { [$0.left, $0.top, $0.right, $0.bottom].map { Double($0.rounded()) } }
    guard
      var mask = mask(
        left: max(left - reach, limits?[0] ?? -.infinity),
        top: max(top - reach, limits?[1] ?? -.infinity),
        right: min(right + reach, limits?[2] ?? .infinity),
        bottom: min(bottom + reach, limits?[3] ?? .infinity))
    else { return }
    var last: Point?
    for point in points {
      guard point.isFinite else {
        last = nil
        continue
      }
      mask.addStroke(from: last ?? point, to: point, radius: width / 2)
      last = point
    }
    blend(mask, color, alpha: alpha)
  }

  /// Draws a smooth disc.
  package mutating func disc(at center: Point, radius: Double, _ color: Color, alpha: Double = 1) {
    polyline([center], color, width: 2 * radius, alpha: alpha)
  }

  /// Puts a picture with its upper left corner at the given pixel, which is at least 0.
  package mutating func draw(_ picture: Image, x: Int, y: Int) {
    precondition(x >= 0 && y >= 0, "a picture at (\(x), \(y))")
    let count = 3 * min(picture.width, width - x)
    guard count > 0 else { return }
    for row in 0..<max(min(picture.height, height - y), 0) {
      let source = 3 * row * picture.width
      let target = 3 * ((y + row) * width + x)
      image.pixels.replaceSubrange(
        target..<target + count, with: picture.pixels[source..<source + count])
    }
  }

  /// An empty mask of the visible part of a rectangle.
  func mask(left: Double, top: Double, right: Double, bottom: Double) -> CoverageMask? {
    CoverageMask(
      left: left, top: top, right: right, bottom: bottom, pictureWidth: width,
      pictureHeight: height)
  }

  /// Paints a colour where a mask covers the picture.
  mutating func blend(_ mask: CoverageMask, _ color: Color, alpha: Double = 1) {
    for row in 0..<mask.height {
      for column in 0..<mask.width {
        let coverage = mask.values[row * mask.width + column]
        if coverage > 0 {
          blend(mask.originX + column, mask.originY + row, color, coverage * Float(alpha))
        }
      }
    }
  }

  private mutating func blend(_ x: Int, _ y: Int, _ color: Color, _ alpha: Float) {
    let i = 3 * (y * image.width + x)
    let opacity = min(max(alpha, 0), 1)
    func mixed(_ old: UInt8, _ new: UInt8) -> UInt8 {
      UInt8((Float(old) + (Float(new) - Float(old)) * opacity).rounded())
    }
    image.pixels[i] = mixed(image.pixels[i], color.red)
    image.pixels[i + 1] = mixed(image.pixels[i + 1], color.green)
    image.pixels[i + 2] = mixed(image.pixels[i + 2], color.blue)
  }
}
