import Drawing
import Geometry
import Images
import Testing

@Suite struct StrokeFontTests {
  private let printable = (33...126).map { Character(UnicodeScalar(UInt8($0))) }

  private func picture(_ text: String, size: Double, weight: StrokeFont.Weight) -> Image {
    let font = StrokeFont(size: size, weight: weight)
    var canvas = Canvas(
      width: max(Int(font.width(of: text)), 1) + 8, height: Int(size) + 8, background: .black)
    canvas.text(text, at: Point(4, 4), font: font, .white)
    return canvas.image
  }

  @Test(arguments: [11.0, 16, 24], StrokeFont.Weight.allCases)
  func everyCharacterHasInkAndNoTwoAreAlike(_ size: Double, _ weight: StrokeFont.Weight) {
    var seen: [[UInt8]: Character] = [:]
    for character in printable {
      let image = picture(String(character), size: size, weight: weight)
      #expect(paint(image) > 1, "\(character)")
      #expect(seen[image.pixels] == nil, "\(character) looks like another")
      seen[image.pixels] = character
    }
    #expect(seen.count == 94)
  }

  @Test func differencesAreLargeEnoughToBeSeen() {
    // Pairs that are easily confused; in pixels of ink at the size used on photos.
    for (a, b) in [
      ("0", "O"), ("1", "l"), ("I", "l"), ("5", "S"), ("8", "B"), ("2", "Z"), ("c", "e"),
    ] {
      let first = picture(a, size: 16, weight: .bold)
      let second = picture(b, size: 16, weight: .bold)
      let difference = zip(first.pixels, second.pixels).reduce(0.0) {
        $0 + abs(Double($1.0) - Double($1.1))
      }
      #expect(difference / (3 * 255) > 4, "\(a) and \(b)")
    }
  }

  @Test(arguments: [11.0, 16, 33])
  func inkStaysInItsCell(_ size: Double) {
    for character in printable {
      let image = picture(String(character), size: size, weight: .bold)
      for y in 0..<image.height {
        for x in 0..<image.width {
          let isOutside =
            x < 3 || y < 3 || x >= image.width - 3 || y >= image.height - 3
          if isOutside { #expect(image[x, y].red == 0, "\(character) at (\(x), \(y))") }
        }
      }
    }
  }

  @Test func spacesAreEmptyAndStrangersAreFrames() {
    #expect(paint(picture(" ", size: 16, weight: .bold)) == 0)
    let frame = picture("é", size: 16, weight: .bold)
    #expect(paint(frame) > 10)
    #expect(frame == picture("字", size: 16, weight: .bold))
  }

  @Test func textRunsFromItsAnchor() {
    let font = StrokeFont(size: 16)
    #expect(font.width(of: "abcd") == 32)
    func columns(_ anchor: TextAnchor) -> ClosedRange<Int>? {
      var canvas = Canvas(width: 100, height: 20, background: .black)
      canvas.text("HHHH", at: Point(50, 2), font: font, .white, anchor: anchor)
      let inked = (0..<100).filter { x in (0..<20).contains { canvas.image[x, $0].red > 0 } }
      guard let first = inked.first, let last = inked.last else { return nil }
      return first...last
    }
    let leading = columns(.leading)
    #expect(leading.map { (50...53).contains($0.lowerBound) } == true)
    #expect(leading.map { $0.lowerBound - 16 } == columns(.center)?.lowerBound)
    #expect(leading.map { $0.lowerBound - 32 } == columns(.trailing)?.lowerBound)
  }

  @Test func verticalTextIsTheSameTurned() {
    let font = StrokeFont(size: 16)
    var flat = Canvas(width: 40, height: 40, background: .black)
    flat.text("F7", at: Point(4, 10), font: font, .white)
    var turned = Canvas(width: 40, height: 40, background: .black)
    turned.text("F7", at: Point(10, 36), font: font, .white, isVertical: true)
    for y in 0..<40 {
      for x in 0..<40 {
        let difference = Int(flat.image[x, y].red) - Int(turned.image[y, 39 - x].red)
        #expect(abs(difference) <= 1)
      }
    }
  }

  @Test func labelsStandOutFromTheirBackground() {
    let colors = (0..<100).flatMap { [Palette.plotColor($0), Palette.photoColor($0)] }
    for color in colors {
      #expect(abs(color.lightness - color.readableText.lightness) > 0.4)
    }
  }

  @Test func colorsOfAPaletteDiffer() {
    for palette in [Palette.plotColors, Palette.photoColors] {
      #expect(palette.count == 20)
      for (index, color) in palette.enumerated() {
        for other in palette[..<index] {
          let distance =
            abs(Int(color.red) - Int(other.red)) + abs(Int(color.green) - Int(other.green))
            + abs(Int(color.blue) - Int(other.blue))
          #expect(distance >= 60)
        }
      }
    }
    #expect(Set((0..<80).map(Palette.photoColor)).count == 80)
  }
}
