import Drawing
import Geometry
import Images
import Testing

/// The channel sums of a picture that was black: how much white was painted, in pixels.
func paint(_ image: Image) -> Double {
  image.pixels.reduce(0) { $0 + Double($1) } / (3 * 255)
}

@Suite struct CanvasTests {
  private func black(_ width: Int = 20, _ height: Int = 10) -> Canvas {
    Canvas(width: width, height: height, background: .black)
  }

  private func box(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) -> Box {
    Box(left: left, top: top, right: right, bottom: bottom)
  }

  @Test func filledRectanglesCoverTheirPixels() {
    var canvas = black()
    canvas.fill(box(2, 3, 5, 7), Color(red: 10, green: 20, blue: 30))
    for y in 0..<10 {
      for x in 0..<20 {
        let isInside = (2..<5).contains(x) && (3..<7).contains(y)
        #expect(canvas.image[x, y] == (isInside ? (10, 20, 30) : (0, 0, 0)))
      }
    }
  }

  @Test func opacityMixes() {
    var canvas = black()
    canvas.fill(box(0, 0, 1, 1), Color(red: 200, green: 100, blue: 50), alpha: 0.5)
    #expect(canvas.image[0, 0] == (100, 50, 25))
  }

  @Test(arguments: [1, 2, 3])
  func outlinesAreFramesOfTheirThickness(_ thickness: Int) {
    var canvas = black()
    canvas.outline(box(1, 1, 11, 9), .white, thickness: thickness)
    let inner = (10 - 2 * thickness) * (8 - 2 * thickness)
    #expect(paint(canvas.image) == Double(80 - inner))
    #expect(canvas.image[thickness, thickness].red == 255)
    #expect(canvas.image[1 + thickness, 1 + thickness].red == 0)
    #expect(canvas.image[10, 8].red == 255 && canvas.image[11, 9].red == 0)
  }

  @Test func halfTransparentOutlinesPaintNoPixelTwice() {
    for (right, bottom) in [(Float(11), Float(9)), (3, 9), (11, 2), (2, 2), (1, 1)] {
      var canvas = black()
      canvas.outline(box(1, 1, right, bottom), .white, thickness: 3, alpha: 0.5)
      #expect(Set(canvas.image.pixels).isSubset(of: [0, 128]))
    }
  }

  @Test func smoothLinesCoverTheirArea() {
    var canvas = black()
    canvas.line(from: Point(4, 5), to: Point(16, 5), .white, width: 2)
    for x in 5..<15 {
      #expect((0..<10).map { canvas.image[x, $0].red } == [0, 0, 0, 0, 255, 255, 0, 0, 0, 0])
    }
    var slanted = black(100, 100)
    slanted.line(from: Point(10, 20), to: Point(90, 80), .white, width: 3)
    // Length 100 times width 3, and two half discs.
    #expect(abs(paint(slanted.image) - 307.07) < 3)
  }

  @Test func crossingsOfOneLineAreNotPaintedTwice() {
    var canvas = black()
    canvas.polyline(
      [Point(2, 5), Point(18, 5), Point(10, 1), Point(10, 9), Point(2, 5)], .white, width: 2,
      alpha: 0.5)
    #expect(canvas.image.pixels.max() == 128)
  }

  @Test func gapsInterruptLinesAndClipsCutThem() {
    var canvas = black()
    canvas.polyline(
      [Point(0, 5), Point(6, 5), Point(.nan, 5), Point(14, 5), Point(20, 5)], .white, width: 2,
      clip: box(3, 0, 18, 10))
    #expect([2, 4, 10, 16, 19].map { canvas.image[$0, 5].red } == [0, 255, 0, 255, 0])
  }

  @Test func nothingOutsideThePictureOrUndefinedBreaksIt() {
    let numbers: [Float] = [-1e30, -5, 0, 0.5, 3, 1e30, .infinity, -.infinity, .nan]
    for (width, height) in [(1, 1), (3, 2), (1, 40)] {
      var canvas = black(width, height)
      for a in numbers {
        for b in numbers {
          canvas.fill(box(a, b, b, a), .white)
          canvas.outline(box(a, 0, b, 1), .white, thickness: 2)
          canvas.line(from: Point(Double(a), 0), to: Point(Double(b), 1), .white)
          canvas.disc(at: Point(Double(a), Double(b)), radius: 2, .white)
          canvas.text("x", at: Point(Double(a), Double(b)), font: StrokeFont(size: 12), .white)
          canvas.label(
            "x", at: Point(Double(a), Double(b)), font: StrokeFont(size: 12), background: .white)
        }
      }
      #expect(canvas.width == width && canvas.height == height)
    }
  }

  @Test func shapesAcrossTheBorderAreCut() {
    var canvas = black()
    canvas.fill(box(-5, -5, 3, 2), .white)
    #expect(paint(canvas.image) == 6)
    canvas.fill(box(18, 8, 100, 100), .white)
    #expect(paint(canvas.image) == 10)
  }
}
