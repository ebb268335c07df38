/// A map of the plane that keeps straight lines straight: x′ = a x + b y + c, y′ = d x + e y + f.
package struct AffineMap: Hashable, Sendable {
  /// Of x′.
  package var a, b, c: Double
  /// Of y′.
  package var d, e, f: Double

  /// A map of its six numbers.
  package init(a: Double, b: Double, c: Double, d: Double, e: Double, f: Double) {
    (self.a, self.b, self.c) = (a, b, c)
    (self.d, self.e, self.f) = (d, e, f)
  }

  /// Where a point goes.
  package func callAsFunction(_ point: Point) -> Point {
    Point(a * point.x + b * point.y + c, d * point.x + e * point.y + f)
  }

  /// The map back; nil if the plane becomes a line.
  package var inverse: AffineMap? {
    let determinant = a * e - b * d
    guard determinant != 0, determinant.isFinite else { return nil }
    return AffineMap(
      a: e / determinant, b: -b / determinant, c: (b * f - c * e) / determinant,
      d: -d / determinant, e: a / determinant, f: (c * d - a * f) / determinant)
  }

  /// This map after x has become width − x.
  package func mirrored(width: Double) -> AffineMap {
    AffineMap(a: -a, b: b, c: a * width + c, d: -d, e: e, f: d * width + f)
  }
}
