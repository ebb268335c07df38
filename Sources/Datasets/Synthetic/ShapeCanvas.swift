import Compute
import Foundation
import Images

/// A picture being drawn, and which object every pixel shows.
struct ShapeCanvas {
  private(set) var image: Image
  private var owner: [Int32]
  private var totals: [Int: Total] = [:]
  private let ground: SyntheticGround

  /// Pixels of a whole shape, whatever covers them later.
  private struct Total {
    var count = 0
    var left = Int.max
    var top = Int.max
    var right = -1
    var bottom = -1

    mutating func add(_ x: Int, _ y: Int) {
      count += 1
      left = min(left, x)
      top = min(top, y)
      right = max(right, x)
      bottom = max(bottom, y)
    }
  }

  /// Paints the ground.
  init(width: Int, height: Int, random: RandomStream) {
    image = Image(width: width, height: height)
    owner = [Int32](repeating: -1, count: width * height)
    ground = SyntheticGround(on: &image, random: random)
  }

  /// Paints a shape, then what hides a part of it.
  mutating func draw(_ shape: PlacedShape, id: Int, random: RandomStream) {
    var random = random
    var color = PaintColor.random(in: 30...225, using: &random)
    let middle = ground.middle
    for _ in 0..<20 where color.distance(to: middle) < 110 {
      color = PaintColor.random(in: 30...225, using: &random)
    }
    let noise = ValueNoise(seed: UInt32(truncatingIfNeeded: random.next()))
    let softness = 0.8 + 0.35 * shape.blur * shape.radius
    let opacity = 1 - 0.55 * shape.blur
    let shade = random.uniform(-35...35)
    forPixels(around: shape, margin: softness) { canvas, x, y in
      let distance = shape.distance(Float(x) + 0.5, Float(y) + 0.5)
      let cover = PaintColor.smoothStep(0.5 - 0.5 * distance / softness)
      guard cover > 0 else { return }
      if distance <= 0 {
        canvas.totals[id, default: Total()].add(x, y)
        canvas.owner[y * canvas.image.width + x] = Int32(id)
      }
      let slope = shade * (Float(y) - shape.y) / shape.radius
      let texture = 40 * (noise.fractal(Float(x) * 0.12, Float(y) * 0.12) - 0.5)
      canvas.image.paint(x, y, color.lighter(by: slope + texture), cover * opacity)
    }
    hide(shape, noise, &random)
  }

  /// Lays a patch of ground-like texture over one side of a shape.
  private mutating func hide(
    _ shape: PlacedShape, _ noise: ValueNoise, _ random: inout RandomStream
  ) {
    let share = shape.occlusion * random.uniform(0.6...1)
    let angle = random.uniform(-Float.pi...Float.pi)
    let color = ground.colors.1.shifted(by: 50, using: &random)
    guard share > 0.05 else { return }
    let (sine, cosine) = (sin(angle), cos(angle))
    let begin = shape.radius * (1 - 1.7 * share)
    forPixels(around: shape, margin: 0.3 * shape.radius) { canvas, x, y in
      let u = Float(x) + 0.5 - shape.x
      let v = Float(y) + 0.5 - shape.y
      let wave = shape.radius * 0.5 * (noise.fractal(u * 0.07 + 50, v * 0.07 + 50) - 0.5)
      let along = u * cosine + v * sine - begin + wave
      let around = 1.2 * shape.radius - (u * u + v * v).squareRoot() + wave
      let cover = PaintColor.smoothStep(0.5 + 0.6 * min(along, around))
      guard cover > 0 else { return }
      if cover > 0.5 { canvas.owner[y * canvas.image.width + x] = -1 }
      let texture = 60 * (noise.fractal(u * 0.2, v * 0.2) - 0.5)
      canvas.image.paint(x, y, color.lighter(by: texture), cover)
    }
  }

  /// The drawn objects with what is left to be seen of them; those without a pixel are left out.
  func objects(_ shapes: [PlacedShape]) -> [Synthesizer.Object] {
    var visible = [Int](repeating: 0, count: shapes.count)
    for id in owner where id >= 0 { visible[Int(id)] += 1 }
    return shapes.indices.compactMap { id in
      guard let total = totals[id], total.right > total.left, total.bottom > total.top else {
        return nil
      }
      return Synthesizer.Object(
        classIndex: shapes[id].kind.rawValue,
        corners: [total.left + 1, total.top + 1, total.right + 1, total.bottom + 1],
        visibleFraction: Float(visible[id]) / Float(total.count), ambiguity: shapes[id].ambiguity,
        isTruncated: total.left == 0 || total.top == 0 || total.right == image.width - 1
          || total.bottom == image.height - 1)
    }
  }

  private mutating func forPixels(
    around shape: PlacedShape, margin: Float,
    _ body: (inout ShapeCanvas, _ x: Int, _ y: Int) -> Void
  ) {
    let reach = shape.radius + margin
    let columns = max(0, Int(shape.x - reach))..<min(image.width, Int(shape.x + reach) + 2)
    let rows = max(0, Int(shape.y - reach))..<min(image.height, Int(shape.y + reach) + 2)
    for y in rows { for x in columns { body(&self, x, y) } }
  }
}
