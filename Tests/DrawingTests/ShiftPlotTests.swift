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
    #expect(plot.uncertainty.series[1].points.map(\.y) == [0.125, 0.5])
    // Nothing was found: no point.
    #expect(plot.uncertainty.series[0].points[2].y.isNaN)
    let image = plot.image()
    #expect(image.width == 1500 && image.height == 550)
  }

  @Test func plainNetworksShowTheirConfidence() throws {
    let plot = ShiftPlot(
      ShiftReport(
        imageCount: 1, rows: [try row("blur", 1, bald: nil)], subject: .detections(floor: 0.05)))
    #expect(plot.uncertainty.yLabel == "1 - mean confidence of detections")
    #expect(plot.uncertainty.series[0].points.map(\.y) == [0.25])
    #expect(
      ShiftPlot(ShiftReport(imageCount: 1, rows: [], subject: .detections(floor: 0))).image().width
        == 1500)
  }
}
