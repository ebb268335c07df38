import Geometry

/// The surroundings of a person, which are what a network sees of a picture; may reach out of it.
enum PersonRegion {
  /// What a region is larger than what it surrounds.
  static let margin = 1.25
  /// Pixels of the side of MPII's square for a person of scale 1, without ``margin``.
  static let unit = 200.0

  /// A box that is ``margin`` times as wide and high, about the same centre.
  static func around(_ box: Box) -> Box {
    Box(
      centerX: box.centerX, centerY: box.centerY, width: Float(margin) * box.width,
      height: Float(margin) * box.height)
  }

  /// The square about the centre of the box around some points: its side is ``margin`` times the box's
  /// longer one.
  ///
  /// - Parameters:
  ///   - points: In pixels.
  ///   - least: The least side, where points say little of a person's size.
  /// - Returns: nil without points.
  static func square(around points: [Point], atLeast least: Double) -> Box? {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let top = points.map(\.y).min(), let bottom = points.map(\.y).max()
    else { return nil }
    let side = Float(max(least, margin * max(right - left, bottom - top)))
    return Box(
      centerX: Float((left + right) / 2), centerY: Float((top + bottom) / 2), width: side,
      height: side)
  }

  /// MPII's square: 200 · scale · 1.25 pixels about a centre that lies 15 · scale lower than annotated,
  /// so that the feet are inside.
  ///
  /// - Parameters:
  ///   - center: In pixels, 0-based continuous edges.
  ///   - scale: The person's height in units of 200 pixels.
  /// - Returns: The square.
  static func mpii(center: Point, scale: Double) -> Box {
    let side = Float(margin * unit * scale)
    return Box(
      centerX: Float(center.x), centerY: Float(center.y + 15 * scale), width: side, height: side)
  }
}
