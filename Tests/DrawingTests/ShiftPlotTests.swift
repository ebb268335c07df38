import Detection
import Drawing
import Evaluation
import Geometry
import Images
import Testing

@Suite struct ShiftPlotTests {
  private func row(_ name: String?, _ severity: Int, bald: Float?) throws -> ShiftReport.Row {
    let box = Box(left: 0, top: 0, right: 10, bottom: 10)
    let found = Detection(
      box: box, classIndex: 0, confidence: 0.75, objectness: 0.75,
      uncertainty: bald.map {
        DetectionUncertainty(bald: $0, entropy: 1, objectnessMean: 0, objectnessVariance: 1)
      })
    let measures = try ShiftReport.Measures(
      images: [
        EvaluatedImage(
          id: "a", objects: [GroundTruth(box: box, classIndex: 0)],
          detections: severity == 5 ? [] : [found])
      ], classNames: ["thing"])
    guard let name else { return ShiftReport.Row(undisturbed: measures) }
    return ShiftReport.Row(
      corruption: name, severity: severity, parameter: 1, parameterName: "sigma",
      measures: measures)
  }

  @Test func curvesBeginWithTheImagesAsTheyAre() throws {
    let plot = ShiftPlot(
      ShiftReport(
        imageCount: 1,
        rows: [
          try row(nil, 0, bald: 0.125), try row("blur", 2, bald: 0.25),
          try row("blur", 5, bald: 0.25), try row("jpeg", 1, bald: 0.5),
        ], subject: .detections(floor: 0.05)))
    #expect(plot.precision.series.map(\.name) == ["blur", "jpeg"])
    #expect(plot.precision.series[0].points.map(\.x) == [0, 2, 5])
    #expect(plot.precision.series[0].points.map(\.y) == [1, 1, 0])
    let uncertainty = try #require(plot.uncertainty)
    #expect(uncertainty.series[1].points.map(\.y) == [0.125, 0.5])
    // Nothing was found: no point.
    #expect(uncertainty.series[0].points[2].y.isNaN)
    // All is right with a confidence of .75.
    #expect(plot.calibration.series[1].points.map(\.y) == [0.25, 0.25])
    #expect(plot.confidence.series[1].points.map(\.y) == [0.75, 0.75])
    #expect(plot.plots.map(\.yLabel).count == 4 && plot.precision.series[0].band == nil)
    let image = plot.image()
    #expect(image.width == 1500 && image.height == 1000)
  }

  @Test func intervalsAreBands() throws {
    let box = Box(left: 0, top: 0, right: 10, bottom: 10)
    let images = (0..<8).map { index in
      EvaluatedImage(
        id: "\(index)", objects: [GroundTruth(box: box, classIndex: 0)],
        detections: index < 6
          ? [Detection(box: box, classIndex: 0, confidence: 0.75, objectness: 0.75)] : [])
    }
    let measures = try ShiftReport.Measures(
      images: images, classNames: ["thing"], options: .init(bootstrap: Bootstrap(draws: 50)))
    let plot = ShiftPlot(
      ShiftReport(
        imageCount: 8,
        rows: [
          .init(undisturbed: measures),
          .init(
            corruption: "blur", severity: 1, parameter: 1, parameterName: "sigma",
            measures: measures),
        ],
        subject: .detections(floor: 0.05))
    ).precision
    let interval = try #require(measures.accuracy.last?.interval)
    #expect(interval.lower < 0.75 && interval.upper > 0.75)
    #expect(
      plot.series[0].band == [
        .init(interval.lower, interval.upper), .init(interval.lower, interval.upper),
      ])
  }

  @Test func plainNetworksShowTheirConfidence() throws {
    let plot = ShiftPlot(
      ShiftReport(
        imageCount: 1, rows: [try row("blur", 1, bald: nil)], subject: .detections(floor: 0.05)))
    #expect(plot.uncertainty == nil && plot.plots.count == 3)
    #expect(plot.confidence.series[0].points.map(\.y) == [0.75])
    #expect(
      ShiftPlot(ShiftReport(imageCount: 1, rows: [], subject: .detections(floor: 0))).image().width
        == 1500)
  }
}
