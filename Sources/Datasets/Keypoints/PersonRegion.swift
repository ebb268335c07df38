import Geometry

/// The surroundings of a person, which are what a network sees of a picture; may reach out of it.
enum PersonRegion {
  /// What a region is larger than what it surrounds.
  static let margin = 1.25
  /// Pixels of the side of MPII's square for a person of scale 1, without ``margin``.
  static let unit = 200.0

  /// No place of a picture is farther away, in pixels, from its corner.
  static let farthest = 1e6

  /// A box that is ``margin`` times as wide and high, about the same centre; nil for one that no picture
  /// has, or without area.
  static func around(_ box: Box) -> Box? {
    usable(
      Box(
        centerX: box.centerX, centerY: box.centerY, width: Float(margin) * box.width,
        height: Float(margin) * box.height))
  }

  /// The box; nil if no picture has it, or if it is empty.
  static func usable(_ box: Box) -> Box? {
    let isNear = [box.left, box.top, box.right, box.bottom].allSatisfy {
      abs($0) <= Float(farthest)
    }
    return isNear && box.width > 0 && box.height > 0 ? box : nil
  }

  /// The square about the centre of the box around some points: its side is ``margin`` times the box's
  /// longer one.
  ///
  /// - Parameters:
  ///   - points: In pixels.
  ///   - least: The least side, where points say little of a person's size.
  /// - Returns: nil without points, and where the side would be 0.
  static func square(around points: [Point], atLeast least: Double) -> Box? {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let top = points.map(\.y).min(), let bottom = points.map(\.y).max()
    else { return nil }
    let side = Float(max(least, margin * max(right - left, bottom - top)))
    return usable(
      Box(
        centerX: Float((left + right) / 2), centerY: Float((top + bottom) / 2), width: side,
        height: side))
  }

  /// MPII's square: 200 · scale · 1.25 pixels about a centre that lies 15 · scale lower than annotated,
  /// so that the feet are inside.
  ///
  /// - Parameters:
  ///   - center: In pixels, 0-based continuous edges.
  ///   - scale: The person's height in units of 200 pixels.
  /// - Returns: The square; nil if no picture has it.
  static func mpii(center: Point, scale: Double) -> Box? {
    let side = Float(margin * unit * scale)
    return usable(
      Box(
        centerX: Float(center.x), centerY: Float(center.y + 15 * scale), width: side, height: side))
  }
}

extension Point {
  /// Whether it can be a place of a picture, or near one, in pixels.
  var isPlace: Bool {
    abs(x) <= PersonRegion.farthest && abs(y) <= PersonRegion.farthest
  }
}
