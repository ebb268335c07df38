import Geometry
import TestSupport
import Testing

@Suite struct ImagePlacementTests {
  @Test(arguments: [ResizeMode.letterbox, .stretch])
  func boxesReturnToTheirPlace(mode: ResizeMode) {
    var generator = SystemRandomNumberGeneratorWithSeed(seed: 4)
    for _ in 0..<200 {
      let width = Int.random(in: 1...1500, using: &generator)
      let height = Int.random(in: 1...1500, using: &generator)
      let placement = ImagePlacement(
        imageWidth: width, imageHeight: height,
        inputWidth: 32 * Int.random(in: 1...19, using: &generator),
        inputHeight: 32 * Int.random(in: 1...19, using: &generator), mode: mode)
      let source = placement.source
      let (right, bottom) = (Float(source.x + source.width), Float(source.y + source.height))
      let left = Float.random(in: Float(source.x)...right, using: &generator)
      let top = Float.random(in: Float(source.y)...bottom, using: &generator)
      let box = Box(
        left: left, top: top, right: Float.random(in: left...right, using: &generator),
        bottom: Float.random(in: top...bottom, using: &generator))
      let inside = placement.toInput(box)
      let back = placement.toImage(inside)
      let tolerance = 4e-6 * Float(max(width, height))
      for (a, b) in zip(edges(back), edges(box)) {
        #expect(abs(a - b) <= tolerance, "\(placement) \(box)")
      }
      let whole = placement.toInput(
        Box(left: Float(source.x), top: Float(source.y), right: right, bottom: bottom))
      let expected = [
        Float(placement.offsetX) / Float(placement.inputWidth),
        Float(placement.offsetY) / Float(placement.inputHeight),
        Float(placement.offsetX + placement.scaledWidth) / Float(placement.inputWidth),
        Float(placement.offsetY + placement.scaledHeight) / Float(placement.inputHeight),
      ]
      expectClose(edges(whole), expected, relative: 1e-5, absolute: 1e-5, "\(placement)")
      #expect(edges(inside).allSatisfy { $0 > -1e-5 && $0 < 1 + 1e-5 })
    }
  }

  private func edges(_ box: Box) -> [Float] { [box.left, box.top, box.right, box.bottom] }

  /// Image, input, scaled size, offset; worked out by hand.
  @Test(arguments: [
    [500, 375, 416, 416, 416, 312, 0, 52],
    [375, 500, 416, 416, 312, 416, 52, 0],
    [353, 500, 416, 416, 294, 416, 61, 0],
    [500, 333, 320, 320, 320, 213, 0, 53],
    [10000, 50, 416, 416, 416, 2, 0, 207],
    [1, 10000, 416, 416, 1, 416, 207, 0],
    [1, 1, 416, 320, 320, 320, 48, 0],
  ])
  func letterboxOfKnownSizes(_ numbers: [Int]) {
    let placement = ImagePlacement(
      imageWidth: numbers[0], imageHeight: numbers[1], inputWidth: numbers[2],
      inputHeight: numbers[3], mode: .letterbox)
    #expect(
      [placement.scaledWidth, placement.scaledHeight, placement.offsetX, placement.offsetY]
        == Array(numbers[4...]))
  }

  @Test func stretchFillsTheInput() {
    let placement = ImagePlacement(
      imageWidth: 50, imageHeight: 200, inputWidth: 64, inputHeight: 32, mode: .stretch)
    #expect([placement.scaledWidth, placement.scaledHeight] == [64, 32])
    #expect([placement.offsetX, placement.offsetY] == [0, 0])
    expectClose(
      edges(placement.toInput(Box(left: 25, top: 50, right: 50, bottom: 100))), [0.5, 0.25, 1, 0.5])
  }

  @Test(arguments: [
    (500, 375, 224, 224, PixelRectangle(x: 62, y: 0, width: 375, height: 375)),
    (375, 500, 224, 224, PixelRectangle(x: 0, y: 62, width: 375, height: 375)),
    (32, 32, 28, 28, PixelRectangle(x: 0, y: 0, width: 32, height: 32)),
    (101, 40, 64, 32, PixelRectangle(x: 10, y: 0, width: 80, height: 40)),
    (40, 101, 64, 32, PixelRectangle(x: 0, y: 40, width: 40, height: 20)),
    (1, 9, 64, 32, PixelRectangle(x: 0, y: 4, width: 1, height: 1)),
  ])
  func middleFillsTheInput(
    _ imageWidth: Int, _ imageHeight: Int, _ width: Int, _ height: Int, _ source: PixelRectangle
  ) {
    let placement = ImagePlacement(
      imageWidth: imageWidth, imageHeight: imageHeight, inputWidth: width, inputHeight: height,
      mode: .crop)
    #expect(placement.source == source)
    #expect(placement.scaledWidth == width && placement.scaledHeight == height)
    let shown = Box(
      left: Float(source.x), top: Float(source.y), right: Float(source.x + source.width),
      bottom: Float(source.y + source.height))
    let moved = placement.toInput(shown)
    #expect(abs(moved.left) < 1e-6 && abs(moved.top) < 1e-6)
    #expect(abs(moved.right - 1) < 1e-6 && abs(moved.bottom - 1) < 1e-6)
    let back = placement.toImage(moved)
    #expect(abs(back.left - shown.left) < 1e-3 && abs(back.bottom - shown.bottom) < 1e-3)
  }

  /// What a place of the input is in the picture, against the map of boxes and back.
  @Test(
    arguments: [
      ResizeMode.letterbox, .stretch, .crop,
    ],
    [
      nil, Box(left: 12, top: 8, right: 52, bottom: 48),
      Box(left: -30, top: -7, right: 70, bottom: 30),
      Box(left: 90, top: 50, right: 240, bottom: 55.5),
      Box(left: 10, top: 10, right: 10, bottom: 10),
    ])
  func placesReturn(mode: ResizeMode, region: Box?) {
    for (width, height) in [(101, 67), (40, 90)] {
      let placement = ImagePlacement(
        imageWidth: width, imageHeight: height, inputWidth: 64, inputHeight: 48, mode: mode,
        region: region)
      for (x, y) in [(0.0, 0.0), (10.25, 20.5), (39, 60), (-20, 77)] {
        let box = placement.toInput(
          Box(left: Float(x), top: Float(y), right: Float(x) + 1, bottom: Float(y) + 1))
        let back = placement.toImage(Point(Double(box.left), Double(box.top)))
        #expect(abs(back.x - x) < 1e-3 && abs(back.y - y) < 1e-3)
        let corner = placement.toImage(Point(Double(box.right), Double(box.bottom)))
        #expect(abs(corner.x - x - 1) < 1e-3 && abs(corner.y - y - 1) < 1e-3)
      }
      // What is shown begins and ends where the source does.
      let (left, top) = (placement.offsetX, placement.offsetY)
      let start = placement.toImage(Point(Double(left) / 64, Double(top) / 48))
      #expect(abs(start.x - Double(placement.source.x)) < 1e-9)
      #expect(abs(start.y - Double(placement.source.y)) < 1e-9)
      let end = placement.toImage(
        Point(
          Double(left + placement.scaledWidth) / 64, Double(top + placement.scaledHeight) / 48))
      #expect(abs(end.x - Double(placement.source.x + placement.source.width)) < 1e-9)
      #expect(abs(end.y - Double(placement.source.y + placement.source.height)) < 1e-9)
    }
  }

  /// The rectangle around a region: its proportions, its middle, and that it covers it.
  @Test(
    arguments: [
      Box(left: 12, top: 8, right: 52, bottom: 48),
      Box(left: -30, top: -7, right: 70.5, bottom: 30),
      Box(left: 90, top: 50, right: 240, bottom: 55.5), Box(left: 3, top: 4, right: 3, bottom: 4),
      Box(left: 0, top: 0, right: 0.25, bottom: 9),
    ], [(64, 64), (64, 48), (30, 90)])
  func rectangleAroundARegion(region: Box, size: (Int, Int)) {
    let shown = PixelRectangle.around(region, proportionedAs: size.0, size.1)
    #expect(shown.width >= 1 && shown.height >= 1)
    let middle = (
      Double(shown.x) + Double(shown.width) / 2, Double(shown.y) + Double(shown.height) / 2
    )
    #expect(abs(middle.0 - Double(region.left + region.right) / 2) <= 0.5)
    #expect(abs(middle.1 - Double(region.top + region.bottom) / 2) <= 0.5)
    // Within the rounding to whole pixels.
    #expect(Double(shown.width) >= Double(region.width) - 0.5)
    #expect(Double(shown.height) >= Double(region.height) - 0.5)
    let scale = Double(max(region.width / Float(size.0), region.height / Float(size.1)))
    #expect(abs(Double(shown.width) - max(1, scale * Double(size.0))) <= 0.501)
    #expect(abs(Double(shown.height) - max(1, scale * Double(size.1))) <= 0.501)
  }
}
