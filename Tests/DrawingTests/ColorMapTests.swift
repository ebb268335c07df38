import Foundation
import TestSupport
import Testing

@testable import Drawing

@Suite struct ColorMapTests {
  private let colors = ColorMap.sequential.colors

  private func linear(_ color: Color) -> [Double] {
    [color.red, color.green, color.blue].map {
      let signal = Double($0) / 255
      return signal <= 0.04045 ? signal / 12.92 : pow((signal + 0.055) / 1.055, 2.4)
    }
  }

  /// CIE L*, by the luminance of sRGB.
  private func lightness(_ color: Color) -> Double {
    let rgb = linear(color)
    let y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2]
    return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27
  }

  /// From sRGB back to OKLab, by the matrices of its definition.
  private func okLab(_ color: Color) -> OKLab {
    let rgb = linear(color)
    let l = cbrt(0.4122214708 * rgb[0] + 0.5363325363 * rgb[1] + 0.0514459929 * rgb[2])
    let m = cbrt(0.2119034982 * rgb[0] + 0.6806995451 * rgb[1] + 0.1073969566 * rgb[2])
    let s = cbrt(0.0883024619 * rgb[0] + 0.2817188376 * rgb[1] + 0.6299787005 * rgb[2])
    return OKLab(
      lightness: 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      a: 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      b: 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)
  }

  @Test func lightnessRisesStrictly() {
    #expect(colors.count == 256)
    for (dark, light) in zip(colors, colors.dropFirst()) {
      #expect(lightness(dark) < lightness(light), "\(dark) \(light)")
    }
    #expect(lightness(colors[0]) < 12 && lightness(colors[255]) > 92)
  }

  @Test func stepsLookEqual() {
    for (places, tolerance) in [(ColorMap.equalSteps(256), 1e-3), (colors.map(okLab), 0.05)] {
      // Sixteen colours apart, where the rounding to bytes is small.
      let steps = stride(from: 0, through: 224, by: 16).map {
        places[$0].distance(to: places[$0 + 16])
      }
      let mean = steps.reduce(0, +) / Double(steps.count)
      #expect(mean > 0.055)
      for step in steps { #expect(abs(step / mean - 1) < tolerance, "\(step) of \(mean)") }
    }
  }

  /// A colour outside sRGB would be cut and come back as another.
  @Test func theCurveLiesWithinSRGB() {
    for (place, color) in zip(ColorMap.equalSteps(256), colors) {
      #expect(okLab(color).distance(to: place) < 0.006)
    }
  }

  @Test func fractionsPickColors() {
    let map = ColorMap([.black, Color(hex: 0x808080), .white])
    #expect(map.color(at: 0) == .black && map.color(at: 0.24) == .black)
    #expect(map.color(at: 0.26) == map.colors[1] && map.color(at: 0.74) == map.colors[1])
    #expect(map.color(at: 0.76) == .white && map.color(at: 1) == .white)
    #expect(map.color(at: -.infinity) == .black && map.color(at: 1e300) == .white)
  }
}
