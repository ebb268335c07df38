/// Smooth random values over the plane.
package struct ValueNoise {
  private let seed: UInt32

  package init(seed: UInt32) { self.seed = seed }

  /// Four octaves of ``value(_:_:)``, about 0...1.
  package func fractal(_ x: Float, _ y: Float) -> Float {
    var sum: Float = 0
    var weight: Float = 0.53
    var scale: Float = 1
    for octave in 0..<4 {
      sum += weight * value(x * scale + 17 * Float(octave), y * scale)
      weight *= 0.5
      scale *= 2.1
    }
    return sum
  }

  /// Random values on the integer grid, 0...1, with smooth transitions.
  package func value(_ x: Float, _ y: Float) -> Float {
    let column = x.rounded(.down)
    let row = y.rounded(.down)
    let u = smooth(x - column)
    let v = smooth(y - row)
    let (i, j) = (Int32(column), Int32(row))
    let upper = corner(i, j) + u * (corner(i + 1, j) - corner(i, j))
    let lower = corner(i, j + 1) + u * (corner(i + 1, j + 1) - corner(i, j + 1))
    return upper + v * (lower - upper)
  }

  /// Independent values of pixels, -1...1.
  package func pixel(_ x: Int, _ y: Int) -> Float {
    2 * corner(Int32(truncatingIfNeeded: x), Int32(truncatingIfNeeded: y + 77_777)) - 1
  }

  private func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }

  private func corner(_ x: Int32, _ y: Int32) -> Float {
    var hash = seed ^ (UInt32(bitPattern: x) &* 0x85EB_CA6B)
    hash ^= UInt32(bitPattern: y) &* 0xC2B2_AE35
    hash = (hash ^ (hash >> 15)) &* 0x2C1B_3C6D
    hash = (hash ^ (hash >> 12)) &* 0x297A_2D39
    hash ^= hash >> 15
    return Float(hash >> 8) * 0x1p-24
  }
}
