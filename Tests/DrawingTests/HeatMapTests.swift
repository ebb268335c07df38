import Images
import TestSupport
import Testing
import Uncertainty

@testable import Drawing
@testable import Geometry

@Suite struct HeatMapTests {
  /// Every cell has its own colour; the number of the cell that a pixel shows.
  private func cells(
    _ width: Int, _ height: Int, _ placement: ImagePlacement, view: (width: Int, height: Int)
  ) -> [[Int]] {
    let count = width * height
    let grid = ValueGrid(width: width, height: height, values: (0..<count).map(Float.init))
    let map = HeatMap(range: 0...255)
    let picture = map.picture(
      of: grid, placement: placement, width: view.width, height: view.height)
    #expect(picture.width == view.width && picture.height == view.height)
    let numbers = Dictionary(
      uniqueKeysWithValues: (0..<count).map { (map.colors.colors[$0], $0) })
    return (0..<view.height).map { y in
      (0..<view.width).map { x in
        let (red, green, blue) = picture[x, y]
        return numbers[Color(red: red, green: green, blue: blue)] ?? -1
      }
    }
  }

  /// 400x200 in 200x200: 50 empty rows above and below, a row of 4 cells each.
  @Test func aWideImageShowsTheMiddleRows() {
    let placement = ImagePlacement(
      imageWidth: 400, imageHeight: 200, inputWidth: 200, inputHeight: 200, mode: .letterbox)
    let shown = cells(4, 4, placement, view: (400, 200))
    for y in 0..<200 {
      for x in 0..<400 { #expect(shown[y][x] == (y / 100 + 1) * 4 + x / 100, "(\(x), \(y))") }
    }
  }

  @Test func aTallImageShowsTheMiddleColumns() {
    let placement = ImagePlacement(
      imageWidth: 100, imageHeight: 200, inputWidth: 200, inputHeight: 200, mode: .letterbox)
    let shown = cells(4, 4, placement, view: (50, 100))
    for y in 0..<100 {
      for x in 0..<50 { #expect(shown[y][x] == y / 25 * 4 + x / 25 + 1, "(\(x), \(y))") }
    }
  }

  @Test func aStretchedImageShowsAllCells() {
    let placement = ImagePlacement(
      imageWidth: 400, imageHeight: 200, inputWidth: 64, inputHeight: 64, mode: .stretch)
    let shown = cells(4, 4, placement, view: (80, 40))
    for y in 0..<40 {
      for x in 0..<80 { #expect(shown[y][x] == y / 10 * 4 + x / 20, "(\(x), \(y))") }
    }
  }

  /// Whatever the sizes: the cell of the place to which boxes are moved.
  @Test(arguments: [ResizeMode.letterbox, .stretch])
  func cellsLieWhereBoxesLie(_ mode: ResizeMode) {
    var generator = SystemRandomNumberGeneratorWithSeed(seed: 11)
    for _ in 0..<20 {
      let width = Int.random(in: 1...90, using: &generator)
      let height = Int.random(in: 1...90, using: &generator)
      let columns = Int.random(in: 1...16, using: &generator)
      let rows = Int.random(in: 1...16, using: &generator)
      let placement = ImagePlacement(
        imageWidth: width, imageHeight: height,
        inputWidth: Int.random(in: 16...200, using: &generator),
        inputHeight: Int.random(in: 16...200, using: &generator), mode: mode)
      let shown = cells(columns, rows, placement, view: (width, height))
      for y in 0..<height {
        for x in 0..<width {
          let pixel = placement.toInput(
            Box(centerX: Float(x) + 0.5, centerY: Float(y) + 0.5, width: 1, height: 1))
          let column = pixel.centerX * Float(columns)
          let row = pixel.centerY * Float(rows)
          // Float cannot say on which side of a border a centre on it lies.
          if abs(column - column.rounded()) < 1e-4 || abs(row - row.rounded()) < 1e-4 { continue }
          #expect(shown[y][x] == Int(row) * columns + Int(column), "\(placement) (\(x), \(y))")
        }
      }
    }
  }

  @Test func valuesOutsideTheRangeTakeItsEnds() {
    let map = HeatMap(range: -1...3)
    let colors = ColorMap.sequential.colors
    #expect(map.color(of: -1) == colors[0] && map.color(of: -5) == colors[0])
    #expect(map.color(of: 3) == colors[255] && map.color(of: .infinity) == colors[255])
    #expect(map.color(of: 1) == colors[128])
  }

  private let square = ImagePlacement(
    imageWidth: 40, imageHeight: 40, inputWidth: 40, inputHeight: 40, mode: .stretch)

  @Test func missingValuesAreStriped() {
    let grid = ValueGrid(width: 2, height: 1, values: [.nan, 1])
    for sampling in HeatMap.Sampling.allCases {
      var map = HeatMap(range: 0...1)
      map.sampling = sampling
      let picture = map.picture(of: grid, placement: square, width: 40, height: 40)
      var greys: Set<UInt8> = []
      for x in 0..<20 {
        let (red, green, blue) = picture[x, 5]
        #expect(red == green && green == blue)
        greys.insert(red)
      }
      #expect(greys.count == 2)
      let top = ColorMap.sequential.colors[255]
      for x in 20..<40 { #expect(picture[x, 5] == (top.red, top.green, top.blue)) }
    }
  }

  /// Between centres the value changes evenly, beyond the outer ones not at all.
  @Test func bilinearValues() {
    let placed = PlacedGrid(
      ValueGrid(width: 2, height: 2, values: [0, 1, 2, 3]), square, width: 40, height: 40)
    #expect(placed.bilinear(x: 0, y: 0) == 0 && placed.bilinear(x: 39, y: 39) == 3)
    // Pixel 14 is 4.5 of 20 pixels past the first centre.
    expectClose([placed.bilinear(x: 14, y: 0), placed.bilinear(x: 0, y: 14)], [0.225, 0.45])
    expectClose([placed.bilinear(x: 14, y: 24)], [0.225 + 2 * 0.725])
    let one = PlacedGrid(
      ValueGrid(width: 1, height: 1, values: [7]), square, width: 3, height: 3)
    #expect(one.bilinear(x: 2, y: 0) == 7)
  }

  @Test func overlaysAreMixedWithGrey() {
    let photo = Image(width: 40, height: 40, red: 200, green: 100, blue: 0)
    let grid = ValueGrid(width: 1, height: 1, values: [1])
    let map = HeatMap(range: 0...1)
    let top = ColorMap.sequential.colors[255]
    let grey = 0.299 * 200 + 0.587 * 100
    func expected(_ opacity: Double) -> [UInt8] {
      [top.red, top.green, top.blue].map {
        UInt8((grey + (Double($0) - grey) * opacity).rounded())
      }
    }
    for opacity in [0, 0.25, 1] {
      let picture = map.overlay(of: grid, placement: square, on: photo, opacity: opacity)
      #expect(Array(picture.pixels[..<3]) == expected(opacity))
    }
    let half = map.overlay(of: grid, placement: square, on: Image(width: 3, height: 9))
    #expect(half.width == 3 && half.height == 9)
  }

  /// The letterbox's margin is cells of its own or parts of the border's cells.
  @Test func cellsInImage() {
    let placement = ImagePlacement(
      imageWidth: 500, imageHeight: 375, inputWidth: 416, inputHeight: 416, mode: .letterbox)
    // 312 rows from row 52 on; cells of 32 rows from 1.625 to 11.375.
    let cells = PlacedGrid.cellsInImage(placement, width: 13, height: 13)
    #expect(cells.columns == 0..<13 && cells.rows == 1..<12)
    let exact = PlacedGrid.cellsInImage(placement, width: 8, height: 8)
    #expect(exact.rows == 1..<7)
  }
}
