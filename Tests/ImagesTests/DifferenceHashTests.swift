import Foundation
import Images
import TestSupport
import Testing

@Suite struct DifferenceHashTests {
  /// A picture of vertical stripes, one a cell, of these grey values.
  private func stripes(_ values: [UInt8], width: Int = 4, height: Int = 16) -> Image {
    var image = Image(width: width * values.count, height: height)
    for y in 0..<height {
      for (index, value) in values.enumerated() {
        for x in index * width..<(index + 1) * width { image[x, y] = (value, value, value) }
      }
    }
    return image
  }

  @Test func bitsSayWhereItBecomesLighter() {
    let rising = DifferenceHash(stripes([0, 10, 20, 30, 40, 50, 60, 70, 80]))
    #expect(rising.bits == .max && rising.description == "ffffffffffffffff")
    let falling = DifferenceHash(stripes([80, 70, 60, 50, 40, 30, 20, 10, 0]))
    #expect(falling.bits == 0 && falling.description == "0000000000000000")
    #expect(rising.distance(to: falling) == 64)
    let mixed = DifferenceHash(stripes([9, 8, 9, 9, 9, 9, 9, 9, 10]))
    #expect(mixed.description == "4141414141414141")
    #expect(DifferenceHash(Image(width: 30, height: 30, red: 200)).bits == 0)
  }

  @Test func greyIsWeighed() {
    // From red 255 (76.2) to green 129 (75.7) it gets darker, to 131 (76.9) lighter.
    for (green, isLighter) in [(129, false), (131, true)] {
      var image = Image(width: 9, height: 8)
      for y in 0..<8 { image[0, y] = (255, 0, 0) }
      for y in 0..<8 { image[1, y] = (0, UInt8(green), 0) }
      #expect((DifferenceHash(image).bits >> 63 == 1) == isLighter)
    }
  }

  @Test func tinyPicturesHaveAHash() {
    for (width, height) in [(1, 1), (2, 9), (8, 7), (10, 3)] {
      let hash = DifferenceHash(noise(width, height))
      #expect(hash == DifferenceHash(noise(width, height)))
    }
    #expect(DifferenceHash(noise(1, 1)).bits == 0)
  }

  @Test func copiesAreCloseAndOthersAreNot() throws {
    try withTemporaryFolder { folder in
      let pictures = (1...6).map { seed -> Image in
        // Large blocks of random colours: noise enlarged twenty times.
        let small = noise(12, 9, seed: UInt64(seed))
        var image = Image(width: 240, height: 180)
        for y in 0..<180 { for x in 0..<240 { image[x, y] = small[x / 20, y / 20] } }
        return image
      }
      for (index, picture) in pictures.enumerated() {
        let hash = DifferenceHash(picture)
        let file = folder.appending(path: "\(index).jpg")
        try picture.writeJPEG(to: file, quality: 40)
        #expect(hash.distance(to: DifferenceHash(try Image.read(file))) <= 2)
        var brighter = picture
        brighter.pixels = picture.pixels.map { UInt8(min(Int($0) + 20, 255)) }
        #expect(hash.distance(to: DifferenceHash(brighter)) <= 6)
        for other in pictures[..<index] {
          #expect(hash.distance(to: DifferenceHash(other)) > 10)
        }
      }
    }
  }
}
