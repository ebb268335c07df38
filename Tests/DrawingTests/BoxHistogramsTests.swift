import Drawing
import Geometry
import Images
import Testing

@Suite struct BoxHistogramsTests {
  private func box(_ width: Float, _ height: Float) -> Box {
    Box(left: 5, top: 5, right: 5 + width, bottom: 5 + height)
  }

  @Test func boxesAreCountedByTheirSizeAndAspect() throws {
    let histograms = BoxHistograms([
      (name: "wide", boxes: [box(64, 16), box(66, 16.5), box(128, 32), box(0, 5)]),
      (name: "none", boxes: []), (name: "square", boxes: [box(10, 10)]),
    ])
    // Roots of areas 32, 33, 64 and 10; bins of half an octave from 2^3 on.
    let sizes = histograms.sizes
    #expect(sizes.series.map(\.name) == ["wide (3)", "square (1)"])
    func count(_ plot: LinePlot, _ series: Int, at x: Double) -> Double? {
      let points = plot.series[series].points
      return zip(points, points.dropFirst()).first { $0.x <= x && x < $1.x && $0.y == $1.y }?.0.y
    }
    #expect(count(sizes, 0, at: 32.5) == 2 && count(sizes, 0, at: 64.5) == 1)
    #expect(count(sizes, 0, at: 50) == 0 && count(sizes, 1, at: 10) == 1)
    #expect(count(histograms.aspects, 0, at: 4.1) == 3 && count(histograms.aspects, 1, at: 1) == 1)
    #expect(histograms.image().width == 1500)
  }

  @Test func manyClassesAreOneCurve() {
    let groups = (0..<9).map { (name: "\($0)", boxes: [box(10, 10)]) }
    #expect(BoxHistograms(groups).sizes.series.map(\.name) == ["all 9 classes (9)"])
    #expect(BoxHistograms([]).image().width == 1500)
  }
}
