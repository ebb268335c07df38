import Geometry
import Images
import TestSupport
import Testing

@testable import Drawing

@Suite struct HeatMapFigureTests {
  private let map = HeatMap(range: 0...1)

  private func figure(_ panels: [HeatMapFigure.Panel], note: String = "") -> HeatMapFigure {
    HeatMapFigure(title: "title", note: note, panels: panels, map: map, unit: "bit")
  }

  @Test func panelsAreCopiedPixelByPixel() {
    let first = Image(width: 30, height: 200, pixels: (0..<18000).map { UInt8($0 % 251) })
    let second = Image(width: 200, height: 20, red: 9, green: 8, blue: 7)
    let figure = figure([.init(caption: "a", image: first), .init(caption: "b", image: second)])
    let picture = figure.image()
    for (panel, corner) in zip(figure.panels, figure.corners) {
      for y in 0..<panel.image.height {
        for x in 0..<panel.image.width {
          #expect(picture[corner.x + x, corner.y + y] == panel.image[x, y])
        }
      }
    }
  }

  /// The colours of the bar are those of the values that its marks name.
  @Test(arguments: [160, 375, 1000])
  func theBarSaysWhatColorsMean(_ height: Int) {
    var canvas = Canvas(width: 100, height: height)
    let bar = ColorBar(
      map: map, unit: "bit", showsMissing: true, font: StrokeFont(size: 18))
    bar.draw(on: &canvas, x: 3, y: 0, height: height)
    let area = bar.area(x: 3, y: 0, height: height)
    let column = Int(area.left)
    let rows = Int(area.top)..<Int(area.bottom)
    for row in rows {
      let value = (Float(area.bottom) - Float(row) - 0.5) / area.height
      let (red, green, blue) = canvas.image[column, row]
      let index = map.colors.colors.firstIndex(of: Color(red: red, green: green, blue: blue))
      #expect(abs(Float(index ?? -9) / 255 - value) < 0.0021, "row \(row)")
    }
    // A mark is a dark line to the right of the colours; the ends are marked.
    let marks = rows.filter { canvas.image[Int(area.right) + 3, $0].red < 100 }
    #expect(marks.first == rows.first && marks.last == (rows.last ?? 0))
    #expect(marks.count > 2)
    #expect(bar.width(height: height) <= 97)
  }

  @Test func textAndBarFitWhateverTheSizes() {
    for (width, height) in [(1, 1), (1000, 3), (3, 1000)] {
      let panel = HeatMapFigure.Panel(
        caption: "some words", image: Image(width: width, height: height))
      let picture = figure([panel], note: "a note that is longer than the panel").image()
      let size = (picture.width, picture.height)
      #expect(size.0 > 36 * 9 && size.1 > 160)
      // Nothing reaches the border.
      for x in 0..<size.0 {
        #expect(picture[x, 0] == (255, 255, 255) && picture[x, size.1 - 1] == (255, 255, 255))
      }
      for y in 0..<size.1 { #expect(picture[size.0 - 1, y] == (255, 255, 255)) }
    }
  }

  @Test func picturesAreCutAtTheCanvas() {
    var canvas = Canvas(width: 4, height: 3)
    canvas.draw(Image(width: 3, height: 3), x: 2, y: 1)
    let black = (0..<12).filter { canvas.image.pixels[3 * $0] == 0 }
    #expect(black == [6, 7, 10, 11])
    canvas.draw(Image(width: 3, height: 3), x: 4, y: 9)
  }

  @Test func resizingKeepsWhatIsFlatAndTheMean() {
    let flat = Image(width: 37, height: 21, red: 10, green: 200, blue: 90)
    for (width, height) in [(5, 80), (100, 3), (1, 1)] {
      #expect(
        flat.resized(width: width, height: height)
          == Image(width: width, height: height, red: 10, green: 200, blue: 90))
    }
    let noise = Image(
      width: 64, height: 64, pixels: randomValues(3 * 64 * 64, in: 0...255).map { UInt8($0) })
    let mean = noise.pixels.reduce(0) { $0 + Double($1) } / Double(noise.pixels.count)
    let small = noise.resized(width: 8, height: 8)
    let smallMean = small.pixels.reduce(0) { $0 + Double($1) } / Double(small.pixels.count)
    #expect(abs(mean - smallMean) < 2)
    // Without averaging, pixels would differ as much as those of the noise do.
    #expect(small.pixels.allSatisfy { abs(Double($0) - 127) < 50 })
    #expect(noise.resized(width: 64, height: 64) == noise)
  }

  /// A step stays where it is: doubling the size puts it between the same pixels.
  @Test func resizingDoesNotMove() {
    var step = Image(width: 4, height: 1)
    step[2, 0] = (240, 240, 240)
    step[3, 0] = (240, 240, 240)
    let large = step.resized(width: 8, height: 1)
    #expect((0..<8).map { large[$0, 0].red } == [0, 0, 0, 60, 180, 240, 240, 240])
  }
}
