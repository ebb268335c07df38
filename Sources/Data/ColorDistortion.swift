/// A change of hue, saturation and exposure, as in Darknet: in HSV space, then clipped to 0...1.
public struct ColorDistortion: Hashable, Sendable {
  /// Added to the hue, in turns of the colour circle.
  public var hue: Float = 0
  /// Factor of the saturation.
  public var saturation: Float = 1
  /// Factor of the value (brightness).
  public var exposure: Float = 1

  /// No change, unless told otherwise.
  public init(hue: Float = 0, saturation: Float = 1, exposure: Float = 1) {
    self.hue = hue
    self.saturation = saturation
    self.exposure = exposure
  }

  /// Whether nothing is changed.
  public var isIdentity: Bool { hue == 0 && saturation == 1 && exposure == 1 }

  /// A grey value after the change: only the exposure shows.
  func applied(to grey: Float) -> Float { min(1, max(0, grey * exposure)) }

  /// Changes eight pixels.
  ///
  /// With v the largest value, d = v − the smallest and h the hue in sixths of a turn, each channel
  /// is v′ − s′v′ · clamp(min(k, 4 − k), 0, 1), k = (n + h) mod 6, n = 5, 3, 1 for red, green, blue.
  /// s′v′ = (d · saturation) · exposure, so black needs no special case.
  @inline(__always)
  func apply(
    _ red: inout SIMD8<Float>, _ green: inout SIMD8<Float>, _ blue: inout SIMD8<Float>
  ) {
    let zero = SIMD8<Float>(repeating: 0)
    let one = SIMD8<Float>(repeating: 1)
    let largest = pointwiseMax(red, pointwiseMax(green, blue))
    let range = largest - pointwiseMin(red, pointwiseMin(green, blue))
    let isGrey = range .== 0
    let inverse = 1 / range.replacing(with: one, where: isGrey)
    var sixths = 4 + (red - green) * inverse
    sixths.replace(with: 2 + (blue - red) * inverse, where: green .== largest)
    sixths.replace(with: (green - blue) * inverse, where: red .== largest)
    sixths.replace(with: zero, where: isGrey)
    sixths += 6 * hue
    let value = largest * exposure
    let chroma = range * (saturation * exposure)
    func channel(_ n: Float) -> SIMD8<Float> {
      let sum = sixths + n
      let k = sum - 6 * (sum / 6).rounded(.down)
      let slope = pointwiseMax(zero, pointwiseMin(pointwiseMin(k, 4 - k), one))
      return pointwiseMax(zero, pointwiseMin(value - chroma * slope, one))
    }
    red = channel(5)
    green = channel(3)
    blue = channel(1)
  }
}
