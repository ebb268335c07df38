import Evaluation
import Geometry
import Images
import Keypoints
import Testing

@testable import Drawing

@Suite struct KeypointPlotTests {
  /// Ten persons with a torso of 100 pixels: the left knee of person i is i pixels off and as certain as
  /// that is little, the right knee twice as far, shoulders and hips are right.
  private func samples(_ score: Float = 1) throws -> [JudgedKeypoints] {
    let layout = try KeypointLayout(
      names: ["left shoulder", "right hip", "left knee", "right knee", "tail"], pairs: [(2, 3)])
    return (0..<10).map { index in
      let places = [(0.0, 0.0), (60, 80), (20, 20), (40, 40)]
      let points = places.enumerated().map {
        LabelledKeypoint(index: $0.offset, position: Point($0.element.0, $0.element.1))
      }
      let off = [0.0, 0, 4 * Double(index), 8 * Double(index), 0]
      let found = layout.names.indices.map { joint in
        let (x, y) = joint < 4 ? places[joint] : (0, 0)
        return FoundKeypoint(
          index: joint, position: Point(x + off[joint], y),
          score: score * Float(1 - off[joint] / 100))
      }
      return JudgedKeypoints(
        id: "\(index)", truth: KeypointTruth(layout: layout, points: points), found: found)
    }
  }

  @Test func aCurveForEachPairAndTheMean() throws {
    let errors = try KeypointErrors(samples(), reference: .torso)
    let plot = PCKPlot(errors).plot
    // Nobody has a tail.
    #expect(
      plot.series.map { $0.name.split(separator: "  ").first.map(String.init) } == [
        "left shoulder", "right hip", "knee", "mean of joints 72.5",
      ])
    let knee = plot.series[2].points
    #expect(knee.count == 50 && knee[0].x == 0.01 && knee[49].x == 0.5)
    // At .2: 0, 4, ... 20 of the left, 0, 8, 16 of the right.
    #expect(abs(knee[19].x - 0.2) < 1e-12 && abs(knee[19].y - 0.45) < 1e-12)
    #expect(knee[0].y == 0.1 && abs(knee[49].y - 0.85) < 1e-12)
    let mean = plot.series[3].points
    #expect(abs(mean[19].y - (1 + 1 + 0.6 + 0.3) / 4) < 1e-12)
    #expect(plot.xRange == 0...0.5 && plot.yRange == 0...1)
    #expect(plot.xLabel == "error / torso (left shoulder to right hip)")
    let image = PCKPlot(errors, title: "a run").image()
    #expect(image.width == 900 && image.height == 600)
    let few = PCKPlot(
      KeypointScores(errors, thresholds: [0.3, 0.6]), reference: .torso
    ).plot
    #expect(few.series[0].points.map(\.x) == [0.3, 0.6] && few.title.hasSuffix("at 0.3"))
    #expect(few.xRange == 0...0.6)
  }

  @Test func reportsHaveReliabilityAndRisk() throws {
    let report = try KeypointReport(joints: samples())
    let plot = try #require(ReliabilityPlot(report))
    let measured = try #require(plot.curve.series.last)
    // Above .8 all are right: errors below 20 pixels.
    let last = try #require(measured.points.last)
    #expect(last.x > 0.9 && last.y == 1)
    #expect(measured.points.first.map { $0.y } == 0)
    #expect(plot.curve.title.hasPrefix("40 keypoints: ECE "))
    #expect(plot.histogram.yLabel == "share of keypoints")
    let risk = try #require(RiskCoveragePlot(report)).plot
    let end = try #require(risk.series.last?.points.last)
    // Four left and seven right knees of 40 are wrong.
    #expect(end.x == 1 && abs(end.y - 11.0 / 40) < 1e-12)
    let perfect = try #require(risk.series.first?.points.last)
    #expect(perfect.x == 1 && abs(perfect.y - 11.0 / 40) < 1e-12)
    #expect(risk.series.count == 2 && risk.xLabel == "share of keypoints that is kept")
    #expect(risk.title == "40 keypoints")
    // Heights that are no probabilities have no diagram.
    #expect(ReliabilityPlot(try KeypointReport(joints: samples(2))) == nil)
  }
}
