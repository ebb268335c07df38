import Detection
import Drawing
import Evaluation
import Geometry
import Images
import Testing

@Suite struct TrustPlotTests {
  /// One right detection per image at 0.8, every other image has a wrong one at 0.3.
  private func report(_ confidence: Float = 0.8) throws -> TrustReport {
    let box = Box(left: 10, top: 10, right: 50, bottom: 50)
    let images = (0..<10).map { index in
      var detections = [
        Detection(
          box: box, classIndex: 0, confidence: confidence, objectness: 1,
          uncertainty: DetectionUncertainty(
            bald: 0.1, entropy: 0.5, objectnessMean: 0.9, objectnessVariance: 0.01))
      ]
      if index % 2 == 0 {
        detections.append(
          Detection(
            box: box.transformed(scaleX: 1, scaleY: 1, offsetX: 100), classIndex: 0,
            confidence: 0.3, objectness: 1,
            uncertainty: DetectionUncertainty(
              bald: 0.4, entropy: 0.9, objectnessMean: 0.5, objectnessVariance: 0.2)))
      }
      return EvaluatedImage(
        id: "\(index)", objects: [GroundTruth(box: box, classIndex: 0)], detections: detections)
    }
    return try TrustReport(images: images, classNames: ["a"])
  }

  @Test func reliabilityHasAPointPerFilledBin() throws {
    let plot = try #require(ReliabilityPlot(try report()))
    let measured = try #require(plot.curve.series.last)
    #expect(measured.points.count == 2)
    #expect(abs(measured.points[0].x - 0.3) < 1e-6 && measured.points[0].y == 0)
    #expect(abs(measured.points[1].x - 0.8) < 1e-6 && measured.points[1].y == 1)
    let heights = plot.histogram.series[0].points.map(\.y)
    #expect(abs((heights.max() ?? 0) - 10.0 / 15) < 1e-12)
    let image = plot.image()
    #expect(image.width == 900 && image.height == 960)
    // Confidences that are no probabilities have no diagram.
    #expect(ReliabilityPlot(try report(1.5)) == nil)
  }

  @Test func riskCoverageHasACurvePerScore() throws {
    let plot = try #require(RiskCoveragePlot(try report())).plot
    // What a network with a Bayesian branch alone knows.
    let unknown: [UncertaintyScore] = [.probability, .expectedIoU, .confidenceAndExpectedIoU]
    #expect(
      plot.series.count
        == 1 + UncertaintyScore.ofDetections.count { $0.ranked == nil && !unknown.contains($0) })
    for series in plot.series {
      let last = try #require(series.points.last)
      #expect(abs(last.x - 1) < 1e-12 && abs(last.y - 1.0 / 3) < 1e-12, "\(series.name)")
    }
    let perfect = plot.series[0].points
    #expect(abs(perfect[0].x - 2.0 / 3) < 1e-12 && perfect[0].y == 0)
    #expect(plot.series.contains { $0.name.hasPrefix("BALD ") })
    let empty = try TrustReport(images: [], classNames: ["a"])
    #expect(RiskCoveragePlot(empty) == nil && ReliabilityPlot(empty) == nil)
  }
}
