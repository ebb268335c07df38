package import Geometry
package import Images
package import Uncertainty

/// Shows a grid of values as colours where the image lies under it.
package struct HeatMap: Hashable, Sendable {
  /// What a pixel between the centres of cells shows.
  package enum Sampling: String, CaseIterable, Hashable, Sendable, Codable {
    /// The value of its cell.
    case nearest
    /// A value between those of the four nearest centres.
    case bilinear
  }

  /// The values of the first and the last colour; what lies outside gets these.
  package var range: ClosedRange<Float>
  /// The colours.
  package var colors = ColorMap.sequential
  /// What is shown between centres.
  package var sampling = Sampling.nearest

  private static let missing = (light: Color(hex: 0xB8B8B8), dark: Color(hex: 0x909090))

  /// Colours on a fixed scale, so that the maps of different images can be compared.
  ///
  /// - Parameter range: Finite, not empty.
  package init(range: ClosedRange<Float>) {
    precondition(
      range.lowerBound.isFinite && range.upperBound.isFinite
        && range.lowerBound < range.upperBound, "a colour range of \(range)")
    self.range = range
  }

  /// The colour of a value that is not NaN.
  package func color(of value: Float) -> Color {
    let low = Double(range.lowerBound)
    return colors.color(at: (Double(value) - low) / (Double(range.upperBound) - low))
  }

  /// What stands for a value that is missing at a pixel: grey stripes.
  static func missingColor(x: Int, y: Int) -> Color {
    (x + y) % 8 < 4 ? missing.light : missing.dark
  }

  /// The part of a map that lies over the image.
  ///
  /// - Parameters:
  ///   - grid: Covers the whole network input; NaN becomes grey stripes.
  ///   - placement: Where the image lies in the input.
  ///   - width: Pixels of the picture, ≥ 1; the image's own width makes pixels correspond.
  ///   - height: Likewise.
  /// - Returns: A picture of that size, whose edges are the image's.
  package func picture(
    of grid: ValueGrid, placement: ImagePlacement, width: Int, height: Int
  ) -> Image {
    let placed = PlacedGrid(grid, placement, width: width, height: height)
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      for y in 0..<height {
        for x in 0..<width {
          let value =
            sampling == .nearest ? placed.nearest(x: x, y: y) : placed.bilinear(x: x, y: y)
          let color = value.isNaN ? Self.missingColor(x: x, y: y) : color(of: value)
          let i = 3 * (y * width + x)
          pixels[i] = color.red
          pixels[i + 1] = color.green
          pixels[i + 2] = color.blue
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// The map over the photo in shades of grey, so that all colour is the map's.
  ///
  /// - Parameters:
  ///   - grid: Covers the whole network input.
  ///   - placement: Where the image lies in the input.
  ///   - photo: The image, in its own or any other size.
  ///   - opacity: Of the map, 0...1.
  /// - Returns: A picture of the photo's size.
  package func overlay(
    of grid: ValueGrid, placement: ImagePlacement, on photo: Image, opacity: Double = 0.6
  ) -> Image {
    var result = picture(
      of: grid, placement: placement, width: photo.width, height: photo.height)
    let share = min(max(opacity, 0), 1)
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        let color = Color(
          red: photo.pixels[i], green: photo.pixels[i + 1], blue: photo.pixels[i + 2])
        let grey = color.lightness * 255
        for channel in i..<i + 3 {
          pixels[channel] = UInt8((grey + (Double(pixels[channel]) - grey) * share).rounded())
        }
      }
    }
    return result
  }
}
