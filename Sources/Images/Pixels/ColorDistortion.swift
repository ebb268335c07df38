/// A change of hue, saturation and exposure, as in Darknet: in HSV space, then clipped to 0...1.
package struct ColorDistortion: Hashable, Sendable {
  /// Added to the hue, in turns of the colour circle.
  package var hue: Float = 0
  /// Factor of the saturation.
  package var saturation: Float = 1
  /// Factor of the value (brightness).
  package var exposure: Float = 1

  /// No change, unless told otherwise.
  package init(hue: Float = 0, saturation: Float = 1, exposure: Float = 1) {
    self.hue = hue
    self.saturation = saturation
    self.exposure = exposure
  }

  /// Whether nothing is changed.
  package var isIdentity: Bool { hue == 0 && saturation == 1 && exposure == 1 }

  /// A grey value after the change: only the exposure shows.
  func applied(to grey: Float) -> Float { min(1, max(0, grey * exposure)) }

  /// Changes pixels that lie in three planes of equal size.
  ///
  /// With v the largest value, d = v − the smallest and h the hue in sixths of a turn, each channel
  /// is v′ − s′v′ · clamp(min(k, 4 − k), 0, 1), k = (n + h) mod 6, n = 5, 3, 1 for red, green, blue.
  /// s′v′ = (d · saturation) · exposure, so black needs no special case. There are no branches, so
  /// that the compiler can take several pixels at once.
  package func apply(
    _ red: UnsafeMutableBufferPointer<Float>, _ green: UnsafeMutableBufferPointer<Float>,
    _ blue: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(green.count == red.count && blue.count == red.count, "planes of unequal size")
    let turn = 6 * (hue - hue.rounded(.down))
    let gain = saturation * exposure
    for i in red.indices {
      let (r, g, b) = (red[i], green[i], blue[i])
      let largest = ColorDistortion.larger(r, ColorDistortion.larger(g, b))
      let smallest = ColorDistortion.smaller(r, ColorDistortion.smaller(g, b))
      let range = largest - smallest
      let inverse = 1 / (range > 0 ? range : 1)
      let towardBlue = 4 + (r - g) * inverse
      let towardGreen = 2 + (b - r) * inverse
      let towardRed = (g - b) * inverse
      let sixths = turn + (r == largest ? towardRed : g == largest ? towardGreen : towardBlue)
      let value = largest * exposure
      let chroma = range * gain
      red[i] = ColorDistortion.channel(sixths + 5, value, chroma)
      green[i] = ColorDistortion.channel(sixths + 3, value, chroma)
      blue[i] = ColorDistortion.channel(sixths + 1, value, chroma)
    }
  }

  @inline(__always)
  private static func channel(_ sum: Float, _ value: Float, _ chroma: Float) -> Float {
    // 0 ..< 16, so two subtractions do what a slow remainder would.
    let once = sum >= 6 ? sum - 6 : sum
    let k = once >= 6 ? once - 6 : once
    let slope = larger(0, smaller(smaller(k, 4 - k), 1))
    return larger(0, smaller(value - chroma * slope, 1))
  }

  // Unlike max and min these ignore NaN, which cannot occur, and become one instruction.
  @inline(__always)
  private static func larger(_ a: Float, _ b: Float) -> Float { a > b ? a : b }

  @inline(__always)
  private static func smaller(_ a: Float, _ b: Float) -> Float { a < b ? a : b }
}
