import Compute
import Foundation

/// The shapes, in the order of ``Synthesizer/classNames``.
enum ShapeKind: Int, CaseIterable, Sendable {
  case circle, ellipse, rectangle, square, star, triangle
}

/// A shape with its place and looks.
struct PlacedShape: Sendable {
  let kind: ShapeKind
  /// The middle, in pixels.
  let x: Float
  let y: Float
  /// From the middle to the farthest point, in pixels.
  let radius: Float
  /// How much of it is hidden, 0...1.
  let occlusion: Float
  /// How soft and faint it is, 0...1.
  let blur: Float
  private let sine: Float
  private let cosine: Float
  /// Half sides, half axes, or outer and inner radius.
  private let long: Float
  private let short: Float

  init(
    kind: ShapeKind, x: Float, y: Float, radius: Float, occlusion: Float, blur: Float,
    using random: inout RandomStream
  ) {
    self.kind = kind
    self.x = x
    self.y = y
    self.radius = radius
    self.occlusion = occlusion
    self.blur = blur
    let fading = max(occlusion, blur)
    // Long shapes become nearly even ones as ambiguity grows.
    let clear = random.uniform(1.6...2.1)
    let vague = random.uniform(1.08...1.25)
    let aspect = clear + fading * (vague - clear)
    switch kind {
    case .circle: (long, short) = (radius, radius)
    case .ellipse: (long, short) = (radius, radius / aspect)
    case .square: (long, short) = (radius / 1.4143, radius / 1.4143)
    case .rectangle:
      let diagonal = (1 + 1 / (aspect * aspect)).squareRoot()
      (long, short) = (radius / diagonal, radius / diagonal / aspect)
    case .star: (long, short) = (radius, radius * (0.42 + 0.15 * fading))
    case .triangle: (long, short) = (radius, radius / 2)
    }
    let angle = random.uniform(-Float.pi...Float.pi)
    sine = sin(angle)
    cosine = cos(angle)
  }

  /// 0...1, the stronger of the two.
  var ambiguity: Float { max(occlusion, blur) }

  /// How far a point lies outside (negative: inside), in pixels, roughly.
  func distance(_ px: Float, _ py: Float) -> Float {
    let u = (px - x) * cosine + (py - y) * sine
    let v = (py - y) * cosine - (px - x) * sine
    switch kind {
    case .circle, .ellipse:
      let a = u / long
      let b = v / short
      return ((a * a + b * b).squareRoot() - 1) * short
    case .square, .rectangle:
      return max(abs(u) - long, abs(v) - short)
    case .triangle:
      // Three edges at half the radius.
      return max(v, max(0.8660254 * u - 0.5 * v, -0.8660254 * u - 0.5 * v)) - short
    case .star:
      // Straight edges between five outer and five inner corners, 36 degrees apart.
      let sector = Float.pi / 5
      let turn = abs(atan2(v, u))
      let angle = abs(turn - 2 * sector * (turn / (2 * sector)).rounded())
      let edge =
        long * short * sin(sector) / (long * sin(angle) + short * sin(sector - angle))
      return ((u * u + v * v).squareRoot() - edge) * 0.6
    }
  }
}
