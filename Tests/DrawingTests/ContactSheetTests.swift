import Drawing
import Images
import Testing

@Suite struct ContactSheetTests {
  private let sheet = ContactSheet(columns: 2, cellWidth: 40, cellHeight: 30)

  @Test func picturesAreReducedToFit() {
    for (width, height, expected) in [
      (400, 100, (40, 10)), (100, 400, (8, 30)), (20, 10, (20, 10)), (4000, 1, (40, 1)),
    ] {
      let small = sheet.thumbnail(of: Image(width: width, height: height))
      #expect((small.width, small.height) == expected)
    }
  }

  @Test func picturesStandInRows() {
    let colors: [UInt8] = [50, 100, 150]
    let image = sheet.image(
      colors.map { (Image(width: 80, height: 60, red: $0), "a caption that is too long") })
    // Gaps of 8 pixels; below each picture a line of 18 and another gap.
    #expect(image.width == 2 * 48 + 8 && image.height == 2 * (30 + 18 + 16) + 8)
    for (index, color) in colors.enumerated() {
      let (x, y) = (8 + index % 2 * 48, 8 + index / 2 * 64)
      #expect(image[x, y].red == color && image[x, y].green == 0)
      #expect(image[x + 39, y + 29].red == color && image[x + 39, y + 29].green == 0)
      #expect(image[x - 1, y] == (255, 255, 255) && image[x + 40, y] == (255, 255, 255))
    }
    #expect(image[60, 80] == (255, 255, 255))
    let none = sheet.image([])
    #expect(none.pixels.allSatisfy { $0 == 255 })
  }
}
