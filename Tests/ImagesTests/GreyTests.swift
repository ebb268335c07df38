import Compute
import Geometry
import Images
import TestSupport
import Testing

/// Grey as OpenCV makes it, and inputs of one channel.
@Suite struct GreyTests {
  @Test func lumaIsThatOfOpenCV() throws {
    let golden = try #require(try goldenCases("formats").first { $0.name == "rgb.bmp" })
    let pixels = try #require(golden.arrays["pixels"])
    let image = Image(
      width: pixels.shape[1], height: pixels.shape[0], pixels: pixels.values.map { UInt8($0) })
    let expected = try #require(golden.arrays["grey"]).values.flatMap {
      Array(repeating: $0, count: 3)
    }
    #expect(image.grey.pixels.map(Float.init) == expected)
    #expect(image.grey.grey == image.grey)
  }

  @Test(arguments: [ResizeMode.letterbox, .stretch])
  func anInputOfOneChannelIsAnyOfTheGreyPicture(mode: ResizeMode) throws {
    let image = noise(23, 11)
    let placement = ImagePlacement(
      imageWidth: 23, imageHeight: 11, inputWidth: 16, inputHeight: 16, mode: mode)
    let colors = try Tensor(Shape(batch: 2, height: 16, width: 16, channels: 3), on: HostMemory())
    let grey = try Tensor(Shape(batch: 2, height: 16, width: 16, channels: 1), on: HostMemory())
    ImageSampler(placement).render(image.grey, into: colors, index: 1)
    ImageSampler(placement).render(image, into: grey, index: 1)
    let every = values(colors)
    #expect(values(grey) == stride(from: 0, to: every.count, by: 3).map { every[$0] })
  }
}
