import Compute
import Foundation
import Images

/// What drawn objects lie on: two colours mixed by noise, with a few faint streaks.
struct SyntheticGround {
  /// The two colours.
  let colors: (PaintColor, PaintColor)

  /// Paints all of a picture.
  init(on image: inout Image, random: RandomStream) {
    var random = random
    let noise = ValueNoise(seed: UInt32(truncatingIfNeeded: random.next()))
    let base = PaintColor.random(in: 50...190, using: &random).muted(by: 0.55)
    colors = (base, base.shifted(by: 45, using: &random))
    let scale = random.uniform(0.02...0.08)
    let streak = PaintColor.random(in: 40...210, using: &random)
    let angle = random.uniform(0...Float.pi)
    let (sine, cosine) = (sin(angle), cos(angle))
    let grain = random.uniform(4...14)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let (u, v) = (Float(x), Float(y))
        let along = u * cosine + v * sine
        let across = v * cosine - u * sine
        let lines = noise.value(along * scale * 0.3 + 90, across * scale * 3)
        var color = colors.0.mixed(colors.1, noise.fractal(u * scale, v * scale))
        color = color.mixed(streak, max(0, lines - 0.7))
        image.paint(x, y, color.lighter(by: grain * noise.pixel(x, y)), 1)
      }
    }
  }

  /// Between the two colours.
  var middle: PaintColor { colors.0.mixed(colors.1, 0.5) }
}
