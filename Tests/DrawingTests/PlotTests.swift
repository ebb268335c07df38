import Detection
import Evaluation
import Foundation
import Images
import TestSupport
import Testing

@testable import Drawing
@testable import Geometry

@Suite struct PlotTests {
  private func plot(_ points: [Point], _ name: String = "a") -> LinePlot {
    LinePlot(
      title: "title", xLabel: "x", yLabel: "y",
      series: [.init(name: name, points: points, color: Color(hex: 0xFF0000))])
  }

  /// FNV-1a of the pixels.
  private func hash(_ image: Image) -> UInt64 {
    image.pixels.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Rows and columns of pixels that are closer to red than to anything else.
  private func redPixels(_ image: Image) -> [(x: Int, y: Int)] {
    (0..<image.height).flatMap { y in
      (0..<image.width).compactMap { x in
        let pixel = image[x, y]
        return pixel.red > 200 && pixel.green < 80 && pixel.blue < 80 ? (x, y) : nil
      }
    }
  }

  @Test func aSmallPlotNeverChanges() {
    let image = plot([Point(0, 0), Point(1, 2), Point(2, 1)]).image(width: 160, height: 120)
    #expect(hash(image) == 2_143_926_026_878_717_290)
  }

  @Test func curvesGoThroughTheirPoints() {
    var plot = plot([Point(0, 0), Point(10, 10)])
    plot.legend = .hidden
    let image = plot.image(width: 400, height: 300)
    let layout = PlotLayout(
      plot, frame: Box(left: 0, top: 0, right: 400, bottom: 300))
    for value in [1.0, 5, 9] {
      let place = layout.place(Point(value, value))
      #expect(image[Int(place.x), Int(place.y)].green < 120)
    }
    #expect(
      layout.place(Point(0, 0)) == Point(Double(layout.area.left), Double(layout.area.bottom)))
    #expect(
      layout.place(Point(10, 10)) == Point(Double(layout.area.right), Double(layout.area.top)))
  }

  @Test func bothAxesMayBeLogarithmic() {
    var plot = plot([Point(1e-4, 1), Point(1, 100), Point(0, 5)])
    (plot.xScale, plot.yScale) = (.logarithmic, .logarithmic)
    let layout = PlotLayout(plot, frame: Box(left: 0, top: 0, right: 400, bottom: 300))
    let middle = layout.place(Point(1e-2, 10))
    #expect(abs(middle.x - Double(layout.area.centerX)) < 1e-6)
    #expect(abs(middle.y - Double(layout.area.centerY)) < 1e-6)
    #expect(layout.x.ticks.map(\.value).allSatisfy { $0 >= 0.9e-4 && $0 <= 1.1 })
    #expect(layout.x.ticks.count == 5 && layout.place(Point(0, 5)).x.isNaN)
  }

  /// Upright lines stand at the marked rates, over the whole height.
  @Test func ratesAreMarked() {
    let updates = (0..<50).map { index in
      let rate = pow(10, Double(index) / 7 - 6)
      return RatePlot.Update(rate: rate, loss: 2 + rate, smoothed: 2 + rate)
    }
    let rates = RatePlot(
      title: "t", points: updates, marks: [.init(name: "steepest descent", rate: 1e-3)])
    #expect(rates.plot.xScale == .logarithmic && rates.plot.yScale == .linear)
    #expect(
      rates.plot.series.map(\.name) == ["single updates", "smoothed loss", "steepest descent"])
    let image = rates.image(width: 400, height: 300)
    let layout = PlotLayout(rates.plot, frame: Box(left: 0, top: 0, right: 400, bottom: 300))
    let column = Int(layout.place(Point(1e-3, 3)).x)
    let red = redPixels(image).filter { abs($0.x - column) <= 1 && Float($0.y) > layout.area.top }
    #expect(Float(Set(red.map(\.y)).count) > 0.7 * layout.area.height)
    // What spans more than a factor of ten has a logarithmic axis.
    let wide = RatePlot(
      title: "", points: updates.map { .init(rate: $0.rate, loss: 1, smoothed: 1 + 1e3 * $0.rate) },
      marks: [])
    #expect(wide.plot.yScale == .logarithmic)
  }

  @Test func curvesStayInsideTheirFrame() {
    var plot = plot((0...50).map { Point(Double($0), $0 % 2 == 0 ? -1e6 : 1e6) })
    plot.yRange = 0...1
    plot.xRange = 10...20
    plot.legend = .hidden
    let layout = PlotLayout(plot, frame: Box(left: 0, top: 0, right: 300, bottom: 200))
    let red = redPixels(plot.image(width: 300, height: 200))
    #expect(!red.isEmpty)
    for (x, y) in red {
      #expect(Float(x) >= layout.area.left - 3 && Float(x) <= layout.area.right + 3)
      #expect(Float(y) >= layout.area.top - 3 && Float(y) <= layout.area.bottom + 3)
    }
  }

  @Test(arguments: [
    [], [Point(3, 4)], [Point(.nan, 1), Point(1, .infinity)], [Point(0, 0), Point(0, 0)],
    [Point(1e300, -1e300), Point(-1e300, 1e300)], [Point(1e-300, 0), Point(0, 1e-300)],
    [Point(1, 5), Point(2, -5), Point(3, 0)],
  ])
  func anyPointsCanBeDrawn(_ points: [Point]) {
    for scale in [LinePlot.Scale.linear, .logarithmic] {
      for (width, height) in [(300, 200), (60, 40), (1, 1)] {
        var plot = plot(points)
        plot.yScale = scale
        plot.series[0].hasMarkers = true
        #expect(plot.image(width: width, height: height).width == width)
      }
    }
  }

  @Test func legendsAvoidTheCurves() {
    // A falling curve leaves the upper right free, a rising one the upper left.
    let falling = (0...99).map { Point(Double($0), Double(100 - $0)) }
    let rising = (0...99).map { Point(Double($0), Double($0)) }
    for (points, isRight) in [(falling, true), (rising, false)] {
      let image = plot(points, "name").image(width: 400, height: 300)
      let frames = (0..<image.width).filter { image[$0, 45] == (0xAA, 0xAA, 0xAA) }
      #expect(frames.count == 2)
      #expect(frames.allSatisfy { ($0 > 200) == isRight })
    }
  }

  @Test func ticksAreRoundNumbers() {
    #expect(AxisTicks.linear(0...1, count: 10).map(\.label).prefix(3) == ["0", "0.1", "0.2"])
    #expect(AxisTicks.linear(0...1, count: 10).last?.label == "1.0")
    #expect(AxisTicks.linear(-3...7, count: 5).map(\.label) == ["-2", "0", "2", "4", "6"])
    #expect(AxisTicks.linear(0...30000, count: 6).map(\.label).last == "30k")
    #expect(
      AxisTicks.linear(0...2_000_000, count: 4).map(\.label)
        == ["0", "500k", "1.0M", "1.5M", "2.0M"])
    #expect(AxisTicks.linear(0.001...0.0035, count: 5).first?.label == "0.0010")
    #expect(AxisTicks.logarithmic(1...1000).map(\.label).last == "1k")
    #expect(AxisTicks.logarithmic(0.5...20).map(\.label) == ["0.5", "1", "2", "5", "10", "20"])
    #expect(AxisTicks.logarithmic(1e-8...1e8).count <= 10)
  }

  @Test func gridsHoldTheirPlots() {
    let grid = PlotGrid([plot([]), plot([]), plot([])], columns: 2, title: "all")
    #expect(grid.rows == 2)
    let image = grid.image(cellWidth: 120, cellHeight: 90)
    #expect(image.width == 240 && image.height == 212)
    #expect(PlotGrid([], columns: 3).image(cellWidth: 10).height == 1)
  }

  @Test func precisionRecallPlotsShowTheClassesThatHaveObjects() throws {
    let box = Box(left: 0, top: 0, right: 10, bottom: 10)
    let image = EvaluatedImage(
      id: "a",
      objects: [0, 2].map { GroundTruth(box: box, classIndex: $0) },
      detections: (0..<3).map {
        Detection(box: box, classIndex: $0, confidence: 0.5, objectness: 1)
      } + [
        Detection(
          box: Box(left: 50, top: 0, right: 60, bottom: 10), classIndex: 2, confidence: 0.9,
          objectness: 1)
      ])
    let evaluation = try VOCEvaluation(
      images: [image], classNames: ["dog", "none", "person"], rule: .area)
    let plot = PrecisionRecallPlot(evaluation, title: "test")
    #expect(plot.overview.series.map(\.name) == ["dog    100.0", "person 50.0"])
    #expect(plot.overview.title == "test: mAP 75.0% (VOC2012, area, IoU >= 0.5)")
    #expect(plot.overview.series[1].points == [Point(0, 0), Point(0, 0), Point(1, 0.5)])
    #expect(plot.classPlots.map(\.title) == ["dog 100.0", "person 50.0"])
    #expect(plot.overview.series[1].color == Palette.plotColor(2))
    let picture = plot.image()
    #expect(picture.width == 1200 && picture.height == 940)
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "curves.png")
      try picture.writePNG(to: file)
      #expect(try Image.read(file) == picture)
    }
    let empty = try VOCEvaluation(images: [], classNames: ["dog"], rule: .elevenPoint)
    #expect(PrecisionRecallPlot(empty).overview.title.hasPrefix("mAP n/a"))
    #expect(PrecisionRecallPlot(empty).image().height == 640)
  }
}
