/// Colours for classes and curves that stay apart.
///
/// Each list was chosen colour by colour, the next one as far as possible (CIE Lab) from those
/// before it, within a range of lightness that suits its ground.
package enum Palette {
  /// Twenty dark to medium colours for curves on white.
  package static let plotColors: [Color] = [
    0xE11E2D, 0x0000FF, 0x00C300, 0xF087F0, 0xD2A500, 0x00B4FF, 0x0F5A1E, 0x782D4B,
    0x003CA5, 0xF000FF, 0x00C3B4, 0xE19678, 0xFF0087, 0xA5B469, 0x694B00, 0x004B78,
    0xFF7800, 0x870087, 0x875AFF, 0xB487B4,
  ].map(Color.init(hex:))

  /// Twenty light, saturated colours for boxes on photos.
  package static let photoColors: [Color] = [
    0xFF3C3C, 0x00FF00, 0xC300FF, 0xFFD200, 0x0087F0, 0x00FFD2, 0xFF69C3, 0x4B870F,
    0xFFB487, 0x00D2FF, 0xFF8700, 0xB4F03C, 0xC3E196, 0x965AE1, 0x00E169, 0xE1B4FF,
    0x967800, 0xC35A69, 0x0F9678, 0xF00069,
  ].map(Color.init(hex:))

  /// The colour of curve `index` ≥ 0 on white; past the twentieth, hues at the golden angle.
  package static func plotColor(_ index: Int) -> Color {
    index < plotColors.count ? plotColors[index] : hue(index, brightness: [0.8, 0.6, 0.7])
  }

  /// The colour of class `index` ≥ 0 on a photo; past the twentieth, hues at the golden angle.
  package static func photoColor(_ index: Int) -> Color {
    index < photoColors.count ? photoColors[index] : hue(index, brightness: [1, 0.85, 0.95])
  }

  /// A saturated colour; hues go from red over green and blue back to red.
  private static func hue(_ index: Int, brightness: [Double]) -> Color {
    let turns = Double(index) * 0.618_033_988_749_895
    let strength = brightness[index % brightness.count]
    func channel(_ offset: Double) -> UInt8 {
      let position = (turns + offset).truncatingRemainder(dividingBy: 1) * 6
      let wave = min(max(abs(position - 3) - 1, 0), 1)
      return UInt8((255 * strength * (0.1 + 0.9 * wave)).rounded())
    }
    return Color(red: channel(0), green: channel(2.0 / 3), blue: channel(1.0 / 3))
  }
}
