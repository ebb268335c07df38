/// What the bytes of a tensor stand for: x = (byte − zeroPoint) · scale.
///
/// 0 has a byte of its own, so that padding is exact.
package struct Quantization: Hashable, Sendable, Codable {
  /// The distance of neighbouring values, above 0.
  package let scale: Float
  /// The byte of 0, 0...255.
  package let zeroPoint: Int

  /// The bytes of a scale.
  package init(scale: Float, zeroPoint: Int) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    precondition(isUsable, "no scale of bytes")
  }

  /// The bytes that reach from `low` ≤ 0 to `high` ≥ 0, one of them not 0; the ends move by less than a
  /// step, so that 0 is met.
  package init(low: Float, high: Float) {
    precondition(low <= 0 && high >= 0 && low < high, "a range must hold 0 and more")
    let scale = max((high - low) / 255, .leastNormalMagnitude)
    self.init(scale: scale, zeroPoint: Int(min(255, max(0, (-low / scale).rounded()))))
  }

  /// Whether it is one, which a decoded one need not be.
  package var isUsable: Bool { scale.isFinite && scale > 0 && 0...255 ~= zeroPoint }

  /// The values of the first and the last byte.
  package var range: ClosedRange<Float> {
    Float(-zeroPoint) * scale...Float(255 - zeroPoint) * scale
  }
}
