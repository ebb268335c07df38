import Compute
import Datasets
import Geometry
import Images
import TestSupport
import Testing

@Suite struct ResizeTests {
  @Test(arguments: 0..<5)
  func matchesTheFormula(index: Int) throws {
    let golden = try goldenCases("images").filter { $0.name.hasPrefix("resize") }[index]
    let source = try #require(golden.arrays["source"])
    let target = try #require(golden.arrays["target"])
    let image = Image(
      width: source.shape[1], height: source.shape[0], pixels: source.values.map { UInt8($0) })
    let input = try Tensor(
      Shape(batch: 2, height: target.shape[0], width: target.shape[1], channels: 3))
    let placement = ImagePlacement(
      imageWidth: image.width, imageHeight: image.height, inputWidth: target.shape[1],
      inputHeight: target.shape[0], mode: .stretch)
    ImageSampler(placement).render(image, into: input, index: 1)
    let all = values(input)
    expectClose(Array(all.suffix(all.count / 2)), target.values, absolute: 2e-6, golden.name)
    #expect(all.prefix(all.count / 2).allSatisfy { $0 == 0 })
  }

  @Test func letterboxKeepsMarginsFilled() throws {
    let image = noise(20, 10)
    let input = try Tensor(Shape(height: 9, width: 8, channels: 3))
    input.withMutableHostValues { $0.update(repeating: 7) }
    func sampler(height: Int) -> ImageSampler {
      ImageSampler(
        ImagePlacement(
          imageWidth: 20, imageHeight: 10, inputWidth: 8, inputHeight: height, mode: .letterbox))
    }
    var withMargins = sampler(height: 9)
    withMargins.fill = 0.25
    withMargins.render(image, into: input, index: 0)
    let small = try Tensor(Shape(height: 4, width: 8, channels: 3))
    sampler(height: 4).render(image, into: small, index: 0)
    let margin = [Float](repeating: 0.25, count: 24)
    expectClose(
      values(input), margin + margin + values(small) + margin + margin + margin, absolute: 0)
  }

  @Test func placesLikeALetterbox() {
    func place(_ w: Int, _ h: Int, _ size: Int, _ letterbox: Bool = true) -> PixelRectangle {
      var random = RandomStream(seed: 1)
      return Augmentation.none(letterbox ? .letterbox : .stretch).draw(
        imageWidth: w, imageHeight: h, inputWidth: size, inputHeight: size, using: &random
      ).target
    }
    #expect(place(500, 375, 416) == PixelRectangle(x: 0, y: 52, width: 416, height: 312))
    #expect(place(375, 500, 416) == PixelRectangle(x: 52, y: 0, width: 312, height: 416))
    #expect(place(10000, 50, 320) == PixelRectangle(x: 0, y: 159, width: 320, height: 2))
    #expect(place(10000, 5, 320) == PixelRectangle(x: 0, y: 159, width: 320, height: 1))
    #expect(place(1, 1, 320) == PixelRectangle(x: 0, y: 0, width: 320, height: 320))
    #expect(place(500, 375, 416, false) == PixelRectangle(x: 0, y: 0, width: 416, height: 416))
  }

  @Test(arguments: 0..<3)
  func distortsColorsLikeHSV(index: Int) throws {
    let golden = try goldenCases("images").filter { $0.name == "distortion" }[index]
    let parameters = try golden.array("parameters")
    let distortion = ColorDistortion(
      hue: parameters[0], saturation: parameters[1], exposure: parameters[2])
    let source = try golden.array("source")
    func plane(_ c: Int) -> [Float] { stride(from: c, to: source.count, by: 3).map { source[$0] } }
    var (red, green, blue) = (plane(0), plane(1), plane(2))
    red.withUnsafeMutableBufferPointer { red in
      green.withUnsafeMutableBufferPointer { green in
        blue.withUnsafeMutableBufferPointer { blue in distortion.apply(red, green, blue) }
      }
    }
    let result = red.indices.flatMap { [red[$0], green[$0], blue[$0]] }
    expectClose(result, try golden.array("target"), relative: 1e-4, absolute: 1e-5)
  }

  /// A part of an input is what the whole has there, whatever else is done.
  @Test(arguments: 0..<60)
  func windowsAreParts(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed))
    let image = noise(random.integer(in: 5...60), random.integer(in: 5...60))
    let (width, height) = (random.integer(in: 8...40), random.integer(in: 8...40))
    let channels = seed % 5 == 4 ? 1 : 3
    var augmentation = Augmentation(resize: seed % 2 == 0 ? .letterbox : .stretch)
    augmentation.fill = 0.25
    let sampler = augmentation.draw(
      imageWidth: image.width, imageHeight: image.height, inputWidth: width, inputHeight: height,
      using: &random
    ).sampler
    func rendered(_ window: PixelRectangle?, count: Int) -> [Float] {
      var values = [Float](repeating: .nan, count: channels * count)
      values.withUnsafeMutableBufferPointer {
        sampler.render(
          image, width: width, height: height, channels: channels, window: window, into: $0)
      }
      return values
    }
    let whole = rendered(nil, count: width * height)
    #expect(whole.allSatisfy { $0.isFinite })
    for _ in 0..<8 {
      let x = random.integer(in: 0...width)
      let y = random.integer(in: 0...height)
      let window = PixelRectangle(
        x: x, y: y, width: random.integer(in: 0...width - x),
        height: random.integer(in: 0...height - y))
      var expected: [Float] = []
      for row in y..<y + window.height {
        let start = channels * (row * width + x)
        expected += whole[start..<start + channels * window.width]
      }
      #expect(rendered(window, count: window.width * window.height) == expected)
    }
  }
}
