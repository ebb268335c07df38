import Foundation
import Images
import Testing

@testable import Drawing
@testable import Geometry

@Suite struct VectorCanvasTests {
  private func plot(_ points: [Point]) -> LinePlot {
    LinePlot(
      title: "a < b", xLabel: "x", yLabel: "y",
      series: [.init(name: "curve", points: points, color: Palette.plotColor(1))],
      xRange: 0...10, yRange: 0...10)
  }

  /// The same layout as on pixels: the path runs through the places of the points.
  @Test func curvesGoThroughTheirPoints() {
    let plot = plot([Point(0, 0), Point(5, 10), Point(.nan, 1), Point(10, 5)])
    let layout = PlotLayout(plot, frame: Box(left: 0, top: 0, right: 400, bottom: 300))
    func text(_ point: Point) -> String {
      let place = layout.place(point)
      return [place.x, place.y].map {
        let text = String(format: "%.1f", $0)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
      }.joined(separator: " ")
    }
    let svg = plot.vector(width: 400, height: 300).svg(describedAs: "what \"it\" shows")
    // A point that is not finite lifts the pen; a lone point is a dot.
    #expect(
      svg.contains(
        "d=\"M\(text(Point(0, 0)))h0L\(text(Point(5, 10)))M\(text(Point(10, 5)))h0\""), "\(svg)")
    #expect(svg.contains("viewBox=\"0 0 400 300\"") && svg.contains("a &lt; b"))
    #expect(svg.contains("aria-label=\"what &quot;it&quot; shows\""))
  }

  /// Ink and ground are the page's; a curve's colour may be defined anew for a dark one.
  @Test func coloursFollowThePage() {
    let svg = plot([Point(0, 0), Point(5, 5)]).vector(width: 300, height: 200).svg(describedAs: "")
    for variable in ["var(--ink)", "var(--ground)", "var(--line)", "var(--c0000ff,#0000ff)"] {
      #expect(svg.contains(variable), "\(variable)")
    }
    #expect(!svg.contains("#222222") && !svg.contains("#ffffff"))
    let dark = VectorCanvas.darkColors
    #expect(dark.components(separatedBy: "--c").count == 1 + Palette.plotColors.count)
    #expect(Palette.plotColors.allSatisfy { $0.lightened(to: 0.55).lightness > 0.54 })
    #expect(Color.white.lightened(to: 0.55) == .white)
    // A quarter of the way to white, from 128 to 159.75.
    #expect(Color(hex: 0x808080).lightened(to: 0.62647) == Color(hex: 0xA0A0A0))
  }

  @Test func bandsLieBetweenTheirEnds() {
    var plot = plot([Point(0, 5), Point(5, 5), Point(10, 5)])
    plot.legend = .hidden
    plot.series[0].band = [.init(2, 8), .init(2, 8), .none]
    let layout = PlotLayout(plot, frame: Box(left: 0, top: 0, right: 400, bottom: 300))
    let image = plot.image(width: 400, height: 300)
    func isTinted(_ x: Double, _ y: Double) -> Bool {
      let place = layout.place(Point(x, y))
      let pixel = image[Int(place.x), Int(place.y)]
      return pixel.blue == 255 && pixel.red < 250 && pixel.red > 150
    }
    #expect(isTinted(2.3, 7.7) && isTinted(2.3, 2.3) && isTinted(4.6, 3.3))
    #expect(!isTinted(2.3, 8.4) && !isTinted(2.3, 1.5) && !isTinted(7.3, 6.2))
    let svg = plot.vector(width: 400, height: 300).svg(describedAs: "")
    #expect(svg.components(separatedBy: "fill-opacity").count == 2)
    // What an interval reaches belongs to the range of an axis that shows everything.
    plot.yRange = nil
    plot.series[0].band = [.init(-20, 40), .none, .none]
    let wide = PlotLayout(plot, frame: Box(left: 0, top: 0, right: 400, bottom: 300))
    #expect(wide.y.range.lowerBound <= -20 && wide.y.range.upperBound >= 40)
  }
}
