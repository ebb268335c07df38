import Compute
import Foundation
import Geometry

/// A figure with its place and its looks.
struct PlacedFigure: Sendable {
  /// How it stands.
  let pose: FigurePose
  /// Pixels of a whole standing body.
  let height: Float
  /// Where the middle of its hips is, in pixels.
  private(set) var origin: SIMD2<Float>
  /// How soft and faint it is, 0...1.
  let blur: Float
  /// How much left and right, front and back differ, 0...1.
  let cue: Float
  private let looks: FigureLooks

  /// A figure with random looks.
  init(
    pose: FigurePose, height: Float, origin: SIMD2<Float>, blur: Float, cue: Float,
    using random: inout RandomStream
  ) {
    self.pose = pose
    self.height = height
    self.origin = origin
    self.blur = blur
    self.cue = cue
    looks = FigureLooks(using: &random)
  }

  /// The same figure at another place.
  func moved(to origin: SIMD2<Float>) -> PlacedFigure {
    var result = self
    result.origin = origin
    return result
  }

  /// Where a joint is, in pixels.
  func position(of joint: Int) -> SIMD2<Float> { origin + pose.joints[joint] * height }

  /// Its joints and all that is drawn around them lie between these, in pixels.
  var bounds: Box {
    let places = pose.joints.indices.map { position(of: $0) }
    let margin = 0.07 * height
    return Box(
      left: (places.map(\.x).min() ?? 0) - margin, top: (places.map(\.y).min() ?? 0) - margin,
      right: (places.map(\.x).max() ?? 0) + margin, bottom: (places.map(\.y).max() ?? 0) + margin)
  }

  /// The head's own box, in pixels.
  var headBox: Box {
    let radius = Self.headRadius * height
    let ends = headEnds
    return Box(
      left: min(ends.0.x, ends.1.x) - radius, top: min(ends.0.y, ends.1.y) - radius,
      right: max(ends.0.x, ends.1.x) + radius, bottom: max(ends.0.y, ends.1.y) + radius)
  }

  private static let headRadius: Float = 0.056

  /// The axis of the head: its top is a little inside, so that the joint lies on it.
  private var headEnds: (SIMD2<Float>, SIMD2<Float>) {
    let (neck, top) = (position(of: 12), position(of: 13))
    return (top + (neck - top) * 0.27, top + (neck - top) * 0.5)
  }

  /// The strokes that a part is made of, in the order of drawing.
  func strokes(of part: FigurePart) -> [FigureStroke] {
    let places = part.joints.map { position(of: $0) }
    func stroke(_ from: SIMD2<Float>, _ to: SIMD2<Float>, _ radius: Float, _ color: PaintColor)
      -> FigureStroke
    {
      FigureStroke(
        corners: [from, to], radius: radius * height, color: tinted(color, part.side))
    }
    switch part {
    case .torso:
      // Hips and shoulders around.
      return [
        FigureStroke(
          corners: [places[0], places[1], places[3], places[2]], radius: 0.042 * height,
          color: looks.shirt)
      ]
    case .neck:
      let head = headEnds.1
      return [stroke(places[0], head, 0.026, looks.skin)]
    case .head:
      let (top, base) = headEnds
      let face = looks.hair.mixed(looks.skin, pose.isFront ? cue : 0)
      return [
        stroke(top, base, Self.headRadius, looks.hair),
        stroke(top + (base - top) * 0.9, base, 0.041, face),
      ]
    case .upperArm:
      return [stroke(places[0], places[1], 0.034, looks.shirt)]
    case .forearm:
      let hand = places[1] + (places[1] - places[0]) * 0.12
      return [
        stroke(places[0], places[1], 0.027, looks.hasLongSleeves ? looks.shirt : looks.skin),
        stroke(places[1], hand, 0.026, looks.skin),
      ]
    case .thigh:
      return [stroke(places[0], places[1], 0.046, looks.trousers)]
    case .shank:
      // Feet point away from the other one.
      let outward: Float = (part.side == .left) == pose.isFront ? 1 : -1
      let foot = places[1] + SIMD2(outward * 0.035, 0.02) * height
      return [
        stroke(places[1] + SIMD2(0, 0.012) * height, foot, 0.024, looks.shoes),
        stroke(places[0], places[1], 0.034, looks.hasLongTrousers ? looks.trousers : looks.skin),
      ]
    }
  }

  /// Left is a little warmer than right.
  private func tinted(_ color: PaintColor, _ side: BodySide?) -> PaintColor {
    guard let side else { return color }
    let strength = (side == .left ? 50 : -50) * cue
    return PaintColor(values: color.values + SIMD3(strength, 0.1 * strength, -strength))
  }
}

/// A line or an area with a thick, round pen.
struct FigureStroke: Sendable {
  /// Two ends of a line, or the corners of an area, in pixels.
  let corners: [SIMD2<Float>]
  /// The pen's, in pixels.
  let radius: Float
  /// Before shade and texture.
  let color: PaintColor

  /// How far a point lies outside (negative: inside), in pixels.
  func distance(_ point: SIMD2<Float>) -> Float {
    var nearest = Float.infinity
    var isInside = false
    for (index, end) in corners.enumerated() {
      let start = corners[(index + corners.count - 1) % corners.count]
      let (edge, way) = (end - start, point - start)
      let length = (edge * edge).sum()
      let share = length > 0 ? min(1, max(0, (edge * way).sum() / length)) : 0
      let rest = way - edge * share
      nearest = min(nearest, (rest * rest).sum())
      if (start.y > point.y) != (end.y > point.y),
        way.x < edge.x * way.y / edge.y
      {
        isInside.toggle()
      }
    }
    return (isInside && corners.count > 2 ? -nearest.squareRoot() : nearest.squareRoot()) - radius
  }
}

/// Colours of body and clothes.
struct FigureLooks: Sendable {
  let skin: PaintColor
  let hair: PaintColor
  let shirt: PaintColor
  let trousers: PaintColor
  let shoes: PaintColor
  let hasLongSleeves: Bool
  let hasLongTrousers: Bool

  /// Random ones.
  init(using random: inout RandomStream) {
    let skins: [SIMD3<Float>] = [
      SIMD3(236, 196, 168), SIMD3(214, 164, 128), SIMD3(160, 112, 80), SIMD3(104, 72, 54),
    ]
    let hairs: [SIMD3<Float>] = [
      SIMD3(40, 32, 28), SIMD3(92, 60, 36), SIMD3(150, 110, 60), SIMD3(120, 120, 118),
    ]
    func chosen(_ colors: [SIMD3<Float>], _ random: inout RandomStream) -> PaintColor {
      PaintColor(values: colors[random.integer(in: 0...colors.count - 1)])
        .shifted(by: 12, using: &random)
    }
    skin = chosen(skins, &random)
    hair = chosen(hairs, &random)
    shirt = PaintColor.random(in: 30...225, using: &random)
    trousers = PaintColor.random(in: 25...180, using: &random).muted(by: 0.4)
    shoes = PaintColor.random(in: 10...110, using: &random)
    hasLongSleeves = random.bernoulli(0.5)
    hasLongTrousers = random.bernoulli(0.6)
  }
}
