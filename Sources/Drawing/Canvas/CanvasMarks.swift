import Foundation
import Geometry

extension Canvas {
  /// Draws a smooth circle of a pen's width about a radius, in pixels.
  mutating func ring(
    at center: Point, radius: Double, _ color: Color, width: Double = 1, alpha: Double = 1
  ) {
    guard center.isFinite else { return }
    let corners = min(max(Int(radius * 3), 16), 180)
    let points = (0...corners).map { index in
      let angle = 2 * Double.pi * Double(index) / Double(corners)
      return Point(center.x + radius * cos(angle), center.y + radius * sin(angle))
    }
    polyline(points, color, width: width, alpha: alpha)
  }

  /// Draws a smooth upright cross whose arms reach so far from the middle, in pixels.
  mutating func cross(
    at center: Point, reach: Double, _ color: Color, width: Double = 1, alpha: Double = 1
  ) {
    guard center.isFinite else { return }
    let gap = Point(.nan, .nan)
    polyline(
      [
        Point(center.x - reach, center.y), Point(center.x + reach, center.y), gap,
        Point(center.x, center.y - reach), Point(center.x, center.y + reach),
      ], color, width: width, alpha: alpha)
  }
}
