import Foundation

/// Colours for numbers: the larger, the lighter.
package struct ColorMap: Hashable, Sendable {
  /// The colours from the smallest value to the largest, at least two.
  package let colors: [Color]

  /// A map of at least two colours.
  package init(_ colors: [Color]) {
    precondition(colors.count > 1, "\(colors.count) colours")
    self.colors = colors
  }

  /// The colour at a fraction of the range; what lies outside 0...1 gets the end's.
  ///
  /// - Parameter fraction: Not NaN.
  /// - Returns: The nearest of ``colors``.
  package func color(at fraction: Double) -> Color {
    let last = colors.count - 1
    return colors[Int((min(max(fraction, 0), 1) * Double(last)).rounded())]
  }

  /// 256 colours from a blackish blue over violet, red and orange to a pale yellow, in equal steps.
  ///
  /// A curve in OKLab (Ottosson 2020), whose distances are those that are seen: the lightness rises
  /// throughout, so that the map also reads in grey, the hue turns evenly, and the chroma is highest
  /// in the middle. The colours are taken at equal distances along the curve.
  package static let sequential = ColorMap(equalSteps(256).map(\.color))

  /// Colours at equal distances along the curve.
  static func equalSteps(_ count: Int) -> [OKLab] {
    let fine = (0...4096).map { OKLab.onCurve(Double($0) / 4096) }
    var lengths = [0.0]
    for (a, b) in zip(fine, fine.dropFirst()) {
      lengths.append(lengths[lengths.count - 1] + a.distance(to: b))
    }
    let total = lengths[lengths.count - 1]
    var segment = 0
    return (0..<count).map { step in
      let wanted = total * Double(step) / Double(count - 1)
      while segment < lengths.count - 2, lengths[segment + 1] < wanted { segment += 1 }
      let part = (wanted - lengths[segment]) / (lengths[segment + 1] - lengths[segment])
      return OKLab.onCurve((Double(segment) + part) / 4096)
    }
  }
}

/// A colour by lightness and two opponent axes, made so that equal distances look equal.
struct OKLab: Hashable {
  /// 0 for black, 1 for white.
  var lightness: Double
  /// From green to red.
  var a: Double
  /// From blue to yellow.
  var b: Double

  func distance(to other: OKLab) -> Double {
    let (l, a, b) = (other.lightness - lightness, other.a - a, other.b - b)
    return (l * l + a * a + b * b).squareRoot()
  }

  /// The curve of ``ColorMap/sequential``, t in 0...1; all of it lies within sRGB.
  static func onCurve(_ t: Double) -> OKLab {
    // A parabola by its start, its pull in the middle and its end.
    let chroma = (1 - t) * (1 - t) * 0.08 + 2 * t * (1 - t) * 0.27 + t * t * 0.08
    let hue = (278 + 190 * t) * Double.pi / 180
    return OKLab(lightness: 0.18 + 0.79 * t, a: chroma * cos(hue), b: chroma * sin(hue))
  }

  /// The nearest sRGB colour of 8 bits, channels cut to their range.
  var color: Color {
    func cubed(_ x: Double) -> Double { x * x * x }
    let l = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return Color(
      red: Self.encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
      green: Self.encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
      blue: Self.encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s))
  }

  /// sRGB's transfer function.
  private static func encoded(_ linear: Double) -> UInt8 {
    let value = min(max(linear, 0), 1)
    let signal = value <= 0.003_130_8 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
    return UInt8((255 * signal).rounded())
  }
}
