/// An opaque colour, 8 bits a channel, as it is stored in the picture.
package struct Color: Hashable, Sendable {
  /// Red, 0...255.
  package var red: UInt8
  /// Green, 0...255.
  package var green: UInt8
  /// Blue, 0...255.
  package var blue: UInt8

  /// A colour from its channels.
  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// A colour from 0xRRGGBB.
  package init(hex: UInt32) {
    self.init(
      red: UInt8(hex >> 16 & 0xFF), green: UInt8(hex >> 8 & 0xFF), blue: UInt8(hex & 0xFF))
  }

  /// Black.
  package static let black = Color(hex: 0x000000)
  /// White.
  package static let white = Color(hex: 0xFFFFFF)

  /// How light the colour looks, 0...1, by the weights of Rec601 on the stored values.
  package var lightness: Double {
    (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
  }

  /// Black or white, whichever reads better on this colour.
  package var readableText: Color { lightness > 0.55 ? .black : .white }

  /// This colour, mixed with white until it looks at least so light, 0...1.
  func lightened(to least: Double) -> Color {
    guard lightness < least else { return self }
    let share = (least - lightness) / (1 - lightness)
    func mixed(_ value: UInt8) -> UInt8 {
      UInt8((Double(value) + (255 - Double(value)) * share).rounded())
    }
    return Color(red: mixed(red), green: mixed(green), blue: mixed(blue))
  }
}
