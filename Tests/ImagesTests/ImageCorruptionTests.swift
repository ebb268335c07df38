import Compute
import Images
import TestSupport
import Testing

@Suite struct ImageCorruptionTests {
  private let stream = RandomStream(seed: 3)

  /// Flat blocks, edges, a slope and some texture; far from black and white.
  private let picture: Image = {
    var image = gradient(61, 47)
    let texture = noise(61, 47, seed: 9)
    for y in 0..<47 {
      for x in 0..<61 {
        let base = image[x, y]
        let step = (x / 12 + y / 9) % 2 == 0 ? 20 : 0
        let grain = Int(texture[x, y].red) / 16
        image[x, y] = (
          UInt8(Int(base.red) / 2 + step + grain + 30), UInt8(Int(base.green) / 2 + step + 30),
          UInt8(Int(base.blue) / 2 + grain + 30)
        )
      }
    }
    return image
  }()

  /// The mean square difference of two pictures' values.
  private func distance(_ a: Image, _ b: Image) -> Double {
    var sum = 0.0
    for (x, y) in zip(a.pixels, b.pixels) {
      sum += (Double(x) - Double(y)) * (Double(x) - Double(y))
    }
    return sum / Double(a.pixels.count)
  }

  private func result(
    _ kind: ImageCorruption.Kind, _ severity: Int, of image: Image? = nil,
    using random: RandomStream? = nil
  ) throws -> Image {
    try ImageCorruption(kind, severity: severity)
      .applied(to: image ?? picture, using: random ?? stream)
  }

  @Test(arguments: ImageCorruption.Kind.allCases)
  func everyStepIsFurtherFromTheOriginal(_ kind: ImageCorruption.Kind) throws {
    #expect(try result(kind, 0) == picture)
    #expect(ImageCorruption(kind, severity: 0).parameter == nil)
    var last = 0.0
    for severity in 1...5 {
      let image = try result(kind, severity)
      #expect(image.width == picture.width && image.height == picture.height)
      let now = distance(image, picture)
      #expect(now > last, "severity \(severity): \(now) after \(last)")
      last = now
      #expect(try result(kind, severity) == image)
    }
    #expect(last > (kind == .lightJPEG ? 30 : 40))
  }

  @Test func noiseFollowsItsStream() throws {
    let flat = Image(width: 80, height: 60, red: 128, green: 128, blue: 128)
    for (severity, sigma) in zip(1...3, [10.0, 20, 35]) {
      let image = try result(.noise, severity, of: flat)
      let values = image.pixels.map { Double($0) - 128 }
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      // 14400 values: the mean is good to σ / 120, the deviation to σ / 170.
      #expect(abs(mean) < 4 * sigma / 120 && abs(deviation - sigma) < 4 * sigma / 170)
      #expect(try result(.noise, severity, of: flat, using: RandomStream(seed: 4)) != image)
    }
    // The same numbers, twice as large.
    let small = try result(.noise, 1, of: flat).pixels.map { Int($0) - 128 }
    let large = try result(.noise, 2, of: flat).pixels.map { Int($0) - 128 }
    #expect(zip(small, large).allSatisfy { abs(2 * $0 - $1) <= 1 || abs($1) >= 127 })
  }

  @Test func blurSpreadsAPointAndKeepsFlatGround() throws {
    let flat = Image(width: 30, height: 20, red: 200, green: 100, blue: 7)
    for severity in 1...5 { #expect(try result(.blur, severity, of: flat) == flat) }
    var point = Image(width: 41, height: 41)
    point[20, 20] = (255, 0, 0)
    let image = try result(.blur, 1, of: point)
    // 255 / 2πσ² = 40.6 at the centre, times e^(−1/2) beside it, e^(−1) at the diagonal.
    #expect(image[20, 20] == (41, 0, 0))
    for (x, y) in [(19, 20), (21, 20), (20, 19), (20, 21)] { #expect(image[x, y].red == 25) }
    for (x, y) in [(19, 19), (21, 21), (19, 21), (21, 19)] { #expect(image[x, y].red == 15) }
    #expect(image[24, 20].red == 0)
  }

  @Test func contrastAndBrightnessByHand() throws {
    var image = Image(width: 2, height: 1)
    image[0, 0] = (100, 0, 250)
    image[1, 0] = (200, 10, 255)
    // Means 150, 5 and 252.5; factor 0.6.
    let flatter = try result(.contrast, 2, of: image)
    #expect(flatter[0, 0] == (120, 2, 251) && flatter[1, 0] == (180, 8, 254))
    let brighter = try result(.brightness, 5, of: image)
    #expect(brighter[0, 0] == (200, 100, 255) && brighter[1, 0] == (255, 110, 255))
  }

  @Test func tinyPicturesAreDisturbed() throws {
    let image = Image(width: 1, height: 1, red: 9, green: 99, blue: 199)
    for kind in ImageCorruption.Kind.allCases {
      for severity in 0...5 {
        let result = try result(kind, severity, of: image)
        #expect(result.width == 1 && result.height == 1)
      }
    }
    #expect(throws: ImageError.self) {
      try result(.jpeg, 1, of: Image(width: 65536, height: 1))
    }
  }
}
