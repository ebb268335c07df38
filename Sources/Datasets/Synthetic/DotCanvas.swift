import Compute
import Foundation
import Geometry
import Images
import Keypoints

/// A round cell with its place and its looks.
struct PlacedDot: Sendable {
  /// 0: darker in the middle; 1: a ring.
  let kind: Int
  /// The middle, in pixels.
  let center: SIMD2<Float>
  /// In pixels.
  let radius: Float
  /// How soft and faint it is, 0...1.
  let blur: Float
  /// What its colour is lighter than the others', in levels of 255.
  let brightness: Float

  /// From middle to middle, in pixels.
  func distance(to other: PlacedDot) -> Float {
    let way = other.center - center
    return (way * way).sum().squareRoot()
  }
}

/// A picture of cells being drawn.
struct DotCanvas {
  private(set) var image: Image
  private let color: PaintColor

  /// Paints the ground and chooses the colour of the cells.
  init(width: Int, height: Int, random: RandomStream) {
    var random = random
    image = Image(width: width, height: height)
    let ground = SyntheticGround(on: &image, random: random.split(0))
    var color = PaintColor.random(in: 40...215, using: &random)
    for _ in 0..<20 where color.distance(to: ground.middle) < 90 {
      color = PaintColor.random(in: 40...215, using: &random)
    }
    self.color = color
  }

  /// Paints a cell over those that are there.
  mutating func draw(_ dot: PlacedDot, random: RandomStream) {
    var random = random
    let noise = ValueNoise(seed: UInt32(truncatingIfNeeded: random.next()))
    let softness = 0.8 + 0.5 * dot.blur * dot.radius
    let opacity = 0.95 - 0.55 * dot.blur
    let reach = dot.radius * 1.1 + softness
    func range(_ middle: Float, _ limit: Int) -> Range<Int> {
      (Int((middle - reach).rounded(.down))..<Int((middle + reach).rounded(.up)) + 1)
        .clamped(to: 0..<limit)
    }
    for y in range(dot.center.y, image.height) {
      for x in range(dot.center.x, image.width) {
        let way = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - dot.center
        let far = (way * way).sum().squareRoot()
        // A border that is not quite round.
        let wave = dot.radius * 0.2 * (noise.fractal(way.x * 0.11 + 40, way.y * 0.11 + 40) - 0.5)
        var cover = PaintColor.smoothStep(0.5 - 0.5 * (far - dot.radius + wave) / softness)
        guard cover > 0 else { continue }
        let share = far / dot.radius
        let core = PaintColor.smoothStep(1.3 - 2 * share)
        let rim = PaintColor.smoothStep(4 * share - 2.9)
        var light = dot.brightness + 30 * (noise.fractal(Float(x) * 0.2, Float(y) * 0.2) - 0.5)
        light -= 28 * rim
        if dot.kind == 0 {
          light -= 40 * core * (1 - 0.5 * dot.blur)
        } else {
          cover *= 1 - 0.75 * core * (1 - 0.7 * dot.blur)
        }
        image.paint(x, y, color.lighter(by: light + 6 * noise.pixel(x, y)), cover * opacity)
      }
    }
  }

  /// The middles of all cells; one that a later cell lies over is occluded.
  func truth(_ dots: [PlacedDot], layout: KeypointLayout) -> KeypointTruth {
    KeypointTruth(
      layout: layout,
      points: dots.enumerated().map { number, dot in
        let size = (200 * Double(dot.radius)).rounded() / 100
        return LabelledKeypoint(
          index: dot.kind, position: Point(written: dot.center),
          isOccluded: dots[(number + 1)...].contains { $0.distance(to: dot) < $0.radius },
          extent: Point(size, size))
      })
  }
}
