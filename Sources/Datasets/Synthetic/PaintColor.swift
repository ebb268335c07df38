import Compute
import Images

/// Red, green and blue, 0...255.
struct PaintColor {
  let values: SIMD3<Float>

  /// Channels within a range.
  static func random(in range: ClosedRange<Float>, using random: inout RandomStream) -> PaintColor {
    PaintColor(
      values: SIMD3(random.uniform(range), random.uniform(range), random.uniform(range)))
  }

  /// Each channel moved by up to an amount.
  func shifted(by amount: Float, using random: inout RandomStream) -> PaintColor {
    let change = SIMD3(
      random.uniform(-amount...amount), random.uniform(-amount...amount),
      random.uniform(-amount...amount))
    return PaintColor(values: values + change)
  }

  /// A share of the way to another colour.
  func mixed(_ other: PaintColor, _ share: Float) -> PaintColor {
    PaintColor(values: values + share * (other.values - values))
  }

  /// A share of the way to grey.
  func muted(by share: Float) -> PaintColor {
    mixed(PaintColor(values: SIMD3(repeating: values.sum() / 3)), share)
  }

  /// All channels moved by an amount.
  func lighter(by amount: Float) -> PaintColor { PaintColor(values: values + amount) }

  /// Euclidean.
  func distance(to other: PaintColor) -> Float {
    let difference = values - other.values
    return (difference * difference).sum().squareRoot()
  }

  /// 0 below 0, 1 above 1, and a smooth curve between them: how much of a pixel at an edge is covered.
  static func smoothStep(_ value: Float) -> Float {
    let t = min(1, max(0, value))
    return t * t * (3 - 2 * t)
  }
}

extension Image {
  /// Mixes a colour into a pixel; `opacity` 0...1.
  mutating func paint(_ x: Int, _ y: Int, _ color: PaintColor, _ opacity: Float) {
    let i = 3 * (y * width + x)
    for c in 0..<3 {
      let old = Float(pixels[i + c])
      pixels[i + c] = UInt8(min(255, max(0, old + opacity * (color.values[c] - old))))
    }
  }
}
