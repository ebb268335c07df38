import Compute
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@testable import Datasets

/// How classifiers see pictures in training, against `Tests/Golden/scripts/random_view.py`.
@Suite struct RandomViewTests {
  /// The picture that the script makes.
  private func picture(_ width: Int, _ height: Int, seed: Int) -> Image {
    let pixels = (0..<UInt32(3 * width * height)).map { i -> UInt8 in
      var h = i &* 2_654_435_761 &+ UInt32(seed) &* 40503 &+ 1
      h = (h ^ (h >> 15)) &* 2_246_822_519
      return UInt8(h >> 24)
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  private func render(_ variation: ImageVariation, _ image: Image) throws -> [Float] {
    let input = try Tensor(
      Shape(height: variation.inputHeight, width: variation.inputWidth, channels: 3))
    input.withMutableHostValues { $0.update(repeating: .nan) }
    variation.sampler.render(image, into: input, index: 0)
    return values(input)
  }

  @Test func turnsAndStretchesAsDarknet() throws {
    let cases = try goldenCases("random_view").filter { $0.name.hasPrefix("view") }
    #expect(cases.count == 6)
    for golden in cases {
      let number = { (key: String) throws -> Double in try #require(golden.numbers[key]) }
      let image = try picture(
        Int(number("columns")), Int(number("rows")), seed: Int(number("seed")))
      let size = try PixelSize(width: Int(number("width")), height: Int(number("height")))
      let map = try RandomView.map(
        image: PixelSize(width: image.width, height: image.height), input: size,
        side: number("side"), aspect: number("aspect"), turn: number("degrees") * .pi / 180,
        place: Point(number("across"), number("down")))
      var variation = plain(image, size)
      variation.view = map
      let expected = try golden.array("input")
      expectClose(
        try render(variation, image), expected, relative: 1e-5, absolute: 2e-6, golden.name)
      // A window of it, mirrored.
      variation.isMirrored = true
      let window = PixelRectangle(x: 1, y: 2, width: size.width - 3, height: size.height - 2)
      var part = [Float](repeating: .nan, count: 3 * window.width * window.height)
      part.withUnsafeMutableBufferPointer {
        variation.sampler.render(
          image, width: size.width, height: size.height, window: window, into: $0)
      }
      let wanted = (0..<window.height).flatMap { y in
        (0..<window.width).flatMap { x in
          let pixel = (window.y + y) * size.width + size.width - 1 - window.x - x
          return expected[3 * pixel..<3 * pixel + 3]
        }
      }
      expectClose(part, wanted, relative: 1e-5, absolute: 2e-6, "\(golden.name), a window")
    }
  }

  /// The whole picture, as large as the input.
  private func plain(_ image: Image, _ size: PixelSize) -> ImageVariation {
    var random = RandomStream(seed: 1)
    return Augmentation.none(.stretch).draw(
      imageWidth: image.width, imageHeight: image.height, inputWidth: size.width,
      inputHeight: size.height, using: &random)
  }

  /// Places of the picture are found where the input shows them.
  @Test func placesFollowPixels() throws {
    for seed in 0..<40 {
      var random = RandomStream(seed: UInt64(seed))
      let (x, y) = (random.integer(in: 8...30), random.integer(in: 8...22))
      var image = Image(width: 40, height: 30)
      for row in y - 3..<y + 3 {
        for column in x - 3..<x + 3 { image[column, row] = (255, 255, 255) }
      }
      var augmentation = Augmentation(jitter: 0, hue: 0, saturation: 1, exposure: 1)
      augmentation.view = RandomView(
        smallestSide: 32, largestSide: 48, angle: 20, aspect: 0.75, ownWidth: 32)
      let variation = augmentation.draw(
        imageWidth: 40, imageHeight: 30, inputWidth: 32, inputHeight: 32, using: &random)
      let lit = try render(variation, image)
      let place = variation.toInput(Point(Double(x), Double(y)))
      let box = variation.toInput(
        Box(left: Float(x - 3), top: Float(y - 3), right: Float(x + 3), bottom: Float(y + 3)))
      guard place.x > 0.15, place.x < 0.85, place.y > 0.15, place.y < 0.85 else { continue }
      var (sum, left, top) = (0.0, 0.0, 0.0)
      for pixel in 0..<32 * 32 {
        let light = Double(lit[3 * pixel])
        sum += light
        left += light * (Double(pixel % 32) + 0.5)
        top += light * (Double(pixel / 32) + 0.5)
        if light > 0.6 {
          #expect(Float(pixel % 32) + 1 > box.left * 32 && Float(pixel % 32) < box.right * 32)
          #expect(Float(pixel / 32) + 1 > box.top * 32 && Float(pixel / 32) < box.bottom * 32)
        }
      }
      #expect(abs(left / sum / 32 - place.x) < 0.01 && abs(top / sum / 32 - place.y) < 0.01)
    }
  }

  /// Of the drawn numbers: r uniform over whole pixels, the aspect within its bounds both ways, the
  /// rotation either way, places all over what they may be.
  @Test func draws() throws {
    let view = RandomView(
      smallestSide: 20, largestSide: 24, angle: 10, aspect: 0.8, ownWidth: 16)
    let (image, input) = (PixelSize(width: 30, height: 20), PixelSize(width: 16, height: 16))
    var sides: [Int: Int] = [:]
    var (stretched, turned, shifts) = (0, 0, [Double]())
    for seed in 0..<2000 {
      var random = RandomStream(seed: UInt64(seed))
      let map = view.draw(image: image, input: input, using: &random)
      // From the map: columns of the picture a pixel to the right is, rows a pixel down is.
      let across = (map.a * map.a + map.d * map.d).squareRoot()
      let down = (map.b * map.b + map.e * map.e).squareRoot()
      let aspect = across / down
      #expect(aspect > 0.799 && aspect < 1.251)
      if aspect > 1 { stretched += 1 }
      let turn = atan2(map.d, map.a) * 180 / .pi
      #expect(abs(turn) <= 10)
      if turn > 0 { turned += 1 }
      let side = min(20, 30 * aspect) / down
      #expect(abs(side - side.rounded()) < 1e-4)
      sides[Int(side.rounded()), default: 0] += 1
      // Where the middle of the picture lies, as a share of what is free.
      let back = try #require(map.inverse)
      let middle = back(Point(15, 10))
      let free = abs(30 / across - 16) / 2
      shifts.append(free > 0 ? (middle.x - 8) / free : 0)
    }
    #expect(sides.keys.sorted() == [20, 21, 22, 23, 24] && sides.values.allSatisfy { $0 > 320 })
    #expect((900...1100).contains(stretched) && (900...1100).contains(turned))
    let mean = shifts.reduce(0, +) / 2000
    #expect(abs(mean) < 0.05 && (shifts.max() ?? 0) > 0.9 && (shifts.min() ?? 0) < -0.9)
  }

  /// Another width of the input scales the sides.
  @Test func followsTheInput() throws {
    let view = RandomView(smallestSide: 20, largestSide: 20, ownWidth: 16)
    var random = RandomStream(seed: 1)
    let map = view.draw(
      image: PixelSize(width: 40, height: 40), input: PixelSize(width: 32, height: 32),
      using: &random)
    #expect(abs(map.a - 1) < 1e-6 && abs(map.e - 1) < 1e-6 && map.b == 0)
  }

  @Test func padsWithZerosAsPyTorch() throws {
    let cases = try goldenCases("random_view").filter { $0.name.hasPrefix("pad") }
    #expect(cases.count == 3)
    for golden in cases {
      let number = { (key: String) throws -> Int in Int(try #require(golden.numbers[key])) }
      let image = try picture(8, 6, seed: number("seed"))
      var variation = plain(image, PixelSize(width: 8, height: 6))
      variation.target.x += try number("x")
      variation.target.y += try number("y")
      variation.isMirrored = try number("mirrored") == 1
      expectClose(
        try render(variation, image), try golden.array("input"), relative: 1e-6, absolute: 1e-6,
        golden.name)
    }
  }

  @Test func movesEitherWay() throws {
    var augmentation = Augmentation(
      jitter: 0, hue: 0, saturation: 1, exposure: 1, flips: false, resize: .crop)
    augmentation.pad = 2
    var seen: [Point: Int] = [:]
    for seed in 0..<1000 {
      var random = RandomStream(seed: UInt64(seed))
      let variation = augmentation.draw(
        imageWidth: 40, imageHeight: 20, inputWidth: 10, inputHeight: 10, using: &random)
      #expect(variation.crop == PixelRectangle(x: 10, y: 0, width: 20, height: 20))
      #expect(variation.target.width == 10 && variation.target.height == 10)
      seen[Point(Double(variation.target.x), Double(variation.target.y)), default: 0] += 1
    }
    #expect(seen.count == 25 && seen.keys.allSatisfy { abs($0.x) <= 2 && abs($0.y) <= 2 })
    #expect(seen.values.allSatisfy { $0 > 15 })
  }

  /// What is not asked for draws nothing: orders and variations of older runs stay.
  @Test func drawsNothingElse() {
    for resize in [ResizeMode.letterbox, .crop] {
      let augmentation = Augmentation(jitter: 0.2, resize: resize)
      var random = RandomStream(seed: 3)
      let variation = augmentation.draw(
        imageWidth: 32, imageHeight: 32, inputWidth: 32, inputHeight: 32, using: &random)
      var again = RandomStream(seed: 3)
      let square = Augmentation(jitter: 0.2).draw(
        imageWidth: 32, imageHeight: 32, inputWidth: 32, inputHeight: 32, using: &again)
      // Of a square picture the middle is all of it.
      #expect(variation == square && random == again)
    }
  }

  @Test func keepsItsWay() throws {
    var augmentation = Augmentation(resize: .crop)
    augmentation.pad = 4
    augmentation.view = RandomView(smallestSide: 3, largestSide: 9, ownWidth: 4)
    let back = try JSONDecoder().decode(
      Augmentation.self, from: JSONEncoder().encode(augmentation))
    #expect(back == augmentation && back.resizeMode == .crop)
    // As runs of older versions have it.
    let old = """
      {"geometry": "crop", "jitter": 0, "hue": 0, "saturation": 1, "exposure": 1, "flips": true,
      "letterbox": true, "keepsDifficult": false, "minimumSide": 0.001}
      """
    let read = try JSONDecoder().decode(Augmentation.self, from: Data(old.utf8))
    #expect(read.resizeMode == .letterbox && read.pad == nil && read.view == nil)
  }
}
